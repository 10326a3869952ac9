package client

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/page"
	"clexlab/web/state"
)

const catalogue = `{"models": [{"id": "small", "config": "c.json", "weights": "w.safetensors", "tokenizer": "t.json", "layers": 4, "heads": 2,
	"rotary": {"HeadDim": 8, "Dims": 8, "Base": 10000, "Window": 256}, "tMax": 64,
	"tuned": {"pi": {"name": "pi", "factor": 16, "config": "p.json", "weights": "p.safetensors"}}}]}`

// fake is a browser without one: it notes what a pool asks of it.
type fake struct {
	catalogue string
	asked     Ahead
	posted    [poolSize][]jobs.Request
	stopped   []int
	kept      []string
	connected []int
	full      []int
	paired    [][2]int
	cores     int
	// stored are models that the browser keeps.
	stored                []jobs.Offer
	training              jobs.KeptTraining
	forgotten, downloaded []string
}

func (f *fake) Get(string) ([]byte, error) {
	if f.catalogue == "" {
		return nil, errors.New("index.json is missing (HTTP 404)")
	}
	return []byte(f.catalogue), nil
}
func (f *fake) HasSIMD() bool { return true }
func (f *fake) Connect(i int) { f.connected = append(f.connected, i) }
func (f *fake) Pair(i, j int) { f.paired = append(f.paired, [2]int{i, j}) }
func (f *fake) Cores() int    { return max(1, f.cores) }
func (f *fake) Start(i int, _ string, _ jobs.Offer) (Ahead, func()) {
	f.posted[i] = nil
	if i != firstText {
		return Ahead{}, func() {}
	}
	return f.asked, func() {}
}
func (f *fake) Post(i int, r jobs.Request) error     { f.posted[i] = append(f.posted[i], r); return nil }
func (f *fake) SayInFull(i int)                      { f.full = append(f.full, i) }
func (f *fake) Stop(i int)                           { f.stopped = append(f.stopped, i) }
func (f *fake) Adopt(address string) (string, error) { return address + "#own", nil }
func (f *fake) Kept() []jobs.Offer                   { return f.stored }
func (f *fake) KeepModel(o jobs.Offer, progress func(int64)) (jobs.Offer, error) {
	progress(o.Size)
	o.Kept = true
	return o, nil
}
func (f *fake) KeptTraining() (jobs.KeptTraining, bool) {
	return f.training, len(f.training.States) > 0
}
func (f *fake) ForgetTraining()             {}
func (f *fake) ForgetModel(id string) error { f.forgotten = append(f.forgotten, id); return nil }
func (f *fake) Download(name, _ string)     { f.downloaded = append(f.downloaded, name) }
func (f *fake) Keep(addresses []string)     { f.kept = append(f.kept, addresses...) }

// last is the newest request to a worker.
func (f *fake) last(i int) jobs.Request {
	if n := len(f.posted[i]); n > 0 {
		return f.posted[i][n-1]
	}
	return jobs.Request{}
}

// pooled is a pool whose first worker has the model, and what it tells the page.
func pooled(t *testing.T) (*Pool, *fake, *[]state.Message) {
	t.Helper()
	f := &fake{catalogue: catalogue}
	said := new([]state.Message)
	p := NewPool(page.Host{Send: func(m state.Message) { *said = append(*said, m) },
		Resolve: func(path string) string { return "/base" + path }, Option: func(string) string { return "" }}, f)
	p.List()
	do(p, state.LoadModel{ID: "small"})
	ready(p, firstText)
	return p, f, said
}

// ready has a worker say that it runs, and then that it has the model.
func ready(p *Pool, i int) {
	p.Answer(i, jobs.Answer{})
	p.Answer(i, jobs.Answer{ID: 1, Kind: jobs.Loading, Ready: &jobs.Ready{Backend: "CPU"}})
}

func find[M state.Message](said []state.Message) (m M, ok bool) {
	for _, x := range said {
		if m, ok = x.(M); ok {
			return m, true
		}
	}
	return m, false
}

