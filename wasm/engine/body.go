//go:build js && wasm

package main

import (
	"context"
	"fmt"
	"io"
	"path"
	"syscall/js"

	"clexlab/wasm/wire"
)

// body is a file that is on its way, read as it comes; never more of it is held than what came last.
type body struct {
	ctx context.Context
	// name is what errors call it; answer is a promise of it, inflated has the browser unpack what comes, which takes a tenth of what it would take here.
	name     string
	answer   js.Value
	inflated bool
	reader   js.Value
	chunk    js.Value
	at       int
}

// open asks for a file.
func (s source) open(ctx context.Context, name, address string) *body {
	b := &body{ctx: ctx, name: name, answer: js.Global().Call("fetch", address, map[string]any{"cache": string(s)})}
	b.answer.Call("catch", js.Global().Get("Boolean")) // any function: whoever reads it sees what is wrong
	return b
}

// inTree is a file's name with that of its folder, which tells weights apart.
func inTree(address string) string {
	return path.Join(path.Base(path.Dir(address)), path.Base(address))
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if b.reader.IsUndefined() {
		response, err := wire.Await(b.ctx, b.answer)
		if err != nil {
			return 0, fmt.Errorf("%s could not be read: %w", b.name, err)
		}
		if !response.Get("ok").Bool() {
			return 0, fmt.Errorf("%s is missing (HTTP %d)", b.name, response.Get("status").Int())
		}
		stream := response.Get("body")
		if b.inflated {
			stream = stream.Call("pipeThrough", js.Global().Get("DecompressionStream").New("gzip"))
		}
		b.reader = stream.Call("getReader")
	}
	for b.chunk.IsUndefined() || b.at == b.chunk.Get("byteLength").Int() {
		part, err := wire.Await(b.ctx, b.reader.Call("read"))
		if err != nil {
			return 0, fmt.Errorf("%s could not be read on: %w", b.name, err)
		}
		if part.Get("done").Bool() {
			return 0, io.EOF
		}
		b.chunk, b.at = part.Get("value"), 0
	}
	n := min(len(p), b.chunk.Get("byteLength").Int()-b.at)
	js.CopyBytesToGo(p[:n], b.chunk.Call("subarray", b.at, b.at+n))
	b.at += n
	return n, nil
}

// Close implements io.Closer: what was not read is not fetched.
func (b *body) Close() error {
	if !b.reader.IsUndefined() {
		b.reader.Call("cancel").Call("catch", js.Global().Get("Boolean"))
	}
	return nil
}
