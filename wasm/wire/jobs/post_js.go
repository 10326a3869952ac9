//go:build js && wasm

package jobs

import (
	"encoding/json"
	"fmt"
	"syscall/js"
	"unsafe"

	"clexlab/wasm/wire"
)

// PostRequest sends a request to a worker.
func PostRequest(worker js.Value, r Request) error {
	r.Version = Version
	head, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	worker.Call("postMessage", string(head))
	return nil
}

// ReadRequest reads the data of a message event in a worker.
func ReadRequest(data js.Value) (r Request, err error) {
	if data.Type() != js.TypeString {
		return r, fmt.Errorf("jobs: a request that is no text")
	}
	if err := json.Unmarshal([]byte(data.String()), &r); err != nil {
		return r, fmt.Errorf("jobs: %w", err)
	}
	if r.Version != Version {
		return r, fmt.Errorf("jobs: request of version %d, this worker speaks %d: reload the page", r.Version, Version)
	}
	return r, nil
}

// PostAnswer sends an answer from inside a worker, its tables as transferables.
func PostAnswer(a Answer) error {
	a.Version = Version
	head, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	message := js.Global().Get("Object").New()
	message.Set("head", string(head))
	transfer := js.Global().Get("Array").New()
	if a.View != nil {
		f, err := wire.EncodeView(a.View)
		if err != nil {
			return err
		}
		tables := js.Global().Get("Array").New()
		for _, t := range f.Floats {
			b := js.Global().Get("Uint8Array").New(4 * len(t))
			js.CopyBytesToJS(b, bytes(t))
			tables.Call("push", b.Get("buffer"))
			transfer.Call("push", b.Get("buffer"))
		}
		message.Set("view", string(f.Head))
		message.Set("tables", tables)
	}
	js.Global().Call("postMessage", message, transfer)
	return nil
}

// ReadAnswer reads the data of a message event from a worker.
func ReadAnswer(data js.Value) (a Answer, err error) {
	if data.Type() != js.TypeObject || data.Get("head").Type() != js.TypeString {
		return a, fmt.Errorf("jobs: an answer without a header")
	}
	if err := json.Unmarshal([]byte(data.Get("head").String()), &a); err != nil {
		return a, fmt.Errorf("jobs: %w", err)
	}
	if a.Version != Version {
		return a, fmt.Errorf("jobs: answer of version %d, this page speaks %d: reload the page", a.Version, Version)
	}
	if view := data.Get("view"); view.Type() == js.TypeString {
		f := wire.ViewFrame{Head: []byte(view.String())}
		tables := data.Get("tables")
		for i := range tables.Length() {
			raw := tables.Index(i)
			t := make([]float32, raw.Get("byteLength").Int()/4)
			js.CopyBytesToGo(bytes(t), js.Global().Get("Uint8Array").New(raw))
			f.Floats = append(f.Floats, t)
		}
		if a.View, err = wire.DecodeView(f); err != nil {
			return a, err
		}
	}
	return a, nil
}

func bytes(f []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(f))), 4*len(f))
}
