//go:build js && wasm

package gpu

import (
	"context"
	"fmt"
	"syscall/js"
)

// Alloc implements Driver.
func (g *webGPU) Alloc(ctx context.Context, sizes ...int) ([]Buffer, error) {
	if err := g.broken(); err != nil {
		return nil, err
	}
	usage := js.Global().Get("GPUBufferUsage")
	all := usage.Get("STORAGE").Int() | usage.Get("UNIFORM").Int() | usage.Get("COPY_DST").Int() | usage.Get("COPY_SRC").Int()
	g.device.Call("pushErrorScope", "out-of-memory")
	g.device.Call("pushErrorScope", "validation")
	out := make([]Buffer, len(sizes))
	total := 0
	for i, size := range sizes {
		out[i] = Buffer(g.counts.buffers)
		total += size
		g.buffers.SetIndex(g.counts.buffers, g.device.Call("createBuffer", map[string]any{"size": max(16, size), "usage": all}))
		g.counts.buffers++
	}
	// Both scopes are closed before anything is waited for.
	scopes := []js.Value{g.device.Call("popErrorScope"), g.device.Call("popErrorScope")}
	for i, kind := range []Kind{Invalid, Memory} {
		trouble, err := await(ctx, scopes[i])
		if err == nil && trouble.Truthy() {
			err = &Error{Kind: kind, Text: fmt.Sprintf("%d MB: %s", total>>20, trouble.Get("message").String())}
		}
		if err != nil {
			g.Free(out...)
			return nil, err
		}
	}
	return out, g.broken()
}

// Upload implements Driver.
func (g *webGPU) Upload(b Buffer, data []byte) {
	array := js.Global().Get("Uint8Array").New(len(data))
	js.CopyBytesToJS(array, data)
	g.device.Get("queue").Call("writeBuffer", g.buffers.Index(int(b)), 0, array)
}

// Free implements Driver.
func (g *webGPU) Free(list ...Buffer) {
	for _, b := range list {
		if v := g.buffers.Index(int(b)); v.Truthy() {
			v.Call("destroy")
			g.buffers.SetIndex(int(b), js.Null())
		}
	}
}