func TestListsModels(t *testing.T) {
	t.Parallel()
	_, f, said := pooled(t)
	if m, ok := find[state.ModelsListed](*said); !ok || m.Models[0].TMax != 64 {
		t.Errorf("listed %+v", m)
	}
	if r := f.posted[firstText]; len(r) != 1 || r[0].Load == nil || r[0].Load.Weights != "/base/web/models/w.safetensors" {
		t.Errorf("the first worker was asked %+v", r)
	}
	if _, ok := find[state.EngineReady](*said); !ok {
		t.Error("it is not said that the model is there")
	}
	for name, bad := range map[string]string{"": "retry-model", "[": "reload"} {
		f := &fake{catalogue: name}
		var failed state.EngineFailed
		p := NewPool(page.Host{Send: func(m state.Message) { failed = m.(state.EngineFailed) }, Resolve: func(s string) string { return s }, Option: func(string) string { return "" }}, f)
		p.List()
		if failed.Action != bad || strings.Count(failed.Text, "index.json") > 1 {
			t.Errorf("catalogue %q: %+v", name, failed)
		}
	}
}

// A worker that was started before the page's program and told to load is not told again.
func TestEarlyWorkerIsToldOnce(t *testing.T) {
	t.Parallel()
	f := &fake{catalogue: catalogue, asked: Ahead{Loads: true}}
	p := NewPool(page.Host{Send: func(state.Message) {}, Resolve: func(s string) string { return s }, Option: func(string) string { return "" }}, f)
	p.List()
	do(p, state.LoadModel{ID: "small"})
	p.Answer(firstText, jobs.Answer{})
	if len(f.posted[firstText]) != 0 {
		t.Errorf("asked %+v", f.posted[firstText])
	}
}

// Jobs go to their workers, which are started when first needed and asked when they are ready.
func TestJobsGoToTheirWorkers(t *testing.T) {
	t.Parallel()
	p, f, said := pooled(t)
	do(p, state.StartWriting{Pane: 1, Job: 7, Write: jobs.Write{Method: "pi"}})
	if len(f.posted[secondText]) != 0 {
		t.Fatal("a worker without a model is asked to write")
	}
	ready(p, secondText)
	if r := f.last(secondText); r.ID != 7 || r.Write == nil || r.Write.Method != "pi" {
		t.Errorf("asked %+v", r)
	}
	if want := []string{"/base/web/models/p.json", "/base/web/models/p.safetensors"}; !reflect.DeepEqual(f.kept, want) {
		t.Errorf("kept %v", f.kept)
	}
	do(p, state.SetFactor{Job: 7, FactorRule: jobs.FactorRule{T: 3}})
	if r := f.last(secondText); r.SetFactor == nil || r.SetFactor.T != 3 || r.ID != 7 {
		t.Errorf("asked %+v", r)
	}
	do(p, state.CancelJob{Job: 7})
	if r := f.last(secondText); r.Cancel != jobs.Writing || r.ID != 7 {
		t.Errorf("asked %+v", r)
	}
	p.Answer(secondText, jobs.Answer{ID: 7, Kind: jobs.Writing, Done: true, StopReason: jobs.StopCancelled})
	n := len(f.posted[secondText])
	do(p, state.SetFactor{Job: 7})
	if len(f.posted[secondText]) != n {
		t.Error("a job that is over is given another t")
	}
	if m, ok := find[state.JobDone](*said); !ok || m.Job != 7 {
		t.Errorf("said %+v", m)
	}
	p.Answer(secondText, jobs.Answer{Error: "no memory", Fatal: true})
	if m, ok := find[state.EngineFailed](*said); !ok || m.Action != "restart-engine" || len(f.stopped) != 1 {
		t.Errorf("said %+v, stopped %v", m, f.stopped)
	}
}

