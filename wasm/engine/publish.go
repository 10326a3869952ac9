//go:build js && wasm

package main

import "syscall/js"

// publish makes data an address of this origin, which lives as long as this worker.
func publish(data []byte, mime string) string {
	bytes := js.Global().Get("Uint8Array").New(len(data))
	js.CopyBytesToJS(bytes, data)
	blob := js.Global().Get("Blob").New([]any{bytes}, map[string]any{"type": mime})
	return js.Global().Get("URL").Call("createObjectURL", blob).String()
}
