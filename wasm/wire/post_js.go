//go:build js && wasm

package wire

import (
	"fmt"
	"syscall/js"
	"unsafe"

	"clexlab/viz/scene"
)

// mark tells our messages from those of browser extensions and other frames.
const mark = "clexlab-view"

// shortBytes is the one array that all messages without a frame leave through: the browser copies its sixteen bytes.
var shortBytes = js.Global().Get("Uint8Array").New(FactorSize)

// Post sends m to a window of the same origin; its tables travel as transferables.
func Post(window js.Value, origin string, m any) error {
	short := func(b [FactorSize]byte) error {
		js.CopyBytesToJS(shortBytes, b[:])
		window.Call("postMessage", shortBytes, origin)
		return nil
	}
	switch m := m.(type) {
	case *scene.Factor:
		return short(EncodeFactor(*m))
	case *scene.Solved:
		return short(EncodeSolved(*m))
	}
	f, err := Encode(m)
	if err != nil {
		return err
	}
	message, transfer := Pack(f)
	message.Set("mark", mark)
	window.Call("postMessage", message, origin, transfer)
	return nil
}

// Pack puts a frame into an object for postMessage, with the buffers that change hands.
func Pack(f Frame) (message, transfer js.Value) { return pack(string(f.Head), f) }

func pack(head any, f Frame) (message, transfer js.Value) {
	message = js.Global().Get("Object").New()
	message.Set("head", head)
	tables := js.Global().Get("Array").New()
	transfer = js.Global().Get("Array").New()
	for _, table := range f.Tables {
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
	return message, transfer
}

// Read reads the message in a MessageEvent. It returns nil, nil for events that are none of
// ours: other data, another origin, another window than from.
func Read(event, from js.Value, origin string) (any, error) {
	data := event.Get("data")
	if event.Get("origin").String() != origin || !event.Get("source").Equal(from) || data.Type() != js.TypeObject {
		return nil, nil
	}
	if data.InstanceOf(js.Global().Get("Uint8Array")) {
		b := make([]byte, min(data.Get("byteLength").Int(), 2*FactorSize))
		js.CopyBytesToGo(b, data)
		return DecodeShort(b)
	}
	if data.Get("mark").Type() != js.TypeString || data.Get("mark").String() != mark {
		return nil, nil
	}
	f, err := Unpack(data)
	if err != nil {
		return nil, err
	}
	return Decode(f)
}

// Unpack takes a frame out of an object that Pack made.
func Unpack(data js.Value) (f Frame, err error) {
	text := data.Get("head")
	if text.Type() != js.TypeString {
		return f, fmt.Errorf("wire: a message without header")
	}
	if f, err = unpack(data); err == nil {
		f.Head = []byte(text.String())
	}
	return f, err
}

// unpack takes out all but the header.
func unpack(data js.Value) (f Frame, err error) {
	tables := data.Get("tables")
	if tables.Type() != js.TypeObject {
		return f, fmt.Errorf("wire: a message without tables")
	}
	for i := range tables.Length() {
		raw := tables.Index(i)
		if !raw.InstanceOf(js.Global().Get("ArrayBuffer")) || raw.Get("byteLength").Int()%4 != 0 {
			return f, fmt.Errorf("wire: table %d is not a buffer of float32", i)
		}
		table := make([]float32, raw.Get("byteLength").Int()/4)
		js.CopyBytesToGo(floatBytes(table), js.Global().Get("Uint8Array").New(raw))
		f.Tables = append(f.Tables, table)
	}
	if blob := data.Get("blob"); blob.InstanceOf(js.Global().Get("ArrayBuffer")) {
		f.Blob = bytesOf(blob)
	}
	return f, nil
}

// bytesOf copies an ArrayBuffer.
func bytesOf(buffer js.Value) []byte {
	b := make([]byte, buffer.Get("byteLength").Int())
	js.CopyBytesToGo(b, js.Global().Get("Uint8Array").New(buffer))
	return b
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