// Of many questions of a drag the last one counts, a coarse answer on its way is waited for,
// a fine one gives way; finer maps come after all that.
func TestTheLastQuestionCounts(t *testing.T) {
	t.Parallel()
	p, f, _ := pooled(t)
	text := state.SubjectText{ID: 1, Address: "/web/book.txt", MaxTokens: 99}
	ask := func(at float64, coarse bool, need *scene.Need) {
		do(p, state.Measure{Measure: jobs.Measure{Subject: 1, Maps: []string{"clex"}, FactorRule: jobs.FactorRule{T: at}, Coarse: coarse, Need: need}, Text: text})
	}
	ask(1, true, nil)
	ready(p, measurer)
	if r := f.posted[measurer]; len(r) != 3 || r[1].Subject == nil || r[1].Subject.Address != "/base/web/book.txt" || r[2].Measure == nil {
		t.Fatalf("asked %+v", r)
	}
	ask(2, true, nil)
	ask(3, true, &scene.Need{ID: 1})
	ask(4, false, nil)
	if n := len(f.posted[measurer]); n != 3 {
		t.Fatalf("%d requests while a coarse answer is on its way", n)
	}
	done := func() { p.Answer(measurer, jobs.Answer{ID: f.last(measurer).ID, Kind: jobs.Measuring, Done: true}) }
	done()
	if r := f.last(measurer); r.Measure == nil || r.Measure.T != 4 || r.Measure.Coarse {
		t.Fatalf("then asked %+v", r)
	}
	running := f.last(measurer).ID
	ask(5, true, nil)
	if r := f.last(measurer); r.Cancel != jobs.Measuring || r.ID != running {
		t.Errorf("a fine answer is waited for: %+v", r)
	}
	p.Answer(measurer, jobs.Answer{ID: running, Kind: jobs.Measuring, Done: true, StopReason: jobs.StopCancelled})
	if r := f.last(measurer); r.Measure == nil || r.Measure.T != 5 {
		t.Fatalf("then asked %+v", r)
	}
	done()
	if r := f.last(measurer); r.Measure == nil || r.Measure.Need == nil {
		t.Errorf("finer maps are asked for last: %+v", r)
	}
	done()
	n := len(f.posted[measurer])
	p.Answer(measurer, jobs.Answer{ID: running, Kind: jobs.Measuring, Done: true})
	if len(f.posted[measurer]) != n {
		t.Error("a late answer begins another question")
	}
}

// A text goes to the worker once; what grows is handed over piece by piece.
func TestTextIsHandedOverOnce(t *testing.T) {
	t.Parallel()
	p, f, _ := pooled(t)
	tokens := make([]state.Token, 100)
	for i := range tokens {
		tokens[i].ID = int32(i)
	}
	given := func(h state.SubjectText) (out []*jobs.Subject) {
		n := len(f.posted[measurer])
		do(p, state.Measure{Measure: jobs.Measure{Subject: h.ID, Loss: []string{"rope"}}, Text: h})
		if !p.workers[measurer].ready {
			ready(p, measurer)
		}
		for _, r := range f.posted[measurer][n:] {
			if r.Subject != nil {
				out = append(out, r.Subject)
			}
		}
		p.Answer(measurer, jobs.Answer{ID: f.last(measurer).ID, Kind: jobs.Measuring, Done: true})
		return out
	}
	if s := given(state.SubjectText{Kind: state.OnText, ID: 2, Revision: 1, Tokens: tokens[:60]}); len(s) != 1 || len(s[0].Tokens) != 60 {
		t.Fatalf("given %+v", s)
	}
	if s := given(state.SubjectText{Kind: state.OnText, ID: 2, Revision: 1, Tokens: tokens[:60]}); len(s) != 0 {
		t.Errorf("the same text is given again: %+v", s)
	}
	if s := given(state.SubjectText{Kind: state.OnText, ID: 2, Revision: 2, Tokens: tokens}); len(s) != 1 || s[0].From != 60 || len(s[0].Tokens) != 40 || s[0].Tokens[0] != 60 {
		t.Errorf("given %+v", s)
	}
	if s := given(state.SubjectText{Kind: state.OnText, ID: 4, Revision: 3, Tokens: tokens[:5]}); len(s) != 1 || s[0].From != 0 || s[0].Replaces != 2 {
		t.Errorf("given %+v", s)
	}
}

