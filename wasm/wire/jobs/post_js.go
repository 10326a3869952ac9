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

// Post sends an answer from inside a worker, its tables as transferables.
func (p *Parcel) Post() {
	if p.Brief != nil {
		bytes := js.Global().Get("Uint8Array").New(len(p.Brief))
		js.CopyBytesToJS(bytes, p.Brief)
		js.Global().Call("postMessage", bytes, js.Global().Get("Array").New(bytes.Get("buffer")))
		return
	}
	message, transfer := js.Global().Get("Object").New(), js.Global().Get("Array").New()
	if p.View != nil {
		var view js.Value
		view, transfer = wire.Pack(*p.View)
		message.Set("view", view)
	}
	message.Set("head", string(p.Head))
	js.Global().Call("postMessage", message, transfer)
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
	if a, err = readHead(data.Get("head").String()); err != nil {
		return a, err
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
