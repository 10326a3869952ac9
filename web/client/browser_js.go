//go:build js && wasm

package client

import (
	"fmt"
	"path"
	"syscall/js"
)

// hasSIMD asks the browser whether it knows WebAssembly's 128-bit vectors, by
// having it check simdModule.
func hasSIMD() bool {
	bytes := js.Global().Get("Uint8Array").New(len(simdModule))
	js.CopyBytesToJS(bytes, simdModule)
	return js.Global().Get("WebAssembly").Call("validate", bytes).Bool()
}

// get fetches a small file.
func get(address string) ([]byte, error) {
	answer, err := await(js.Global().Call("fetch", address))
	if err != nil {
		return nil, fmt.Errorf("%s could not be fetched: %w", path.Base(address), err)
	}
	if !answer.Get("ok").Bool() {
		return nil, fmt.Errorf("%s is missing (HTTP %d)", path.Base(address), answer.Get("status").Int())
	}
	buffer, err := await(answer.Call("arrayBuffer"))
	if err != nil {
		return nil, fmt.Errorf("%s could not be fetched: %w", path.Base(address), err)
	}
	bytes := js.Global().Get("Uint8Array").New(buffer)
	data := make([]byte, bytes.Get("byteLength").Int())
	js.CopyBytesToGo(data, bytes)
	return data, nil
}

// adoptFile makes a file that a worker published one at an address of this document, which outlives the worker.
func adoptFile(address string) (string, error) {
	answer, err := await(js.Global().Call("fetch", address))
	if err != nil {
		return "", err
	}
	blob, err := await(answer.Call("blob"))
	if err != nil {
		return "", err
	}
	return js.Global().Get("URL").Call("createObjectURL", blob).String(), nil
}
