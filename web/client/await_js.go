//go:build js && wasm

package client

import (
	"context"
	"syscall/js"

	"clexlab/wasm/wire"
)

// await waits for a promise. It must not run on the UI's goroutine.
func await(promise js.Value) (js.Value, error) { return wire.Await(context.Background(), promise) }