func TestAnswersAreHandedOn(t *testing.T) {
	t.Parallel()
	p, _, said := pooled(t)
	q := state.Judge{Pane: 1, Epoch: 3, From: 128, Judge: jobs.Judge{Method: "rope"}}
	do(p, q)
	do(p, state.StartProbe{Job: 9, Probe: jobs.Probe{}})
	do(p, state.Attend{})
	do(p, state.Attend{})
	ready(p, measurer)
	for _, a := range []jobs.Answer{
		{ID: 1, Kind: jobs.Judging, Judged: []float64{1, 2}}, {ID: 1, Kind: jobs.Judging, Done: true},
		{ID: 1, Kind: jobs.Attending, Attended: &jobs.Attended{T: 1}}, {ID: 2, Kind: jobs.Attending, Attended: &jobs.Attended{T: 2}},
		{ID: 9, Kind: jobs.Probing, Cell: &jobs.Recalled{Said: " blue"}}, {ID: 9, Kind: jobs.Probing, Error: "no words"},
		{ID: 1, Kind: jobs.Subjects, Spelled: &jobs.Spelled{Tokens: []string{"a"}}},
		{ID: 5, Kind: jobs.Measuring, View: &scene.Loss{Method: "pi"}}, {ID: 5, Kind: jobs.Measuring, View: &scene.MapsSummary{Method: "pi"}},
	} {
		p.Answer(measurer, a)
	}
	if m, ok := find[state.Judged](*said); !ok || m.Pane != 1 || m.Epoch != 3 || m.From != 128 || len(m.NLL) != 2 {
		t.Errorf("judged %+v", m)
	}
	if m, ok := find[state.AttendedCome](*said); !ok || m.T != 2 {
		t.Errorf("what a token looks at: %+v, want the answer to the last question", m)
	}
	if m, ok := find[state.ProbeAnswered](*said); !ok || m.Job != 9 || m.Said != " blue" {
		t.Errorf("probe %+v", m)
	}
	if m, ok := find[state.JobFailed](*said); !ok || m.Job != 9 || m.Text != "no words" {
		t.Errorf("failed %+v", m)
	}
	if m, ok := find[state.Spelled](*said); !ok || m.Subject != 1 {
		t.Errorf("spelled %+v", m)
	}
	if m, ok := find[state.LossMeasured](*said); !ok || m.Method != "pi" {
		t.Errorf("loss %+v", m)
	}
	if m, ok := find[state.MapsMeasured](*said); !ok || m.Method != "pi" {
		t.Errorf("maps %+v", m)
	}
}

// The worker that measures is given an end of a channel to the picture: when there is a picture,
// and again whenever one of the two is another.
func TestConnectsThePicture(t *testing.T) {
	t.Parallel()
	p, f, _ := pooled(t)
	p.ask(measurer, jobs.Request{ID: 1, FreeGPU: true})
	if len(f.connected) != 0 {
		t.Fatal("the worker is connected to no picture")
	}
	do(p, state.ConnectPicture{})
	if len(f.connected) != 0 {
		t.Fatal("it is connected before its program runs, when it hears nothing")
	}
	ready(p, measurer)
	do(p, state.ConnectPicture{})
	do(p, state.RestartEngine{})
	if !slices.Equal(f.connected, []int{measurer, measurer}) {
		t.Fatalf("connected %v", f.connected)
	}
	p.ask(measurer, jobs.Request{ID: 1, FreeGPU: true})
	p.ask(secondText, jobs.Request{ID: 1, FreeGPU: true})
	ready(p, measurer)
	ready(p, secondText)
	if !slices.Equal(f.connected, []int{measurer, measurer, measurer}) {
		t.Errorf("after the engine began anew: connected %v", f.connected)
	}
}

// A training runs on a worker of its own; its result is the page's before its end is told, and a
// training that ends without one ends all the same.
func TestTrains(t *testing.T) {
	t.Parallel()
	// A worker that has the states of its training in its own memory is kept for them.
	for name, stored := range map[string]bool{"states in storage": true, "states in the worker": false} {
		t.Run(name, func(t *testing.T) { testTrains(t, stored) })
	}
}

