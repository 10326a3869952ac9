//go:build js && wasm

// Command ours is the engine in a worker of its own, for a comparison: it reads and writes as much as it is told.
package main

import (
	"context"
	"fmt"
	"syscall/js"
	"time"

	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/kernel"
)

func main() {
	asked := make(chan js.Value, 4)
	js.Global().Set("onmessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		asked <- args[0].Get("data")
		return nil
	}))
	post := func(v map[string]any) { js.Global().Call("postMessage", v) }
	post(map[string]any{"running": true})
	var m *model.Model
	for r := range asked {
		var err error
		seconds := 0.0
		switch r.Get("op").String() {
		case "load":
			m, err = load(bytesOf(r.Get("config")), bytesOf(r.Get("weights")))
		case "read":
			seconds, err = read(m, r.Get("tokens").Int())
		case "write":
			var written []any
			seconds, written, err = write(m, r.Get("context").Int(), r.Get("tokens").Int())
			if err == nil {
				post(map[string]any{"seconds": seconds, "written": written})
				continue
			}
		case "product":
			var y []float32
			seconds, y, err = product(r.Get("kind").String(), r.Get("rows").Int(), r.Get("in").Int(), r.Get("out").Int())
			if err == nil {
				post(map[string]any{"seconds": seconds, "y": []any{y[0], y[len(y)/2], y[len(y)-1]}})
				continue
			}
		default:
			err = fmt.Errorf("what is asked is unknown")
		}
		if err != nil {
			post(map[string]any{"error": err.Error()})
			continue
		}
		post(map[string]any{"seconds": seconds})
	}
}

func bytesOf(v js.Value) []byte {
	array := js.Global().Get("Uint8Array").New(v)
	data := make([]byte, array.Get("byteLength").Int())
	js.CopyBytesToGo(data, array)
	return data
}

func load(config, weights []byte) (*model.Model, error) {
	c, err := checkpoint.ReadParts(config, weights)
	if err != nil {
		return nil, err
	}
	return model.New(c.Config, c.Weights)
}

// text is n tokens, the same ones that the peers are given.
func text(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(300 + i*37%1500)
	}
	return out
}

func read(m *model.Model, n int) (float64, error) {
	s, err := m.NewSequence(n)
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	err = s.Prefill(context.Background(), text(n), nil)
	return time.Since(begun).Seconds(), err
}

// write is how long n greedy tokens take after so many before.
func write(m *model.Model, before, n int) (seconds float64, written []any, err error) {
	s, err := m.NewSequence(before + n)
	if err != nil {
		return 0, nil, err
	}
	if err := s.Prefill(context.Background(), text(before), nil); err != nil {
		return 0, nil, err
	}
	written = make([]any, 0, n)
	begun := time.Now()
	for tok, err := range model.Generate(context.Background(), s, model.Options{MaxTokens: n}) {
		if err != nil {
			return 0, nil, err
		}
		written = append(written, tok.ID)
	}
	return time.Since(begun).Seconds(), written, nil
}

// productTime is how long a product is repeated.
const productTime = 100 * time.Millisecond

// product is how long one product of rows activations with a matrix takes, on the numbers that the peers are given.
func product(kind string, rows, in, out int) (float64, []float32, error) {
	q, w, scale := make([]int8, out*in), make([]float32, out*in), make([]float32, out)
	x, y := make([]float32, rows*in), make([]float32, rows*out)
	for i := range q {
		q[i] = int8(i*31%251 - 125)
	}
	for r := range scale {
		scale[r] = float32(1+r%7) / 1024
		for k := range in {
			w[r*in+k] = float32(q[r*in+k]) * scale[r]
		}
	}
	for i := range x {
		x[i] = float32(i*7919%1009)/512 - 1
	}
	var p *kernel.Packed
	switch kind {
	case "float32":
		p = kernel.Pack(out, in, w)
	case "int8":
		p = kernel.PackInt8(out, in, q, scale)
	default:
		return 0, nil, fmt.Errorf("a product with %q", kind)
	}
	var ws kernel.Workspace
	p.Mul(&ws, rows, y, out, x, in)
	begun, n := time.Now(), 0
	for time.Since(begun) < productTime {
		for range max(1, 64/rows) {
			p.Mul(&ws, rows, y, out, x, in)
			n++
		}
	}
	return time.Since(begun).Seconds() / float64(n), y, nil
}
