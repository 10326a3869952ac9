//go:build js && wasm

package client

import (
	"fmt"
	"strings"
	"syscall/js"
	"time"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/page"
	"clexlab/web/state"
)

// The workers by what they do.
const (
	firstText = iota
	secondText
	looking
	poolSize
)

// pool is the page's engine.
type pool struct {
	desk    page.Desk
	offers  []jobs.Offer
	offer   jobs.Offer
	workers [poolSize]*worker
	// jobs says which worker has which job.
	jobs    map[int]int
	measure measuring
	// probed is when the last recall job began.
	probed time.Time
	memory [poolSize]int64
	// kept are the weights that the service worker was told of, by file.
	kept map[string]bool
	// failed is set when the failure that the address asks for has been caused, once.
	failed bool
}

// worker is one Web Worker with a copy of the model.
type worker struct {
	js      js.Value
	ready   bool
	waiting []jobs.Request
	heard   js.Func
	failed  js.Func
}

// raceJob is the identifier of racing the machines, freeJob of giving the GPU
// back; measurements have their own, far from the page's jobs.
const (
	raceJob      = jobs.LoadID + 1
	freeJob      = jobs.LoadID + 2
	firstMeasure = 1 << 30
)

// Connect starts the engine for a page.
func Connect(desk page.Desk) page.Engine {
	p := &pool{desk: desk, jobs: map[int]int{}, kept: map[string]bool{}, measure: measuring{next: firstMeasure}}
	go p.list()
	return p
}

// models is the folder of the checkpoints; the address may name another one.
func (p *pool) models() string {
	if m := p.desk.Option("models"); m != "" {
		return p.desk.Resolve("/web/" + strings.Trim(m, "/"))
	}
	return p.desk.Resolve("/web/models")
}

// list asks what models there are.
func (p *pool) list() {
	data, err := get(p.models() + "/index.json")
	if err != nil {
		p.fail("model", "The list of models could not be loaded.",
			err.Error()+". Check the connection and try again; the curves and the table work without it.", "retry-model")
		return
	}
	c, err := jobs.ParseCatalogue(data)
	if err != nil {
		p.fail("model", "The list of models is damaged.", err.Error()+". Reload the page; if that does not help, the server's files are broken.", "reload")
		return
	}
	p.offers = c.Models
	models := make([]state.Model, len(c.Models))
	for i, m := range c.Models {
		models[i] = state.Model{ID: m.ID, Name: m.Name, Window: m.Rotary.Window, Parameters: m.Parameters, Bytes: m.Size,
			Layers: m.Layers, Heads: m.Heads, Tokens: m.Vocab, About: m.About, Tuned: map[string]state.Weights{}}
		for method, t := range m.Tuned {
			models[i].Tuned[method] = state.Weights{Name: t.Name, T: t.Factor}
		}
	}
	p.desk.Send(state.ModelsListed{Models: models})
}

func (p *pool) fail(key, title, text, action string) {
	p.desk.Send(state.EngineFailed{Key: key, Title: title, Text: text, Action: action})
}

// load puts a model into the workers; only the first starts at once.
func (p *pool) load(id string) {
	if len(p.offers) == 0 {
		go p.list()
		return
	}
	p.offer = p.offers[0]
	for _, o := range p.offers {
		if o.ID == id {
			p.offer = o
		}
	}
	p.desk.Facts(page.Facts{Name: p.offer.Name, Rotary: p.offer.Rotary, Network: p.offer.Network, Layers: p.offer.Layers, Heads: p.offer.Heads})
	p.stopAll()
	if !hasSIMD() {
		p.desk.Send(state.Notify{Notice: state.Notice{Key: "simd", Level: state.Warning, Title: "This browser has no WebAssembly SIMD.",
			Text: "The model runs without it, several times slower. A newer browser, or one with SIMD switched on, writes faster; shorter texts help until then."}})
	}
	p.desk.Send(state.EngineLoading{Doing: "engine"})
	p.start(firstText)
}

func (p *pool) stopAll() {
	for i := range p.workers {
		p.stop(i)
	}
	p.jobs = map[int]int{}
	p.measure.reset()
}

func (p *pool) stop(i int) {
	w := p.workers[i]
	if w == nil {
		return
	}
	w.js.Call("terminate")
	w.heard.Release()
	w.failed.Release()
	p.workers[i], p.memory[i] = nil, 0
}

// program is the engine's file that this browser can run.
func (p *pool) program() string {
	if p.desk.Option("backend") == "scalar" || !hasSIMD() {
		return "engine-scalar.wasm"
	}
	return "engine.wasm"
}

// start makes worker i and has it load the model.
func (p *pool) start(i int) {
	w := &worker{}
	early := adopt(p.program(), p.offer)
	if w.js = early.worker; !w.js.Truthy() {
		w.js = js.Global().Get("Worker").New(p.desk.Resolve("/web/engine.js"), map[string]any{"name": p.program()})
	}
	w.heard = js.FuncOf(func(_ js.Value, args []js.Value) any {
		a, err := jobs.ReadAnswer(args[0].Get("data"))
		if err != nil {
			a = jobs.Answer{Error: err.Error(), Fatal: true}
		}
		p.answer(i, w, a)
		return nil
	})
	w.failed = js.FuncOf(func(_ js.Value, args []js.Value) any {
		p.answer(i, w, jobs.Answer{Error: "The engine's program could not be started: " + args[0].Get("message").String(), Fatal: true})
		return nil
	})
	w.js.Set("onmessage", w.heard)
	w.js.Set("onerror", w.failed)
	p.workers[i] = w
	l := p.offer.At(p.models() + "/")
	if !early.loads {
		w.waiting = []jobs.Request{{ID: jobs.LoadID, Load: &l}}
	}
	for k := 0; k < early.said && p.workers[i] == w; k++ {
		event := js.Global().Get("Object").New()
		event.Set("data", early.heard.Index(k))
		w.heard.Invoke(event)
	}
}

// early is the worker that was started before this program ran, with the number
// of messages in heard that it has sent so far; loads is set when it was told to
// load the model that is wanted.
type early struct {
	worker, heard js.Value
	said          int
	loads         bool
}

// adopt takes over the early worker, if it runs the program asked for and was asked
// for nothing but the model that is wanted; it is used once.
func adopt(program string, model jobs.Offer) early {
	e := js.Global().Get("clexlabEngine")
	if !e.Truthy() {
		return early{worker: js.Undefined()}
	}
	js.Global().Delete("clexlabEngine")
	asked := e.Get("asked")
	loads := false
	if asked.Truthy() {
		first, err := jobs.First(model)
		loads = err == nil && asked.String() == first
	}
	if e.Get("program").String() != program || asked.Truthy() && !loads {
		e.Get("worker").Call("terminate")
		return early{worker: js.Undefined()}
	}
	return early{worker: e.Get("worker"), heard: e.Get("heard"), said: e.Get("heard").Length(), loads: loads}
}

// ask passes a request to worker i, starting it if it has not been needed so far.
func (p *pool) ask(i int, r jobs.Request) {
	if p.workers[i] == nil {
		if p.offer.ID == "" {
			return
		}
		p.start(i)
	}
	p.keep(r)
	w := p.workers[i]
	if !w.ready && r.Load == nil && !r.Crash {
		w.waiting = append(w.waiting, r)
		return
	}
	p.post(w, r)
}

func (p *pool) post(w *worker, r jobs.Request) {
	if err := jobs.PostRequest(w.js, r); err != nil {
		p.fail("worker", "The engine could not be asked.", fmt.Sprint(err), "restart-engine")
	}
}
