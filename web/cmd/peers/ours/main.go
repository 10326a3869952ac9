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
			seconds, err = write(m, r.Get("context").Int(), r.Get("tokens").Int())
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
func write(m *model.Model, before, n int) (float64, error) {
	s, err := m.NewSequence(before + n)
	if err != nil {
		return 0, err
	}
	if err := s.Prefill(context.Background(), text(before), nil); err != nil {
		return 0, err
	}
	begun := time.Now()
	for _, err := range model.Generate(context.Background(), s, model.Options{MaxTokens: n}) {
		if err != nil {
			return 0, err
		}
	}
	return time.Since(begun).Seconds(), nil
}