func testTrains(t *testing.T, stored bool) {
	p, f, _ := pooled(t)
	if stored {
		f.training.States = []int{0, 10}
	}
	do(p, state.StartTraining{Job: 7, Train: jobs.Train{Address: "/web/a.txt", Held: "/web/b.txt"}})
	ready(p, trainer)
	r := f.last(trainer)
	if r.Train == nil || r.Train.Address != "/base/web/a.txt" || r.Train.Held != "/base/web/b.txt" {
		t.Fatalf("asked %+v", r)
	}
	done := make(chan state.JobDone, 4)
	var results []state.Trained
	p.host.Send = func(m state.Message) {
		switch m := m.(type) {
		case state.Trained:
			results = append(results, m)
		case state.JobDone:
			done <- m
		}
	}
	p.Answer(trainer, jobs.Answer{ID: 7, Kind: jobs.Training, Trained: &jobs.Trained{Step: 1}})
	p.Answer(trainer, jobs.Answer{ID: 7, Kind: jobs.Training, Trained: &jobs.Trained{Step: 1, Files: &jobs.Files{Config: "blob:c", Weights: "blob:w"}}})
	if m := <-done; m.Job != 7 || len(results) != 2 || results[1].Files.Weights != "blob:w#own" {
		t.Errorf("told %+v, then %+v", results, m)
	}
	if slices.Contains(f.stopped, trainer) != stored || p.workers[trainer].runs == stored {
		t.Errorf("stopped %v, states stored %t", f.stopped, stored)
	}
	p.Answer(trainer, jobs.Answer{ID: 7, Kind: jobs.Training, Done: true})
	do(p, state.StartTraining{Job: 8})
	ready(p, trainer)
	if r := f.last(trainer); r.Train == nil {
		t.Errorf("asked for another training: %+v", r)
	}
	p.Answer(trainer, jobs.Answer{ID: 8, Kind: jobs.Training, Done: true, StopReason: jobs.StopCancelled})
	if m := <-done; m.Job != 8 {
		t.Errorf("told the end of %d", m.Job)
	}
	if len(done) != 0 {
		t.Error("an end was told twice")
	}
	do(p, state.OfferModel{Model: jobs.Offer{ID: "trained-here-1", Load: jobs.Load{Config: "blob:c", Weights: "blob:w", Tokenizer: "t.json"}}})
	do(p, state.LoadModel{ID: "trained-here-1"})
	p.Answer(firstText, jobs.Answer{})
	if l := f.last(firstText).Load; l == nil || l.Config != "blob:c" || !strings.HasSuffix(l.Tokenizer, "/t.json") {
		t.Errorf("loads %+v", l)
	}
}

// The worker that trains is lost alone: the engine stands, and the next training has another one.
func TestTrainerLost(t *testing.T) {
	t.Parallel()
	p, f, _ := pooled(t)
	do(p, state.StartTraining{Job: 7})
	ready(p, trainer)
	var told []state.Message
	p.host.Send = func(m state.Message) { told = append(told, m) }
	p.Answer(trainer, jobs.Answer{Error: "out of memory", Fatal: true})
	if len(told) != 1 || told[0] != (state.TrainerLost{Why: "out of memory"}) {
		t.Errorf("told %+v", told)
	}
	if !slices.Equal(f.stopped, []int{trainer}) || !p.workers[firstText].ready || p.busy(trainer) {
		t.Errorf("stopped %v", f.stopped)
	}
	do(p, state.StartTraining{Job: 8})
	ready(p, trainer)
	if r := f.last(trainer); r.ID != 8 {
		t.Errorf("asked %+v", r)
	}
}

// do has the engine carry an effect out.
func do(p *Pool, e state.Effect) { e.Do(noPage{}, p) }

// noPage stands for the page where a drag is told to the engine.
type noPage struct{ state.PageEffects }

func (noPage) ShowView(state.ShowView) {}
func (noPage) SaveAddress()            {}

// How far a reading has come is told until another question ends it: who reads then is not known before that is asked.
func TestEndedReadingTellsNothing(t *testing.T) {
	t.Parallel()
	p, f, said := pooled(t)
	m := state.Measure{Measure: jobs.Measure{Subject: 3, Loss: []string{"rope"}}, Text: state.SubjectText{ID: 3, Tokens: []jobs.Token{{ID: 5}, {ID: 6}}}}
	do(p, m)
	ready(p, measurer)
	id := f.last(measurer).ID
	tells := func() bool {
		*said = nil
		p.Answer(measurer, jobs.Answer{ID: id, Kind: jobs.Measuring, Reading: &jobs.Progress{Method: "rope", Done: 1, Total: 2}})
		_, ok := find[state.ReadingProgress](*said)
		return ok
	}
	if !tells() {
		t.Error("nothing is told of a reading")
	}
	m.T = 8
	if do(p, m); tells() {
		t.Error("a reading that was ended is told of")
	}
}
