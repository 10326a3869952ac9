//go:build js && wasm

package client

import (
	"syscall/js"

	"clexlab/wasm/wire/jobs"
)

// keep tells the service worker, where there is one, which weights the methods of
// a request run on, so that what was used once can be used without a network.
func (p *pool) keep(r jobs.Request) {
	for _, method := range r.Methods() {
		p.keepFor(method)
	}
}

func (p *pool) keepFor(method string) {
	t, ok := p.offer.Tuned[method]
	if !ok || p.kept[t.Weights] {
		return
	}
	p.kept[t.Weights] = true
	keeper := js.Global().Get("navigator").Get("serviceWorker")
	if !keeper.Truthy() {
		return
	}
	base := p.models() + "/"
	used := []any{base + t.Config, base + t.Weights}
	var then js.Func
	then = js.FuncOf(func(_ js.Value, args []js.Value) any {
		then.Release()
		args[0].Get("active").Call("postMessage", map[string]any{"keep": used})
		return nil
	})
	// It is ready some seconds after the first visit began, or never.
	keeper.Get("ready").Call("then", then)
}
