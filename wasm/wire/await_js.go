//go:build js && wasm

package wire

import (
	"context"
	"syscall/js"
)

// Await waits for a promise, or for ctx to end. It must not run on the goroutine that JavaScript called.
func Await(ctx context.Context, promise js.Value) (js.Value, error) {
	type outcome struct {
		value js.Value
		err   error
	}
	done := make(chan outcome, 1)
	good := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- outcome{value: args[0]}
		return nil
	})
	bad := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- outcome{err: js.Error{Value: args[0]}}
		return nil
	})
	release := func() {
		good.Release()
		bad.Release()
	}
	promise.Call("then", good, bad)
	select {
	case o := <-done:
		release()
		return o.value, o.err
	case <-ctx.Done():
		// The promise still calls one of them when it is settled.
		go func() {
			<-done
			release()
		}()
		return js.Undefined(), ctx.Err()
	}
}
