package client

import (
	"time"

	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// Answer takes what worker i says, in the order in which it was said.
func (p *Pool) Answer(i int, a jobs.Answer) {
	heard := p.workers[i].heard
	if heard == nil {
		return
	}
	list := heard.Take(a)
	if n := heard.Waiting(); n > 0 && n&(n-1) == 0 && len(list) == 0 {
		p.post(i, jobs.Request{Resend: heard.Missing()})
	}
	for _, a := range list {
		// What is told may end the worker or put another in its place.
		if p.workers[i].heard == heard {
			p.told(i, a)
		}
	}
}

func (p *Pool) told(i int, a jobs.Answer) {
	w := &p.workers[i]
	if a.Memory > 0 {
		w.memory = a.Memory
	}
	if i == firstText && !a.Fatal && !p.early.told(&a) {
		return
	}
	switch {
	case a.Fatal:
		p.workerFailed(i, a.Error)
		return
	case a.GPU != nil:
		p.gpu(a.GPU)
		return
	}
	switch a.Kind {
	case "":
		p.sendLoad(i)
	case jobs.Calling:
		p.called(i, a)
	case jobs.Loading:
		p.loading(i, a)
	case jobs.Writing:
		p.text(i, a)
	case jobs.Probing:
		p.probe(a)
	case jobs.Training:
		p.trained(a)
	case jobs.Describing, jobs.Exporting:
		p.filed(a)
	case jobs.Measuring:
		p.measured(a)
	case jobs.Judging:
		p.judge(a)
	case jobs.Attending:
		p.attend(a)
	case jobs.Subjects:
		if a.Spelled != nil {
			p.host.Send(state.Spelled{Subject: a.ID, Spelled: *a.Spelled})
		}
		if a.Error != "" {
			p.host.Send(state.MeasureEnded{Error: a.Error})
		}
	}
}

// gpu tells what a worker found out about its GPU.
func (p *Pool) gpu(g *jobs.GPU) {
	if !g.Raced {
		p.host.Send(state.GPUFailed{Text: g.Trouble})
		return
	}
	p.host.Send(state.GPUAnswered{Adapter: g.Adapter, Software: g.Software, Report: g.Report, Trouble: g.Trouble, CPU: g.CPU, GPU: g.GPU})
}

// sendLoad sends a program that has just started its first request: the model.
func (p *Pool) sendLoad(i int) {
	if i == filer {
		p.open(i)
		return
	}
	p.workers[i].hears = true
	if i == p.at(measurer) && p.pictured {
		p.browser.Connect(i)
	}
	if w := &p.workers[i]; len(w.waiting) > 0 && w.waiting[0].Load != nil {
		r := w.waiting[0]
		w.waiting = w.waiting[1:]
		p.post(i, r)
	}
}

func (p *Pool) loading(i int, a jobs.Answer) {
	switch {
	case a.Loading != nil:
		if i == firstText {
			p.host.Send(state.EngineLoading{Doing: "model", Loaded: a.Loading.Done, Total: a.Loading.Total})
		}
	case a.Ready != nil:
		p.had[p.offer.Load.Weights] = true
		p.open(i)
		if i == firstText {
			p.host.Send(state.EngineReady{Backend: a.Ready.Backend, Kernels: a.Ready.Kernels, Memory: p.memory()})
			p.fault(jobs.OutOfMemory)
		}
	}
}

// open passes on what has waited for a worker.
func (p *Pool) open(i int) {
	w := &p.workers[i]
	w.ready = true
	p.pair(i)
	waiting := w.waiting
	w.waiting = nil
	for _, r := range waiting {
		p.post(i, r)
	}
}

// workerFailed says what happened; the texts on screen stay.
func (p *Pool) workerFailed(i int, why string) {
	if i == filer {
		p.filerFailed(why)
		return
	}
	loaded := p.workers[i].ready
	p.stop(i)
	if i == trainer {
		// Texts, losses and maps lie with the others.
		p.host.Send(state.TrainerLost{Why: why})
		return
	}
	if !loaded {
		p.host.Send(state.EngineFailed{Key: "model", Title: "The model could not be loaded.", Text: "Try again; if it stays, reload the page. (" + why + ")", Action: "retry-model", Why: why})
		return
	}
	p.fail("worker", "The engine stopped.", "Your text is kept. Start it again, and choose a shorter text if it happens once more. ("+why+")", "restart-engine")
}

// ended tells how a job ended.
func (p *Pool) ended(a jobs.Answer) {
	switch {
	case a.Error != "":
		delete(p.jobs, a.ID)
		p.host.Send(state.JobFailed{Job: a.ID, Text: a.Error})
	case a.Done:
		delete(p.jobs, a.ID)
		p.host.Send(state.JobDone{Job: a.ID, StopReason: a.StopReason})
	}
}

func (p *Pool) text(i int, a jobs.Answer) {
	switch {
	case a.Reading != nil:
		p.host.Send(state.PromptRead{Job: a.ID, Read: int(a.Reading.Done), ToRead: int(a.Reading.Total)})
	case a.Tokens != nil && len(a.Tokens.List) > 0 && a.Tokens.List[0].Prompt:
		p.host.Send(state.PromptTokens{Job: a.ID, Tokens: a.Tokens.List})
	case a.Tokens != nil:
		if i == firstText {
			p.fault(jobs.LostGPU)
		}
		p.host.Send(state.TokensWritten{Job: a.ID, Tokens: a.Tokens.List, Rate: a.Tokens.Rate,
			FirstToken: time.Duration(a.Tokens.First * float64(time.Millisecond)), Memory: p.memory()})
	}
	p.ended(a)
}

// fault causes the failure that the address asks for, once; only builds for tests heed it.
func (p *Pool) fault(f jobs.Fault) {
	if !p.faulty && p.host.Option("fail") == string(f) {
		p.faulty = true
		p.ask(firstText, jobs.Request{Fault: f})
	}
}

func (p *Pool) probe(a jobs.Answer) {
	if a.Cell != nil {
		p.host.Send(state.ProbeAnswered{Job: a.ID, Recalled: *a.Cell, Took: p.now().Sub(p.probed)})
	}
	p.ended(a)
}

// measured hands on what the picture asked for and asks the next question.
func (p *Pool) measured(a jobs.Answer) {
	switch v := a.View.(type) {
	case *scene.MapsSummary:
		p.host.Send(state.MapsMeasured{MapsSummary: v})
	case *scene.Loss:
		p.host.Send(state.LossMeasured{Loss: v})
	}
	if a.Reading != nil && !p.measure.ended {
		p.host.Send(state.ReadingProgress{Progress: *a.Reading})
	}
	if a.Error != "" {
		// The worker may lack the text, so it is handed over anew.
		p.workers[p.at(measurer)].held = map[state.Subject]handedOver{}
	}
	if (a.Done || a.Error != "") && a.ID == p.measure.running {
		p.measure.running = 0
		if a.Error != "" || p.measure.waiting == nil {
			p.host.Send(state.MeasureEnded{Error: a.Error})
		}
		p.measureNext()
	}
}

func (p *Pool) judge(a jobs.Answer) {
	q, ok := p.judging[a.ID]
	if !ok || a.Judged == nil && !a.Done && a.Error == "" {
		return
	}
	delete(p.judging, a.ID)
	p.host.Send(state.Judged{Pane: q.Pane, Epoch: q.Epoch, From: q.From, NLL: a.Judged, Failed: a.Judged == nil})
}

// attend takes an answer to the last question what a token looks at; those to earlier ones are dropped.
func (p *Pool) attend(a jobs.Answer) {
	if a.ID != p.attended || p.attending == nil {
		return
	}
	switch {
	case a.Attended != nil:
		p.host.Send(state.AttendedCome{Attended: *a.Attended})
	case a.Error != "":
		p.host.Send(state.AttendFailed{Text: a.Error})
	case !a.Done:
		return
	}
	p.attending = nil
}
