//go:build !js

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interruptible is ctx until somebody wants the program to stop.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
}

// listen does nothing: signals come by themselves.
func listen() {}
