//go:build js && wasm

package jobs

import (
	"encoding/json"
	"fmt"
	"syscall/js"

	"clexlab/wasm/wire"
)

// againBytes is the one array that all short requests leave through: the browser copies its bytes.
var againBytes = js.Global().Get("Uint8Array").New(AgainSize)

// Post sends a request to the worker.
func (l *Line) Post(worker js.Value, r Request) error {
	r.Version = Version
	if b, ok := l.Again(&r); ok {
		js.CopyBytesToJS(againBytes, b[:])
		worker.Call("postMessage", againBytes)
		return nil
	}
	head, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	worker.Call("postMessage", string(head))
	l.Note(r)
	return nil
}

// Read reads the data of a message event in the worker.
func (l *Line) Read(data js.Value) (r Request, err error) {
	if data.InstanceOf(js.Global().Get("Uint8Array")) {
		b := make([]byte, min(data.Get("byteLength").Int(), 2*AgainSize))
		js.CopyBytesToGo(b, data)
		return l.ReadAgain(b)
	}
	if data.Type() != js.TypeString {
		return r, fmt.Errorf("jobs: a request that is no text")
	}
	if err := json.Unmarshal([]byte(data.String()), &r); err != nil {
		return r, fmt.Errorf("jobs: %w", err)
	}
	if r.Version != Version {
		return r, fmt.Errorf("jobs: request of version %d, this worker speaks %d: reload the page", r.Version, Version)
	}
	l.Note(r)
	return r, nil
}

// maxBrief bounds an answer as bytes.
const maxBrief = 1 << 20

// PostAnswer sends an answer from inside a worker, its tables as transferables.
func PostAnswer(a Answer) error {
	if b, ok := Brief(a); ok {
		bytes := js.Global().Get("Uint8Array").New(len(b))
		js.CopyBytesToJS(bytes, b)
		js.Global().Call("postMessage", bytes, js.Global().Get("Array").New(bytes.Get("buffer")))
		return nil
	}
	a.Version = Version
	head, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	message, transfer := js.Global().Get("Object").New(), js.Global().Get("Array").New()
	if a.View != nil {
		f, err := wire.Encode(a.View)
		if err != nil {
			return err
		}
		var view js.Value
		view, transfer = wire.Pack(f)
		message.Set("view", view)
	}
	message.Set("head", string(head))
	js.Global().Call("postMessage", message, transfer)
	return nil
}

// ReadAnswer reads the data of a message event from a worker.
func ReadAnswer(data js.Value) (a Answer, err error) {
	if data.InstanceOf(js.Global().Get("Uint8Array")) {
		b := make([]byte, min(data.Get("byteLength").Int(), maxBrief))
		js.CopyBytesToGo(b, data)
		return ReadBrief(b)
	}
	if data.Type() != js.TypeObject || data.Get("head").Type() != js.TypeString {
		return a, fmt.Errorf("jobs: an answer without a header")
	}
	if err := json.Unmarshal([]byte(data.Get("head").String()), &a); err != nil {
		return a, fmt.Errorf("jobs: %w", err)
	}
	if a.Version != Version {
		return a, fmt.Errorf("jobs: answer of version %d, this page speaks %d: reload the page", a.Version, Version)
	}
	if view := data.Get("view"); view.Type() == js.TypeObject {
		f, err := wire.Unpack(view)
		if err != nil {
			return a, err
		}
		if a.View, err = wire.Decode(f); err != nil {
			return a, err
		}
	}
	return a, nil
}
