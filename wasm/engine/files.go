//go:build js && wasm

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall/js"
	"time"

	"clexlab/wasm/engine/work"
	"clexlab/wasm/wire"
	"clexlab/wasm/wire/jobs"
)

// folder is the files of a model, each at an address, as a file system that reads them as they come.
type folder struct {
	ctx   context.Context
	files []jobs.File
}

func openFiles(ctx context.Context, files []jobs.File) fs.FS { return folder{ctx, files} }

// Open implements fs.FS.
func (f folder) Open(name string) (fs.File, error) {
	if name == "." {
		return &top{entry: entry{jobs.File{Name: "."}}, left: f.files}, nil
	}
	for _, one := range f.files {
		if one.Name == name {
			return &remote{entry: entry{one}, ctx: f.ctx}, nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// Stat implements fs.StatFS, so that asking whether a file is there opens none.
func (f folder) Stat(name string) (fs.FileInfo, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	return file.Stat()
}

// entry is what is known of a file.
type entry struct{ jobs.File }

func (e entry) Name() string               { return e.File.Name }
func (e entry) Size() int64                { return e.File.Size }
func (e entry) Mode() fs.FileMode          { return 0o444 }
func (e entry) Type() fs.FileMode          { return 0 }
func (e entry) ModTime() time.Time         { return time.Time{} }
func (e entry) IsDir() bool                { return e.File.Name == "." }
func (e entry) Sys() any                   { return nil }
func (e entry) Stat() (fs.FileInfo, error) { return e, nil }
func (e entry) Info() (fs.FileInfo, error) { return e, nil }

// top is the folder itself.
type top struct {
	entry
	left []jobs.File
}

func (t *top) Read([]byte) (int, error) { return 0, errors.New("a folder") }
func (t *top) Close() error             { return nil }

// ReadDir implements fs.ReadDirFile.
func (t *top) ReadDir(n int) (out []fs.DirEntry, err error) {
	for len(t.left) > 0 && (n <= 0 || len(out) < n) {
		out, t.left = append(out, entry{t.left[0]}), t.left[1:]
	}
	if n > 0 && len(out) == 0 {
		err = io.EOF
	}
	return out, err
}

// remote is a file that is fetched when it is first read; never more of it is held than what came last.
type remote struct {
	entry
	ctx    context.Context
	reader js.Value
	chunk  js.Value
	at     int
}

// Read implements io.Reader.
func (r *remote) Read(p []byte) (int, error) {
	if r.reader.IsUndefined() {
		response, err := wire.Await(r.ctx, js.Global().Call("fetch", r.Address))
		if err != nil {
			return 0, fmt.Errorf("%s could not be read: %w", r.File.Name, err)
		}
		if !response.Get("ok").Bool() {
			return 0, fmt.Errorf("%s is missing (HTTP %d)", r.File.Name, response.Get("status").Int())
		}
		r.reader = response.Get("body").Call("getReader")
	}
	for r.chunk.IsUndefined() || r.at == r.chunk.Get("byteLength").Int() {
		part, err := wire.Await(r.ctx, r.reader.Call("read"))
		if err != nil {
			return 0, fmt.Errorf("%s could not be read on: %w", r.File.Name, err)
		}
		if part.Get("done").Bool() {
			return 0, io.EOF
		}
		r.chunk, r.at = part.Get("value"), 0
	}
	n := min(len(p), r.chunk.Get("byteLength").Int()-r.at)
	js.CopyBytesToGo(p[:n], r.chunk.Call("subarray", r.at, r.at+n))
	r.at += n
	return n, nil
}

// Close implements fs.File: what was not read is not fetched.
func (r *remote) Close() error {
	if !r.reader.IsUndefined() {
		r.reader.Call("cancel")
	}
	return nil
}

// blob is a file that grows outside of the program's memory.
type blob struct {
	parts js.Value
	size  int64
}

func newFile() work.OutFile { return &blob{parts: js.Global().Get("Array").New()} }

// Write implements io.Writer. Each part is a blob of its own, which a browser may put on disk.
func (b *blob) Write(p []byte) (int, error) {
	bytes := js.Global().Get("Uint8Array").New(len(p))
	js.CopyBytesToJS(bytes, p)
	b.parts.Call("push", js.Global().Get("Blob").New([]any{bytes}))
	b.size += int64(len(p))
	return len(p), nil
}

// Close implements work.OutFile.
func (b *blob) Close(kind string) (string, int64) {
	whole := js.Global().Get("Blob").New(b.parts, map[string]any{"type": kind})
	return js.Global().Get("URL").Call("createObjectURL", whole).String(), b.size
}
