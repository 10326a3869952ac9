//go:build js && wasm

package main

import (
	"context"
	"fmt"
	"syscall/js"

	"clexlab/wasm/wire"
)

// fetch reads a file of the page's own origin and tells its progress in bytes.
func fetch(ctx context.Context, address string, progress func(done int64)) ([]byte, error) {
	response, err := wire.Await(ctx, js.Global().Call("fetch", address))
	if err != nil {
		return nil, fmt.Errorf("%s could not be fetched: %w", address, err)
	}
	if !response.Get("ok").Bool() {
		return nil, fmt.Errorf("%s is missing (HTTP %d)", address, response.Get("status").Int())
	}
	reader := response.Get("body").Call("getReader")
	var out []byte
	for {
		part, err := wire.Await(ctx, reader.Call("read"))
		if err != nil {
			return nil, fmt.Errorf("%s broke off after %d bytes: %w", address, len(out), err)
		}
		if part.Get("done").Bool() {
			return out, nil
		}
		value := part.Get("value")
		n := value.Get("byteLength").Int()
		at := len(out)
		out = append(out, make([]byte, n)...)
		js.CopyBytesToGo(out[at:], value)
		if progress != nil {
			progress(int64(len(out)))
		}
	}
}

// begin fetches a file in the background; the function it returns waits for it.
func begin(ctx context.Context, address string) func() ([]byte, error) {
	type outcome struct {
		data []byte
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		data, err := fetch(ctx, address, nil)
		done <- outcome{data, err}
	}()
	return func() ([]byte, error) { o := <-done; return o.data, o.err }
}
