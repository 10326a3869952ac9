//go:build js && wasm

package gpu

import (
	"context"
	"syscall/js"
)

// pending is a promise that is being listened to.
type pending chan settled

type settled struct {
	value js.Value
	err   error
}

// listen begins to listen to a promise. One that rejects before anybody listens
// counts as an error that nobody handled, and ends Node.
func listen(promise js.Value) pending {
	done := make(pending, 1)
	var good, bad js.Func
	settle := func(s settled) any {
		done <- s
		good.Release()
		bad.Release()
		return nil
	}
	good = js.FuncOf(func(_ js.Value, args []js.Value) any { return settle(settled{value: args[0]}) })
	bad = js.FuncOf(func(_ js.Value, args []js.Value) any { return settle(settled{err: js.Error{Value: args[0]}}) })
	promise.Call("then", good, bad)
	return done
}

// wait waits for what a promise comes to.
func (p pending) wait(ctx context.Context) (js.Value, error) {
	select {
	case s := <-p:
		return s.value, s.err
	case <-ctx.Done():
		return js.Undefined(), ctx.Err()
	}
}

// await waits for a promise.
func await(ctx context.Context, promise js.Value) (js.Value, error) {
	return listen(promise).wait(ctx)
}
