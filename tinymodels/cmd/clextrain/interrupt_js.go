package main

import (
	"context"
	"syscall/js"
	"time"
)

// interruptible is ctx until somebody wants the program to stop. No signal reaches a program under Node: what started it calls clexlabInterrupt.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	js.Global().Set("clexlabInterrupt", js.FuncOf(func(js.Value, []js.Value) any {
		cancel()
		return nil
	}))
	return ctx, cancel
}

var listened time.Time

// listen lets Node tell of signals, once a second: while Go computes it cannot.
func listen() {
	if now := time.Now(); now.Sub(listened) > time.Second {
		time.Sleep(time.Millisecond)
		listened = now
	}
}
