//go:build js && wasm

// Command engine is a Web Worker that holds one transformer and answers the page.
package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall/js"

	"clexlab/viz/scene"
	"clexlab/wasm/engine/work"
	"clexlab/wasm/wire"
	"clexlab/wasm/wire/jobs"
)

// program is a worker in its browser: it has one thread, on which a job runs in main's
// goroutine, and requests come in while it yields.
type program struct {
	worker work.Worker
	turn   chan struct{}
	port   js.Value
	// picture is the port to the picture, undefined while there is none.
	picture js.Value
	said    jobs.Said
	// begun is false until the first words leave, or a model of many bytes comes.
	begun bool
}

// gcPercent is low because the heap is nearly all numbers, which are quick to collect and of which little is
// garbage, and because WebAssembly's memory never shrinks.
const gcPercent = 20

// Until the first words of a model of few bytes, or a training, collections would come after every few hundred kilobytes and be run
// by code that the browser has not compiled well yet.
const (
	gcPercentAtStart = 400
	fewBytes         = 4 << 20
)

func main() {
	debug.SetGCPercent(gcPercentAtStart)
	p := &program{turn: make(chan struct{}, 1)}
	p.worker.Emit, p.worker.Yield, p.worker.Picture = p.emit, p.yield, p.show
	if js.Global().Get("navigator").Get("gpu").Truthy() {
		p.worker.OpenGPU, p.worker.OpenTrainer = openGPU, openTrainer
	}
	p.worker.Fetch = tuned
	p.worker.Publish, p.worker.Files, p.worker.NewFile = publish, openFiles, newFile
	p.worker.FetchText = func(ctx context.Context, address string) ([]byte, error) { return kept.fetch(ctx, address, 0, nil) }
	p.worker.OpenStates, p.worker.OpenHelpers = openStates, openHelpers
	var shards sharer
	var line jobs.Line
	dispatcher := work.NewDispatcher(&p.worker)
	dispatcher.Load, dispatcher.Exhaust = p.load, exhaust
	others := peers{}
	p.worker.Send = others.send
	channel := js.Global().Get("MessageChannel").New()
	p.port = channel.Get("port2")
	channel.Get("port1").Set("onmessage", js.FuncOf(func(js.Value, []js.Value) any {
		select {
		case p.turn <- struct{}{}:
		default:
		}
		return nil
	}))
	js.Global().Set("onmessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		if port, number, ok := wire.ReadPeer(args[0]); ok {
			others.connect(number, port, dispatcher.Hear)
			return nil
		}
		if port, ok := wire.ReadPort(args[0]); ok {
			p.picture = port
			return nil
		}
		if shards.take(args[0].Get("data")) {
			return nil
		}
		r, err := line.Read(args[0].Get("data"))
		if err != nil {
			p.emit(jobs.Answer{Error: err.Error(), Fatal: true})
			return nil
		}
		if r.Resend > 0 {
			p.again(r.Resend)
			return nil
		}
		dispatcher.Take(r)
		return nil
	}))
	p.emit(jobs.Answer{})
	dispatcher.Run(context.Background())
}

// load fetches a checkpoint and puts it into the worker.
func (p *program) load(ctx context.Context, r jobs.Request) {
	if p.begun || r.Load.Files != nil || r.Load.Size >= fewBytes {
		p.collectOften() // a large model may have changed it
	}
	var err error
	if r.Load.Files != nil {
		err = p.worker.LoadFiles(ctx, r.Load, func(done, total int64) {
			p.emit(jobs.Answer{ID: r.ID, Kind: jobs.Loading, Loading: &jobs.Progress{Done: done, Total: total}})
		})
	} else {
		err = tryWays(ctx, r.Load.Difference, func(w way) error { return p.fetchAll(ctx, r, w) })
	}
	if err != nil {
		p.emit(jobs.Answer{ID: r.ID, Kind: jobs.Loading, Error: err.Error(), Fatal: true})
		return
	}
	p.emit(jobs.Answer{ID: r.ID, Kind: jobs.Loading, Ready: &jobs.Ready{Backend: backend, Kernels: kernels()}})
}

func (p *program) collectOften() {
	p.begun = true
	debug.SetGCPercent(gcPercent)
}

func (p *program) fetchAll(ctx context.Context, r jobs.Request, w way) error {
	// All three travel at once.
	config, vocabulary := w.from.begin(ctx, r.Load.Config), w.from.begin(ctx, r.Load.Tokenizer)
	weights, err := w.weights(ctx, r.Load.Weights, r.Load.Size, r.Load.Difference, func(done int64) {
		p.emit(jobs.Answer{ID: r.ID, Kind: jobs.Loading, Loading: &jobs.Progress{Done: min(done, r.Load.Size), Total: r.Load.Size}})
	})
	if err != nil {
		return err
	}
	small := [2][]byte{}
	for i, file := range []func() ([]byte, error){config, vocabulary} {
		if small[i], err = file(); err != nil {
			return err
		}
	}
	return p.worker.Load(small[0], weights, small[1], r.Load.Tuned)
}

// tuned fetches the weights of a method.
func tuned(ctx context.Context, from jobs.Weights) (config, weights []byte, err error) {
	err = tryWays(ctx, from.Difference, func(w way) error {
		if config, err = w.from.fetch(ctx, from.Config, 0, nil); err == nil {
			weights, err = w.weights(ctx, from.Weights, from.Size, from.Difference, nil)
		}
		return err
	})
	return config, weights, err
}

// emit sends an answer, with the memory held at the turning points of a job.
func (p *program) emit(a jobs.Answer) {
	if a.Ready != nil || a.Done {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		a.Memory = int64(m.Sys)
	}
	parcel, err := p.said.Pack(a)
	if err != nil {
		js.Global().Get("console").Call("error", err.Error())
		return
	}
	parcel.Post()
	if !p.begun && (a.Done || a.Tokens != nil && slices.ContainsFunc(a.Tokens.List, func(t jobs.Token) bool { return !t.Prompt })) {
		p.collectOften()
	}
}

// again sends the answers from a number on once more.
func (p *program) again(from int) {
	list, err := p.said.Again(from)
	if err != nil {
		p.emit(jobs.Answer{Error: err.Error(), Fatal: true})
		return
	}
	for i := range list {
		list[i].Post()
	}
}

// show sends maps to the picture.
func (p *program) show(m *scene.Maps) {
	if !p.picture.Truthy() {
		return
	}
	if err := wire.PostMaps(p.picture, m); err != nil {
		js.Global().Get("console").Call("error", err.Error())
	}
}

// yield lets the events that wait come in: a message to itself takes its turn behind them.
func (p *program) yield() {
	p.port.Call("postMessage", 0)
	<-p.turn
}

// exhaust asks for memory until there is none, as too long a text would. The
// memory is not touched, so that the machine does not pay for it.
func exhaust() {
	for held := [][]byte(nil); ; runtime.KeepAlive(held) {
		held = append(held, make([]byte, 256<<20))
	}
}
