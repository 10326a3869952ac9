package client

import (
	"strings"
	"time"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/page"
	"clexlab/web/state"
)

// The workers by what they do.
const (
	firstText = iota
	secondText
	measurer
	trainer
	// filer looks at files and writes them; it holds no model and ends with its job.
	filer
	poolSize
)

// From sharedFrom bytes of memory on one worker writes both texts and another does the rest; from singleFrom on one does
// everything, one after the other.
const (
	sharedFrom = 48 << 20
	singleFrom = 256 << 20
)

// at is the worker that does the work of worker i for the model in use.
func (p *Pool) at(i int) int {
	switch {
	case i == filer || p.offer.Memory < sharedFrom:
		return i
	case p.offer.Memory >= singleFrom || i == secondText:
		return firstText
	case i == trainer:
		return measurer
	}
	return i
}

// Browser does what only a browser can.
type Browser interface {
	// Get fetches a small file.
	Get(address string) ([]byte, error)
	// HasSIMD says whether the browser knows WebAssembly's vectors.
	HasSIMD() bool
	// Start makes worker i run a program, and tells what it has been asked already. What it says is passed to Pool.Answer;
	// replay passes what it has said so far.
	Start(i int, program string, model jobs.Offer) (asked Ahead, replay func())
	// Post passes a request to worker i, Stop ends it.
	Post(i int, r jobs.Request) error
	Stop(i int)
	// SayInFull has the next request to worker i not lean on those before it, of which one was lost.
	SayInFull(i int)
	// Connect lets worker i talk to the picture, Pair two workers to each other.
	Connect(i int)
	Pair(i, j int)
	// Cores is how many threads the machine runs at once, as far as the browser says.
	Cores() int
	// Adopt makes a file that a worker published an address of the page's own. It waits.
	Adopt(address string) (string, error)
	// Keep has files kept for use without a network.
	Keep(addresses []string)
	// Kept are the models that the reader has had kept in this browser. It waits, as do KeepModel, which keeps one and
	// returns it with addresses of its own, and ForgetModel, which deletes one.
	Kept() []jobs.Offer
	KeepModel(model jobs.Offer, progress func(done int64)) (jobs.Offer, error)
	ForgetModel(id string) error
	// KeptTraining is the training whose states this browser keeps, if there is one. It waits, as does ForgetTraining, which deletes it.
	KeptTraining() (jobs.KeptTraining, bool)
	ForgetTraining()
	// Download hands a file at an address to the browser's downloads.
	Download(name, address string)
}

// Ahead is what a worker was asked before the page's program ran.
type Ahead struct {
	// Loads is set when it was told to load the model that is wanted, Write when it was asked for a text.
	Loads bool
	Write *jobs.Write
}

// Pool is the page's engine.
type Pool struct {
	host    page.Host
	browser Browser
	offers  []jobs.Offer
	offer   jobs.Offer
	workers [poolSize]worker
	// jobs says which worker has which job of the page, and of what kind it is.
	jobs map[int]assignment
	// tuned are the weights that methods were given here, by model and method.
	tuned   map[string]map[string]jobs.Weights
	early   earlyText
	measure measuring
	// settling is set while a training's result is made the page's own.
	settling bool
	// judging are the questions to the judge that are under way, by ID.
	judging map[int]state.Judge
	judged  int
	// attended is the ID of the last question what a token looks at, attending the question while it is under way, else nil.
	attended  int
	attending *state.Attend
	// probed is when the last recall job began.
	probed time.Time
	// kept are the weights that the service worker was told of, by file.
	kept map[string]bool
	// had are the weights of models that some worker has loaded, by file: the browser has them at hand.
	had map[string]bool
	// pictured is set once there is a picture for the measurer to talk to.
	pictured bool
	// faulty is set when the failure that the address asks for has been caused, once.
	faulty bool
	now    func() time.Time
	// calls is how often a worker was asked what it has.
	calls int
}

type assignment struct {
	worker int
	kind   jobs.Kind
}

// worker is one Web Worker with a copy of the model.
type worker struct {
	// runs is set from its start, hears once its program has said that it runs: before that, messages to it are
	// lost. ready is set when it has the model.
	runs, hears, ready bool
	waiting            []jobs.Request
	memory             int64
	// heard puts its answers in order. stirred is set while it may say something that nobody counts on.
	heard   *jobs.Heard
	stirred bool
	// held is the last subject of each kind that it was handed.
	held map[state.Subject]handedOver
	call call
}

// NewPool makes the engine of a page; List has it begin.
func NewPool(host page.Host, browser Browser) *Pool {
	return &Pool{host: host, browser: browser, jobs: map[int]assignment{}, tuned: map[string]map[string]jobs.Weights{}, judging: map[int]state.Judge{}, kept: map[string]bool{}, had: map[string]bool{}, now: time.Now}
}

// models is the folder of the checkpoints; the address may name another one.
func (p *Pool) models() string {
	if m := p.host.Option("models"); m != "" {
		return p.host.Resolve("/web/" + strings.Trim(m, "/"))
	}
	return p.host.Resolve("/web/models")
}

