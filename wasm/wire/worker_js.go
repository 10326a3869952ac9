//go:build js && wasm

package wire

import (
	"context"
	"syscall/js"
)

// StartWorker starts a worker whose loader lies at an address, with a program and its name; the program is compiled, or a promise of
// that. The worker begins when the promises of after are settled. Browsers that compile what runs often again do so once for all
// workers that share a program.
func StartWorker(address, name string, program js.Value, after ...js.Value) js.Value {
	worker := js.Global().Get("Worker").New(address, map[string]any{"name": name})
	settled := func(p js.Value) (js.Value, error) {
		return Await(context.Background(), js.Global().Get("Promise").Call("resolve", p))
	}
	go func() {
		for _, p := range after {
			_, _ = settled(p)
		}
		compiled, err := settled(program)
		if err != nil {
			worker.Call("postMessage", map[string]any{"failed": err.Error()})
			return
		}
		worker.Call("postMessage", map[string]any{"program": compiled})
	}()
	return worker
}

// CompileProgram compiles the program at an address while it comes: a promise.
func CompileProgram(address string) js.Value {
	return js.Global().Get("WebAssembly").Call("compileStreaming", js.Global().Call("fetch", address))
}
