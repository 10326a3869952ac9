//go:build js && wasm

// Command engine is a Web Worker that holds one transformer and answers the page.
package main

import (
	"context"
	"fmt"
	"runtime"
	"syscall/js"

	"clexlab/wasm/engine/work"
	"clexlab/wasm/wire/jobs"
)

// desk passes requests in and answers out. Its program has one thread: a job
// runs in main's goroutine, and requests come in while it yields.
type desk struct {
	worker  work.Worker
	queue   chan jobs.Request
	running jobs.Request
	cancel  context.CancelFunc
	dropped map[int]bool
	turn    chan struct{}
	port    js.Value
}

func main() {
	d := &desk{queue: make(chan jobs.Request, 1024), dropped: map[int]bool{}, turn: make(chan struct{}, 1)}
	d.worker.Emit = d.emit
	d.worker.Yield = d.yield
	if js.Global().Get("navigator").Get("gpu").Truthy() {
		d.worker.OpenGPU = openGPU
	}
	d.worker.Fetch = tuned
	channel := js.Global().Get("MessageChannel").New()
	d.port = channel.Get("port2")
	channel.Get("port1").Set("onmessage", js.FuncOf(func(js.Value, []js.Value) any {
		select {
		case d.turn <- struct{}{}:
		default:
		}
		return nil
	}))
	js.Global().Set("onmessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		d.take(args[0].Get("data"))
		return nil
	}))
	d.emit(jobs.Answer{})
	for r := range d.queue {
		d.carry(r)
	}
}

// take sorts a request in: what concerns a running job works at once.
func (d *desk) take(data js.Value) {
	r, err := jobs.ReadRequest(data)
	if err != nil {
		d.emit(jobs.Answer{Error: err.Error(), Fatal: true})
		return
	}
	switch {
	case r.Crash:
		go exhaust()
	case r.LoseGPU:
		d.worker.LoseGPU()
	case r.Cancel:
		if r.ID == d.running.ID && d.cancel != nil {
			d.cancel()
		} else {
			d.dropped[r.ID] = true
		}
	case r.Tune != nil:
		if r.ID == d.running.ID && d.running.Write != nil {
			d.running.Write.Tune = *r.Tune
		}
	default:
		d.queue <- r
	}
}

func (d *desk) carry(r jobs.Request) {
	if d.dropped[r.ID] {
		delete(d.dropped, r.ID)
		d.emit(jobs.Answer{ID: r.ID, Done: true, StopReason: jobs.StopCancelled})
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	d.running, d.cancel = r, cancel
	if r.Load != nil {
		if err := d.load(ctx, r); err != nil {
			d.emit(jobs.Answer{ID: r.ID, Error: err.Error(), Fatal: true})
		}
	} else {
		d.worker.Do(ctx, r)
	}
	cancel()
	d.running, d.cancel = jobs.Request{}, nil
}

func (d *desk) load(ctx context.Context, r jobs.Request) error {
	// All three travel at once.
	config, vocabulary := begin(ctx, r.Load.Config), begin(ctx, r.Load.Tokenizer)
	weights, err := fetch(ctx, r.Load.Weights, func(done int64) {
		d.emit(jobs.Answer{ID: r.ID, Loading: &jobs.Progress{Done: done, Total: r.Load.Size}})
	})
	if err != nil {
		return err
	}
	if r.Load.Size > 0 && int64(len(weights)) != r.Load.Size {
		return fmt.Errorf("the model's file is damaged: it has %d bytes and should have %d", len(weights), r.Load.Size)
	}
	small := [2][]byte{}
	for i, file := range []func() ([]byte, error){config, vocabulary} {
		if small[i], err = file(); err != nil {
			return err
		}
	}
	if err := d.worker.Load(small[0], weights, small[1]); err != nil {
		return err
	}
	d.worker.Tuned = r.Load.Tuned
	d.emit(jobs.Answer{ID: r.ID, Ready: &jobs.Ready{Backend: backend}})
	return nil
}

// tuned fetches the weights of a method whole.
func tuned(ctx context.Context, w jobs.Weights) (config, weights []byte, err error) {
	if config, err = fetch(ctx, w.Config, nil); err != nil {
		return nil, nil, err
	}
	if weights, err = fetch(ctx, w.Weights, nil); err != nil {
		return nil, nil, err
	}
	if w.Size > 0 && int64(len(weights)) != w.Size {
		return nil, nil, fmt.Errorf("the weights %q are damaged: their file has %d bytes and should have %d", w.Name, len(weights), w.Size)
	}
	return config, weights, nil
}

// emit sends an answer, with the memory held at the turning points of a job.
func (d *desk) emit(a jobs.Answer) {
	if a.Ready != nil || a.Done {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		a.Memory = int64(m.Sys)
	}
	if err := jobs.PostAnswer(a); err != nil {
		js.Global().Get("console").Call("error", err.Error())
	}
}

// yield lets the events that wait come in: a message to itself takes its turn behind them.
func (d *desk) yield() {
	d.port.Call("postMessage", 0)
	<-d.turn
}

// exhaust asks for memory until there is none, as too long a text would. The
// memory is not touched, so that the machine does not pay for it.
func exhaust() {
	for held := [][]byte(nil); ; runtime.KeepAlive(held) {
		held = append(held, make([]byte, 256<<20))
	}
}