// List asks what models there are. It waits for the network.
func (p *Pool) List() {
	data, err := p.browser.Get(p.models() + "/index.json")
	if err != nil {
		p.fail("model", "The list of models could not be loaded.",
			"Check the connection and try again; the curves and the table work without it. ("+err.Error()+")", "retry-model")
		return
	}
	c, err := jobs.ParseCatalogue(data)
	if err != nil {
		p.fail("model", "The list of models is damaged.", "Reload the page; if that does not help, the server's files are broken. ("+err.Error()+")", "reload")
		return
	}
	p.offers = append(c.Models, p.browser.Kept()...)
	p.host.Send(state.ModelsListed{Models: p.offers})
	if k, ok := p.browser.KeptTraining(); ok {
		p.host.Send(state.TrainingKept{KeptTraining: k})
	}
}

func (p *Pool) fail(key, title, text, action string) {
	p.host.Send(state.EngineFailed{Key: key, Title: title, Text: text, Action: action})
}

// load puts a model into the workers; only the first starts at once.
func (p *Pool) load(id string) {
	if len(p.offers) == 0 {
		go p.List()
		return
	}
	for i := range p.workers {
		if i != filer {
			p.stop(i)
		}
	}
	p.offer = p.offers[0]
	for _, o := range p.offers {
		if o.ID == id {
			p.offer = o
		}
	}
	if !p.browser.HasSIMD() {
		p.host.Send(state.Notify{Notice: state.Notice{Key: "simd", Level: state.Warning, Title: "This browser has no WebAssembly SIMD.",
			Text: "The model runs without it, several times slower. A newer browser, or one with SIMD switched on, writes faster; shorter texts help until then."}})
	}
	p.host.Send(state.EngineLoading{Doing: "engine"})
	p.start(firstText)
}

// stop ends a worker, with all that it was doing.
func (p *Pool) stop(i int) {
	if p.workers[i].runs {
		p.browser.Stop(i)
	}
	p.workers[i] = worker{}
	if i == firstText {
		p.early = earlyText{}
	}
	for job, at := range p.jobs {
		if at.worker == i {
			delete(p.jobs, job)
		}
	}
	if i == p.at(measurer) {
		p.measure = measuring{next: p.measure.next}
		clear(p.judging)
		p.attending = nil
	}
}

// program is the engine's file that this browser can run.
func (p *Pool) program() string {
	if p.host.Option("backend") == "scalar" || !p.browser.HasSIMD() {
		return "engine-scalar.wasm"
	}
	return "engine.wasm"
}

// start makes worker i and has it load the model.
func (p *Pool) start(i int) {
	w := &p.workers[i]
	*w = worker{runs: true, heard: &jobs.Heard{}, held: map[state.Subject]handedOver{}}
	if i == filer {
		_, replay := p.browser.Start(i, p.program(), jobs.Offer{})
		replay()
		return
	}
	l := p.resolved(p.offer.Load)
	asked, replay := p.browser.Start(i, p.program(), p.offer)
	if i == firstText {
		p.early = earlyText{write: asked.Write}
	}
	if !asked.Loads {
		w.waiting = []jobs.Request{{ID: 1, Load: &l}}
	}
	// Not with the model: what a few lines of script had loaded ahead knows nothing of it.
	for method, weights := range p.tuned[p.offer.ID] {
		w.waiting = append(w.waiting, jobs.Request{ID: 1, Tune: &jobs.Tune{Method: method, Weights: weights}})
	}
	replay()
}

// resolved is a model's files at their addresses. A difference comes last where what it is from is not at hand.
func (p *Pool) resolved(l jobs.Load) jobs.Load {
	far := l.Difference != nil && !p.had[l.Difference.Of]
	l = l.At(p.models() + "/")
	if far {
		l.Difference.Last = true
	}
	return l
}

// ask passes a request to worker i, starting it if it has not been needed so far.
func (p *Pool) ask(i int, r jobs.Request) {
	i = p.at(i)
	w := &p.workers[i]
	if !w.runs {
		if p.offer.ID == "" && i != filer {
			return
		}
		p.start(i)
	}
	p.keep(r)
	if !w.ready && r.Fault == "" {
		w.waiting = append(w.waiting, r)
		return
	}
	p.post(i, r)
}

func (p *Pool) post(i int, r jobs.Request) {
	if r.Write != nil || r.Measure != nil || r.Probe != nil {
		r.Helpers = p.helpers(i)
	}
	if i == firstText && p.early.takes(p, &r) {
		return
	}
	p.workers[i].stirred = p.workers[i].stirred || !r.Call && r.Resend == 0
	if err := p.browser.Post(i, r); err != nil {
		p.fail("worker", "The engine could not be asked.", err.Error(), "restart-engine")
	}
}

// keep has the weights kept that the methods of a request run on, so that what was used once
// can be used without a network.
func (p *Pool) keep(r jobs.Request) {
	for _, method := range r.Methods() {
		t, ok := p.offer.Tuned[method]
		if !ok || p.kept[t.Weights] {
			continue
		}
		p.kept[t.Weights] = true
		base := p.models() + "/"
		weights := []string{base + t.Config, base + t.Weights}
		if d := t.Difference; d != nil {
			weights = []string{base + t.Config, base + d.Address, base + d.Of}
		}
		p.browser.Keep(weights)
	}
}

func (p *Pool) memory() (sum int64) {
	for _, w := range p.workers {
		sum += w.memory
	}
	return sum
}
