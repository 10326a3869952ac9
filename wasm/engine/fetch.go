//go:build js && wasm

package main

import (
	"context"
	"fmt"
	"path"
	"slices"
	"syscall/js"

	"clexlab/wasm/wire"
)

// source is where files come from: what the browser keeps, if it keeps them, or anew from the server.
type source string

const (
	kept source = "default"
	anew source = "reload"
)

// fetch reads a file of the page's own origin and tells its progress in bytes; size is how many are expected, 0 if that is not known.
func (s source) fetch(ctx context.Context, address string, size int64, progress func(done int64)) ([]byte, error) {
	response, err := wire.Await(ctx, s.answer(address))
	if err != nil {
		return nil, fmt.Errorf("%s could not be fetched: %w", path.Base(address), err)
	}
	if !response.Get("ok").Bool() {
		return nil, fmt.Errorf("%s is missing (HTTP %d)", path.Base(address), response.Get("status").Int())
	}
	reader := response.Get("body").Call("getReader")
	out := make([]byte, 0, min(max(size, 0), 1<<28))
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
		out = slices.Grow(out, n)[:at+n]
		js.CopyBytesToGo(out[at:], value)
		if progress != nil {
			progress(int64(len(out)))
		}
	}
}

// answer is a promise of the server's answer: the loader may have asked already.
func (s source) answer(address string) js.Value {
	fetched := js.Global().Get("clexlabFetched")
	if early := fetched.Get(address); s == kept && early.Truthy() {
		fetched.Delete(address) // an answer is read once
		return early
	}
	return js.Global().Call("fetch", address, map[string]any{"cache": string(s)})
}

// begin fetches a file in the background; the function it returns waits for it.
func (s source) begin(ctx context.Context, address string) func() ([]byte, error) {
	type outcome struct {
		data []byte
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		data, err := s.fetch(ctx, address, 0, nil)
		done <- outcome{data, err}
	}()
	return func() ([]byte, error) { o := <-done; return o.data, o.err }
}
