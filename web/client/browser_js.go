//go:build js && wasm

package client

import (
	"fmt"
	"syscall/js"
)

// hasSIMD asks the browser whether it knows WebAssembly's 128-bit vectors, by
// having it check a module of one function that uses them.
func hasSIMD() bool {
	module := []byte{
		0, 'a', 's', 'm', 1, 0, 0, 0, // magic, version
		1, 5, 1, 0x60, 0, 1, 0x7b, // one type: () -> v128
		3, 2, 1, 0, // one function of it
		10, 10, 1, 8, 0, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x62, 0x0b, // i32.const 0, i8x16.splat, i8x16.popcnt
	}
	bytes := js.Global().Get("Uint8Array").New(len(module))
	js.CopyBytesToJS(bytes, module)
	return js.Global().Get("WebAssembly").Call("validate", bytes).Bool()
}

// get fetches a small file.
func get(address string) ([]byte, error) {
	type outcome struct {
		data []byte
		err  error
	}
	done := make(chan outcome, 1)
	bad := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- outcome{err: fmt.Errorf("%s: %s", address, args[0].Get("message").String())}
		return nil
	})
	read := js.FuncOf(func(_ js.Value, args []js.Value) any {
		bytes := js.Global().Get("Uint8Array").New(args[0])
		data := make([]byte, bytes.Get("byteLength").Int())
		js.CopyBytesToGo(data, bytes)
		done <- outcome{data: data}
		return nil
	})
	good := js.FuncOf(func(_ js.Value, args []js.Value) any {
		if !args[0].Get("ok").Bool() {
			done <- outcome{err: fmt.Errorf("%s is missing (HTTP %d)", address, args[0].Get("status").Int())}
			return nil
		}
		return args[0].Call("arrayBuffer").Call("then", read, bad)
	})
	defer bad.Release()
	defer read.Release()
	defer good.Release()
	js.Global().Call("fetch", address).Call("then", good, bad)
	o := <-done
	return o.data, o.err
}

// adoptFile copies a file that a worker published into an address of this document, which
// outlives the worker.
func adoptFile(address string) (string, error) {
	data, err := get(address)
	if err != nil {
		return "", err
	}
	bytes := js.Global().Get("Uint8Array").New(len(data))
	js.CopyBytesToJS(bytes, data)
	return js.Global().Get("URL").Call("createObjectURL", js.Global().Get("Blob").New([]any{bytes})).String(), nil
}
