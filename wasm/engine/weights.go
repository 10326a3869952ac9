//go:build js && wasm

package main

import (
	"context"
	"errors"
	"fmt"
	"syscall/js"

	"clexlab/model/difference"
	"clexlab/wasm/wire/jobs"
)

// way is how weights are got: whole or by their difference, as the browser keeps them or anew.
type way struct {
	from       source
	difference bool
}

// ways are tried one after the other. What the browser keeps may be damaged, which the server's files are not, and a host may
// not have a difference. An old browser does not unpack any.
func ways(d *jobs.Difference) []way {
	switch {
	case d == nil || !js.Global().Get("DecompressionStream").Truthy():
		return []way{{kept, false}, {anew, false}}
	case d.Last:
		return []way{{kept, false}, {kept, true}, {anew, false}}
	}
	return []way{{kept, true}, {anew, true}, {kept, false}, {anew, false}}
}

// tryWays has one way after the other tried until one is good or ctx ends. The error is that of the first.
func tryWays(ctx context.Context, d *jobs.Difference, try func(way) error) error {
	var first, last error
	for _, w := range ways(d) {
		if w.difference && errors.Is(last, difference.ErrReference) {
			continue // the same again
		}
		if last = try(w); last == nil {
			return nil
		}
		if first == nil {
			first = last
		}
		if ctx.Err() != nil {
			break
		}
		if w.difference {
			js.Global().Get("console").Call("warn", last.Error())
		}
	}
	return first
}

// weights gets a file of weights of a size, 0 if that is not known, and tells its progress in bytes of that.
func (w way) weights(ctx context.Context, address string, size int64, d *jobs.Difference, progress func(done int64)) ([]byte, error) {
	if w.difference {
		return w.join(ctx, size, d, progress)
	}
	data, err := w.from.fetch(ctx, address, size, progress)
	if err == nil && size > 0 && int64(len(data)) != size {
		err = fmt.Errorf("the file %s is damaged: it has %d bytes and should have %d", inTree(address), len(data), size)
	}
	return data, err
}

// join puts weights together. What they are from is read as it comes from what the browser keeps, so that the result is all that is held.
func (w way) join(ctx context.Context, size int64, d *jobs.Difference, progress func(done int64)) ([]byte, error) {
	// Both are on their way at once.
	packed, of := w.from.open(ctx, inTree(d.Address), d.Address), kept.open(ctx, inTree(d.Of), d.Of)
	defer packed.Close()
	defer of.Close()
	packed.inflated = true
	out, err := difference.Apply(packed, of, size, progress)
	if err != nil {
		return nil, fmt.Errorf("%s with %s: %w", packed.name, of.name, err)
	}
	return out, nil
}
