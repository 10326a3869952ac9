//go:build js && wasm

package client

import (
	"encoding/json"
	"syscall/js"
	"time"

	"clexlab/wasm/wire"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/page"
)

// callEvery is how often workers that owe answers are asked what they have.
const callEvery = 5 * time.Second

// Connect starts the engine for a page.
func Connect(host page.Host) page.Engine {
	b := &webBrowser{host: host, programs: map[string]js.Value{}}
	p := NewPool(host, b)
	b.pool = p
	go p.List()
	go func() {
		for {
			time.Sleep(callEvery)
			p.Call()
		}
	}()
	return p
}

// webBrowser makes workers and passes messages.
type webBrowser struct {
	host    page.Host
	pool    *Pool
	workers [poolSize]*webWorker
	// programs has promises of compiled programs by their names.
	programs map[string]js.Value
}

type webWorker struct {
	js            js.Value
	line          jobs.Line
	heard, failed js.Func
}

// Get implements Browser.
func (b *webBrowser) Get(address string) ([]byte, error) { return get(address) }

// Adopt implements Browser.
func (b *webBrowser) Adopt(address string) (string, error) { return adoptFile(address) }

// HasSIMD implements Browser.
func (b *webBrowser) HasSIMD() bool { return hasSIMD() }

// Start implements Browser.
func (b *webBrowser) Start(i int, program string, model jobs.Offer) (asked Ahead, replay func()) {
	w := &webWorker{}
	early := adopt(program, model)
	if early.compiled.Truthy() {
		b.share(program, early.compiled)
	}
	if w.js = early.worker; !w.js.Truthy() {
		// boot.js may want the line for what is seen first.
		w.js = wire.StartWorker(b.host.Resolve("/web/engine.js"), program, b.compiled(program), js.Global().Get("clexlabSecond"))
	}
	say := func(a jobs.Answer) {
		if b.workers[i] == w {
			b.pool.Answer(i, a)
		}
	}
	w.heard = js.FuncOf(func(_ js.Value, args []js.Value) any {
		a, err := jobs.ReadAnswer(args[0].Get("data"))
		if err != nil {
			a = jobs.Answer{Error: err.Error(), Fatal: true}
		}
		say(a)
		return nil
	})
	w.failed = js.FuncOf(func(_ js.Value, args []js.Value) any {
		say(jobs.Answer{Error: "The engine's program could not be started: " + args[0].Get("message").String(), Fatal: true})
		return nil
	})
	w.js.Set("onmessage", w.heard)
	w.js.Set("onerror", w.failed)
	b.workers[i] = w
	return early.asked, func() {
		for k := 0; k < early.said && b.workers[i] == w; k++ {
			event := js.Global().Get("Object").New()
			event.Set("data", early.heard.Index(k))
			w.heard.Invoke(event)
		}
	}
}

// compiled is a promise of a program.
func (b *webBrowser) compiled(program string) js.Value {
	if _, ok := b.programs[program]; !ok {
		b.share(program, wire.CompileProgram(b.host.Resolve("/web/"+program)))
	}
	return b.programs[program]
}

// share has all workers that are started from now on run one program, unless it cannot be had.
func (b *webBrowser) share(program string, p js.Value) {
	b.programs[program] = p
	go func() {
		if _, err := await(p); err != nil {
			delete(b.programs, program)
		}
	}()
}

// Post implements Browser.
func (b *webBrowser) Post(i int, r jobs.Request) error {
	return b.workers[i].line.Post(b.workers[i].js, r)
}

// SayInFull implements Browser.
func (b *webBrowser) SayInFull(i int) { b.workers[i].line.Forget() }

// Connect implements Browser: worker and picture get an end each of a channel.
func (b *webBrowser) Connect(i int) {
	channel := js.Global().Get("MessageChannel").New()
	wire.PostPort(b.workers[i].js, "", channel.Get("port1"))
	page.PostPort(channel.Get("port2"))
}

// Pair implements Browser: keys and values go from worker to worker without a stop at the page.
func (b *webBrowser) Pair(i, j int) {
	channel := js.Global().Get("MessageChannel").New()
	wire.PostPeer(b.workers[i].js, j, channel.Get("port1"))
	wire.PostPeer(b.workers[j].js, i, channel.Get("port2"))
}

// Cores implements Browser.
func (b *webBrowser) Cores() int {
	if n := js.Global().Get("navigator").Get("hardwareConcurrency"); n.Type() == js.TypeNumber {
		return n.Int()
	}
	return 1
}

// Stop implements Browser.
func (b *webBrowser) Stop(i int) {
	w := b.workers[i]
	if w == nil {
		return
	}
	w.js.Call("terminate")
	// What it said before may still be on its way.
	w.js.Set("onmessage", js.Null())
	w.js.Set("onerror", js.Null())
	w.heard.Release()
	w.failed.Release()
	b.workers[i] = nil
}

// Keep implements Browser: it tells the service worker, where there is one.
func (b *webBrowser) Keep(addresses []string) {
	keeper := js.Global().Get("navigator").Get("serviceWorker")
	if !keeper.Truthy() {
		return
	}
	used := make([]any, len(addresses))
	for i, a := range addresses {
		used[i] = a
	}
	var then js.Func
	then = js.FuncOf(func(_ js.Value, args []js.Value) any {
		then.Release()
		args[0].Get("active").Call("postMessage", map[string]any{"keep": used})
		return nil
	})
	// It is ready some seconds after the first visit began, or never.
	keeper.Get("ready").Call("then", then)
}

// earlyWorker is the worker that was started before this program ran, with the number
// of messages in heard that it has sent so far, and what it was asked.
type earlyWorker struct {
	worker, heard js.Value
	compiled      js.Value // a promise of the program, if it is the one asked for
	said          int
	asked         Ahead
}

// adopt takes over the early worker, if it runs the program asked for and was asked
// for no other model than the one that is wanted; it is used once.
func adopt(program string, model jobs.Offer) earlyWorker {
	none := earlyWorker{worker: js.Undefined()}
	e := js.Global().Get("clexlabEngine")
	if !e.Truthy() {
		return none
	}
	js.Global().Delete("clexlabEngine")
	worker, heard, load, write := e.Get("worker"), e.Get("heard"), e.Get("load"), e.Get("write")
	out := earlyWorker{worker: worker, heard: heard, said: heard.Length()}
	if e.Get("program").String() == program {
		out.compiled, none.compiled = e.Get("compiled"), e.Get("compiled")
	}
	if load.Truthy() {
		wanted, _, err := jobs.First(model, jobs.Write{})
		out.asked.Loads = err == nil && load.String() == wanted
	}
	if e.Get("program").String() != program || load.Truthy() && !out.asked.Loads {
		worker.Call("terminate")
		return none
	}
	if write.Truthy() {
		var r jobs.Request
		if err := json.Unmarshal([]byte(write.String()), &r); err != nil || r.Write == nil || r.ID != jobs.EarlyJob {
			worker.Call("terminate")
			return none
		}
		out.asked.Write = r.Write
	}
	return out
}
