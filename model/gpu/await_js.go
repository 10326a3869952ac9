//go:build js && wasm

package gpu

import (
	"context"
	"syscall/js"
)

// await waits for a promise.
func await(ctx context.Context, promise js.Value) (js.Value, error) {
	type settled struct {
		value js.Value
		err   error
	}
	done := make(chan settled, 1)
	good := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- settled{value: args[0]}
		return nil
	})
	bad := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- settled{err: js.Error{Value: args[0]}}
		return nil
	})
	promise.Call("then", good, bad)
	select {
	case s := <-done:
		good.Release()
		bad.Release()
		return s.value, s.err
	case <-ctx.Done():
		// The functions stay, as the promise may still settle.
		return js.Undefined(), ctx.Err()
	}
}
