//go:build js && wasm

package wire

import (
	"errors"
	"syscall/js"

	"clexlab/viz/scene"
)

// PostPort hands a port over to a worker, or to a window of an origin; the other end of its
// channel is handed to whom it is to talk with.
func PostPort(to js.Value, origin string, port js.Value) {
	message, transfer := js.Global().Get("Object").New(), js.Global().Get("Array").New(port)
	message.Set("mark", mark)
	message.Set("port", port)
	if origin == "" {
		to.Call("postMessage", message, transfer)
		return
	}
	to.Call("postMessage", message, origin, transfer)
}

// ReadPort takes the port out of a MessageEvent that brings one.
func ReadPort(event js.Value) (port js.Value, ok bool) {
	data := event.Get("data")
	if data.Type() != js.TypeObject || !data.Get("mark").Equal(js.ValueOf(mark)) {
		return port, false
	}
	port = data.Get("port")
	return port, port.Truthy()
}

// PostPeer hands a worker a port to another one, which has a number.
func PostPeer(to js.Value, number int, port js.Value) {
	message := js.Global().Get("Object").New()
	message.Set("mark", mark)
	message.Set("peer", number)
	message.Set("port", port)
	to.Call("postMessage", message, js.Global().Get("Array").New(port))
}

// ReadPeer takes a port to another worker out of a MessageEvent that brings one.
func ReadPeer(event js.Value) (port js.Value, number int, ok bool) {
	port, ok = ReadPort(event)
	if !ok || event.Get("data").Get("peer").Type() != js.TypeNumber {
		return port, 0, false
	}
	return port, event.Get("data").Get("peer").Int(), true
}

// PostMaps sends maps through a port; their tables travel as transferables.
func PostMaps(port js.Value, m *scene.Maps) error {
	f, err := EncodeMaps(m)
	if err != nil {
		return err
	}
	head := bufferOf(f.Head)
	message, transfer := pack(head, f)
	transfer.Call("push", head)
	port.Call("postMessage", message, transfer)
	return nil
}

// ListenMaps has take called with all maps (*scene.Maps) that come through a port, or with why they cannot be read.
func ListenMaps(port js.Value, take func(m any, err error)) {
	port.Set("onmessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		if m, err := readMaps(args[0].Get("data")); err != nil {
			take(nil, err)
		} else {
			take(m, nil)
		}
		return nil
	}))
}

func readMaps(data js.Value) (*scene.Maps, error) {
	if data.Type() != js.TypeObject || !data.Get("head").InstanceOf(js.Global().Get("ArrayBuffer")) {
		return nil, errors.New("wire: a message that is no maps")
	}
	f, err := unpack(data)
	if err != nil {
		return nil, err
	}
	f.Head = bytesOf(data.Get("head"))
	return DecodeMaps(f)
}
