//go:build js && wasm

package wire

import (
	"fmt"
	"syscall/js"
	"unsafe"
)

// viewMark tells our messages from those of browser extensions and other frames.
const viewMark = "clexlab-view"

// PostView sends m to a window of the same origin; its tables travel as transferables.
func PostView(window js.Value, origin string, m ViewMessage) error {
	f, err := EncodeView(m)
	if err != nil {
		return err
	}
	message := js.Global().Get("Object").New()
	message.Set("mark", viewMark)
	message.Set("head", string(f.Head))
	tables := js.Global().Get("Array").New()
	transfer := js.Global().Get("Array").New()
	for _, table := range f.Floats {
		b := bufferOf(floatBytes(table))
		tables.Call("push", b)
		transfer.Call("push", b)
	}
	message.Set("tables", tables)
	if f.Blob != nil {
		b := bufferOf(f.Blob)
		message.Set("blob", b)
		transfer.Call("push", b)
	}
	window.Call("postMessage", message, origin, transfer)
	return nil
}

// ReadView reads the message in a MessageEvent. It returns nil, nil for events
// that are none of ours: other data, another origin, another window than from.
func ReadView(event, from js.Value, origin string) (ViewMessage, error) {
	data := event.Get("data")
	if event.Get("origin").String() != origin || !event.Get("source").Equal(from) {
		return nil, nil
	}
	if data.Type() != js.TypeObject || data.Get("mark").Type() != js.TypeString || data.Get("mark").String() != viewMark {
		return nil, nil
	}
	head, tables := data.Get("head"), data.Get("tables")
	if head.Type() != js.TypeString || tables.Type() != js.TypeObject {
		return nil, fmt.Errorf("wire: view message without header or tables")
	}
	f := ViewFrame{Head: []byte(head.String())}
	for i := range tables.Length() {
		raw := tables.Index(i)
		if !raw.InstanceOf(js.Global().Get("ArrayBuffer")) || raw.Get("byteLength").Int()%4 != 0 {
			return nil, fmt.Errorf("wire: view table %d is not a buffer of float32", i)
		}
		table := make([]float32, raw.Get("byteLength").Int()/4)
		js.CopyBytesToGo(floatBytes(table), js.Global().Get("Uint8Array").New(raw))
		f.Floats = append(f.Floats, table)
	}
	if blob := data.Get("blob"); blob.InstanceOf(js.Global().Get("ArrayBuffer")) {
		f.Blob = make([]byte, blob.Get("byteLength").Int())
		js.CopyBytesToGo(f.Blob, js.Global().Get("Uint8Array").New(blob))
	}
	return DecodeView(f)
}

func bufferOf(b []byte) js.Value {
	array := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(array, b)
	return array.Get("buffer")
}

// floatBytes views floats as the little-endian bytes they are on wasm.
func floatBytes(f []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(f))), 4*len(f))
}
