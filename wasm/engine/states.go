//go:build js && wasm

package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"syscall/js"

	"clexlab/wasm/engine/work"
	"clexlab/wasm/wire"
	"clexlab/wasm/wire/jobs"
)

// storedStates are files in the origin's private file system.
type storedStates struct{ folder js.Value }

// openStates is nil where this browser has no such place that a worker can write to.
func openStates() work.States {
	manager := js.Global().Get("navigator").Get("storage")
	if !manager.Truthy() || manager.Get("getDirectory").IsUndefined() || js.Global().Get("FileSystemSyncAccessHandle").IsUndefined() {
		return nil
	}
	root, err := wire.Await(context.Background(), manager.Call("getDirectory"))
	if err != nil {
		return nil
	}
	folder, err := wire.Await(context.Background(), root.Call("getDirectoryHandle", jobs.TrainingFolder, map[string]any{"create": true}))
	if err != nil {
		return nil
	}
	return storedStates{folder}
}

// Write implements work.States.
func (s storedStates) Write(name string, write func(io.Writer) error) (int64, error) {
	handle, err := s.handle(name, true)
	if err != nil {
		return 0, err
	}
	access, err := wire.Await(context.Background(), handle.Call("createSyncAccessHandle"))
	if err != nil {
		return 0, err
	}
	out := &syncFile{access: access}
	access.Call("truncate", 0)
	err = write(out)
	access.Call("flush")
	access.Call("close")
	if err != nil {
		s.Remove(name)
		return 0, err
	}
	return out.size, nil
}

// syncFile writes at its end.
type syncFile struct {
	access js.Value
	size   int64
}

// Write implements io.Writer.
func (f *syncFile) Write(p []byte) (n int, err error) {
	defer func() {
		// A full disk is an exception of JavaScript's.
		if x := recover(); x != nil {
			n, err = 0, errors.New("there is no room for the state of a training")
		}
	}()
	bytes := js.Global().Get("Uint8Array").New(len(p))
	js.CopyBytesToJS(bytes, p)
	n = f.access.Call("write", bytes, map[string]any{"at": f.size}).Int()
	f.size += int64(n)
	if n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

// Read implements work.States.
func (s storedStates) Read(name string) ([]byte, error) {
	handle, err := s.handle(name, false)
	if err != nil {
		return nil, err
	}
	file, err := wire.Await(context.Background(), handle.Call("getFile"))
	if err != nil {
		return nil, err
	}
	buffer, err := wire.Await(context.Background(), file.Call("arrayBuffer"))
	if err != nil {
		return nil, err
	}
	bytes := js.Global().Get("Uint8Array").New(buffer)
	data := make([]byte, bytes.Get("byteLength").Int())
	js.CopyBytesToGo(data, bytes)
	return data, nil
}

// Remove implements work.States.
func (s storedStates) Remove(name string) error {
	_, err := wire.Await(context.Background(), s.folder.Call("removeEntry", name))
	return err
}

func (s storedStates) handle(name string, create bool) (js.Value, error) {
	handle, err := wire.Await(context.Background(), s.folder.Call("getFileHandle", name, map[string]any{"create": create}))
	if err != nil && strings.Contains(err.Error(), "NotFound") {
		err = fs.ErrNotExist
	}
	return handle, err
}
