//go:build js && wasm

package wire

import "syscall/js"

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

// PostOn sends m through a port; its tables travel as transferables.
func PostOn(port js.Value, m any) error {
	f, err := Encode(m)
	if err != nil {
		return err
	}
	message, transfer := Pack(f)
	port.Call("postMessage", message, transfer)
	return nil
}

// Listen has take called with every message that comes through a port.
func Listen(port js.Value, take func(m any, err error)) {
	port.Set("onmessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		f, err := Unpack(args[0].Get("data"))
		if err != nil {
			take(nil, err)
			return nil
		}
		take(Decode(f))
		return nil
	}))
}
