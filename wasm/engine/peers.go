//go:build js && wasm

package main

import (
	"fmt"
	"syscall/js"

	"clexlab/wasm/engine/work"
	"clexlab/wasm/wire"
)

// peers are the ports to the other workers of the page, by number.
type peers map[int]js.Value

// connect takes a port to another worker, in place of the one to a worker of that number before.
func (p peers) connect(number int, port js.Value, hear func(from int, n *work.Note)) {
	if old, ok := p[number]; ok {
		old.Set("onmessage", js.Null())
		old.Call("close")
	}
	p[number] = port
	port.Set("onmessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		f, err := wire.Unpack(args[0].Get("data"))
		if err == nil {
			var n *work.Note
			if n, err = work.ReadNote(f); err == nil {
				hear(number, n)
				return nil
			}
		}
		js.Global().Get("console").Call("error", err.Error())
		return nil
	}))
}

// send passes a note on; its tables change hands.
func (p peers) send(to int, n *work.Note) error {
	port, ok := p[to]
	if !ok {
		return fmt.Errorf("worker %d is not connected", to)
	}
	f, err := n.Frame()
	if err != nil {
		return err
	}
	message, transfer := wire.Pack(f)
	port.Call("postMessage", message, transfer)
	return nil
}
