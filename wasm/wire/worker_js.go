//go:build js && wasm

package wire

import "syscall/js"

// StartWorker starts a worker whose loader lies at an address, with the program of a name; compiled is that program as a
// worker before has compiled it and sent it, or nothing, and then the loader fetches it. Browsers that compile what runs
// often again do so once for all that share it.
func StartWorker(address, name string, compiled js.Value) js.Value {
	worker, options := js.Global().Get("Worker"), map[string]any{"name": name}
	if !compiled.Truthy() {
		return worker.New(address, options)
	}
	w := worker.New(address+"#compiled", options)
	w.Call("postMessage", map[string]any{"program": compiled})
	return w
}
