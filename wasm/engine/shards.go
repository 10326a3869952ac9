//go:build js && wasm

package main

import (
	"context"
	"encoding/json"
	"errors"
	"runtime/debug"
	"strings"
	"syscall/js"
	"unsafe"

	"clexlab/model/train"
	"clexlab/wasm/wire"
)

// A worker that trains starts more with the same program and sends them shards, in messages of their own: an object with
// the field shard, which is the recipe in the first message and the rows of shards in all others, as JSON, and the weights as an ArrayBuffer. The
// answer is {outcome, gradient}, or {failed} with words. One buffer goes to and fro, with the weights there and the sum of the gradients back: a new one
// of their size can take longer to come by than all that is done with it.

// sharer computes shards for the worker that started this one.
type sharer struct{ runner *train.ShardRunner }

// take answers a message about shards; it reports whether data is one.
func (s *sharer) take(data js.Value) bool {
	if data.Type() != js.TypeObject || data.Get("shard").Type() != js.TypeString {
		return false
	}
	if err := s.answer(data); err != nil {
		js.Global().Call("postMessage", map[string]any{"failed": err.Error()})
	}
	return true
}

func (s *sharer) answer(data js.Value) error {
	text := []byte(data.Get("shard").String())
	weights := data.Get("weights")
	if weights.IsUndefined() {
		debug.SetGCPercent(gcPercent)
		recipe, err := train.ParseRecipe(text)
		if err == nil {
			s.runner, err = train.NewShardRunner(recipe)
		}
		return err
	}
	if s.runner == nil {
		return errors.New("a shard came before its recipe")
	}
	var rows []*train.ShardRows
	if err := json.Unmarshal(text, &rows); err != nil {
		return err
	}
	into := s.runner.Weights()
	if weights.Get("byteLength").Int() != 4*len(into) {
		return errors.New("the weights are those of another model")
	}
	bytes := js.Global().Get("Uint8Array").New(weights)
	js.CopyBytesToGo(bytesOf(into), bytes)
	out, gradient, err := s.runner.Run(rows)
	if err != nil {
		return err
	}
	said, err := json.Marshal(out)
	if err != nil {
		return err
	}
	js.CopyBytesToJS(bytes, bytesOf(gradient))
	js.Global().Call("postMessage", map[string]any{"outcome": string(said), "gradient": weights}, []any{weights})
	return nil
}

// bytesOf is the memory of numbers as bytes.
func bytesOf(x []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
}

// helper is a worker that computes shards.
type helper struct {
	worker  js.Value
	answers chan js.Value
	failed  chan error
	funcs   []js.Func
	// bytes are of the buffer that goes to and fro, undefined while it is away.
	bytes js.Value
	// A worker hears nothing before its program has said that it runs: what is sent before waits here.
	runs    bool
	waiting [][]any
}

// openHelpers starts workers for the shards of a recipe, one a core beside this one, at most so many; none where there are no workers within workers.
func openHelpers(r *train.Recipe, most int) (list []train.Helper, release func()) {
	worker := js.Global().Get("Worker")
	text, err := json.Marshal(r)
	if !worker.Truthy() || err != nil {
		return nil, nil
	}
	var ends []func()
	for range min(most, js.Global().Get("navigator").Get("hardwareConcurrency").Int()-1) {
		h, end := openHelper(string(text))
		list, ends = append(list, h), append(ends, end)
	}
	return list, func() {
		for _, end := range ends {
			end()
		}
	}
}

func openHelper(recipe string) (*helper, func()) {
	h := &helper{worker: wire.StartWorker("engine.js", js.Global().Get("name").String(), js.Global().Get("clexlabProgram")), answers: make(chan js.Value, 4), failed: make(chan error, 4)}
	h.post(map[string]any{"shard": recipe})
	h.listen("onmessage", func(event js.Value) {
		data := event.Get("data")
		switch {
		case data.Get("failed").Truthy():
			h.fail(errors.New(data.Get("failed").String()))
		case data.Get("outcome").Truthy():
			h.answers <- data
		case strings.Contains(data.Get("head").String(), `"fatal":true`):
			h.fail(errors.New("the worker beside this one stopped"))
		case !h.runs:
			h.runs = true
			for _, message := range h.waiting {
				h.worker.Call("postMessage", message...)
			}
			h.waiting = nil
		}
	})
	h.listen("onerror", func(js.Value) { h.fail(errors.New("the worker beside this one could not be started")) })
	return h, func() {
		h.worker.Call("terminate")
		// What it said before may still be on its way.
		h.worker.Set("onmessage", js.Null())
		h.worker.Set("onerror", js.Null())
		h.fail(errors.New("the worker beside this one was ended"))
		for _, f := range h.funcs {
			f.Release()
		}
	}
}

func (h *helper) listen(name string, do func(js.Value)) {
	f := js.FuncOf(func(_ js.Value, args []js.Value) any {
		do(args[0])
		return nil
	})
	h.funcs = append(h.funcs, f)
	h.worker.Set(name, f)
}

// post sends a message, with what is handed over in it.
func (h *helper) post(message ...any) {
	if !h.runs {
		h.waiting = append(h.waiting, message)
		return
	}
	h.worker.Call("postMessage", message...)
}

func (h *helper) fail(err error) {
	select {
	case h.failed <- err:
	default:
	}
}

// Ready implements train.Helper: before the worker runs, a step would wait for its start.
func (h *helper) Ready() bool { return h.runs }

// Begin implements train.Helper.
func (h *helper) Begin(ctx context.Context, weights []float32, rows []*train.ShardRows) func([]float32) ([]train.ShardOutcome, error) {
	text, err := json.Marshal(rows)
	if err == nil {
		if h.bytes.IsUndefined() {
			h.bytes = js.Global().Get("Uint8Array").New(4 * len(weights))
		}
		js.CopyBytesToJS(h.bytes, bytesOf(weights))
		buffer := h.bytes.Get("buffer")
		h.bytes = js.Undefined()
		h.post(map[string]any{"shard": string(text), "weights": buffer}, []any{buffer})
	}
	return func(gradient []float32) (out []train.ShardOutcome, failed error) {
		if err != nil {
			return nil, err
		}
		select {
		case a := <-h.answers:
			if a.Get("gradient").Get("byteLength").Int() != 4*len(gradient) {
				return nil, errors.New("the gradient is that of another model")
			}
			h.bytes = js.Global().Get("Uint8Array").New(a.Get("gradient"))
			js.CopyBytesToGo(bytesOf(gradient), h.bytes)
			failed = json.Unmarshal([]byte(a.Get("outcome").String()), &out)
			return out, failed
		case err := <-h.failed:
			return nil, err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
