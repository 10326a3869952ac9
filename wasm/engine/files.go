//go:build js && wasm

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"syscall/js"
	"time"

	"clexlab/wasm/engine/work"
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

// remote is a file that is fetched when it is first read.
type remote struct {
	entry
	ctx  context.Context
	body io.ReadCloser
}

// Read implements io.Reader.
func (r *remote) Read(p []byte) (int, error) {
	if r.body == nil {
		if r.Difference == nil {
			r.body = kept.open(r.ctx, r.File.Name, r.Address)
		} else if err := r.join(); err != nil {
			return 0, err
		}
	}
	return r.body.Read(p)
}

// join holds the whole file, one of those that ship.
func (r *remote) join() error {
	return tryWays(r.ctx, r.Difference, func(w way) error {
		data, err := w.weights(r.ctx, r.Address, r.File.Size, r.Difference, nil)
		if err == nil {
			r.body = io.NopCloser(bytes.NewReader(data))
		}
		return err
	})
}

// Close implements fs.File: what was not read is not fetched.
func (r *remote) Close() error {
	if r.body == nil {
		return nil
	}
	return r.body.Close()
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
