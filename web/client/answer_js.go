//go:build js && wasm

package client

import (
	"math"
	"time"

	"clexlab/wasm/wire"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// answer takes what worker i says.
func (p *pool) answer(i int, w *worker, a jobs.Answer) {
	if p.workers[i] != w {
		return
	}
	if a.Memory > 0 {
		p.memory[i] = a.Memory
	}
	switch {
	case a.Fatal:
		p.died(i, a.Error)
	case a.Loading != nil:
		if i == firstText {
			p.desk.Send(state.EngineLoading{Doing: "model", Loaded: a.Loading.Done, Total: a.Loading.Total})
		}
	case a.Ready != nil:
		p.ready(i, w, a.Ready)
	case a.GPU != nil:
		p.gpu(a.GPU)
	case a.ID == 0:
		p.greet(w)
	case a.ID >= firstMeasure:
		p.measured(a)
	default:
		p.told(i, a)
	}
}

// gpu tells what a worker found out about its GPU.
func (p *pool) gpu(g *jobs.GPU) {
	if !g.Raced {
		p.desk.Send(state.GPUFailed{Text: g.Trouble})
		return
	}
	p.desk.Send(state.GPUAnswered{Adapter: g.Adapter, Software: g.Software, Report: g.Report, Trouble: g.Trouble,
		CPU: state.Speed(g.CPU), GPU: state.Speed(g.GPU)})
}

// greet sends a program that has just started its first request: the model.
func (p *pool) greet(w *worker) {
	if len(w.waiting) > 0 && w.waiting[0].Load != nil {
		p.post(w, w.waiting[0])
		w.waiting = w.waiting[1:]
	}
}

func (p *pool) ready(i int, w *worker, r *jobs.Ready) {
	w.ready = true
	for _, q := range w.waiting {
		p.post(w, q)
	}
	w.waiting = nil
	if i == firstText {
		p.desk.Send(state.EngineReady{Backend: r.Backend, Memory: p.total()})
		if p.desk.Option("fail") == "memory" && !p.failed {
			p.failed = true
			p.ask(firstText, jobs.Request{Crash: true})
		}
	}
}

func (p *pool) total() (sum int64) {
	for _, m := range p.memory {
		sum += m
	}
	return sum
}

// died says what happened; the texts on screen stay.
func (p *pool) died(i int, why string) {
	loaded := p.workers[i].ready
	p.stop(i)
	for job, at := range p.jobs {
		if at == i {
			delete(p.jobs, job)
		}
	}
	if i == looking {
		p.measure.reset()
	}
	if !loaded {
		p.fail("model", "The model could not be loaded.", why+" Try again; if it stays, reload the page.", "retry-model")
		return
	}
	p.fail("worker", "The engine stopped.", why+" Your text is kept. Start it again, and choose a shorter text if it happens once more.", "restart-engine")
}

// told translates the answers to texts and probes.
func (p *pool) told(i int, a jobs.Answer) {
	switch {
	case a.Reading != nil:
		p.desk.Send(state.PromptRead{Job: a.ID, Read: int(a.Reading.Done), ToRead: int(a.Reading.Total)})
	case a.Tokens != nil:
		p.tokens(a)
	case a.Cell != nil:
		c := a.Cell
		answer := state.ProbeAnswered{Job: a.ID, Took: time.Since(p.probed), Said: c.Said, Want: c.Want,
			Cell: state.Cell{Method: c.Method, Tokens: c.Tokens, Depth: c.Depth, Trials: c.Trials, Right: c.Right}}
		if s := c.Shown; s != nil {
			answer.Shown = state.Shown{Before: s.Before, Fact: s.Fact, After: s.After, Skipped: s.Skipped, Question: s.Question,
				Chance: s.Chance, Layer: s.Layer, Head: s.Head, Weight: s.Weight}
			for _, g := range s.Guesses {
				answer.Shown.Guesses = append(answer.Shown.Guesses, state.Alternative{Text: g.Text, P: g.P})
			}
		}
		p.desk.Send(answer)
	case a.Error != "":
		delete(p.jobs, a.ID)
		p.desk.Send(state.JobFailed{Job: a.ID, Text: a.Error})
	case a.Done:
		delete(p.jobs, a.ID)
		p.desk.Send(state.JobDone{Job: a.ID, StopReason: state.StopReason(a.StopReason)})
	}
}

func (p *pool) tokens(a jobs.Answer) {
	list := make([]state.Token, len(a.Tokens.List))
	for i, t := range a.Tokens.List {
		list[i] = state.Token{ID: t.ID, Text: t.Text, NLL: t.NLL, T: t.T, Prompt: t.Prompt}
		if t.NLL < 0 {
			list[i].NLL = math.NaN()
		}
		for _, o := range t.Alternatives {
			list[i].Alternatives = append(list[i].Alternatives, state.Alternative{ID: o.ID, Text: o.Text, P: o.P})
		}
	}
	if len(list) > 0 && list[0].Prompt {
		p.desk.Send(state.PromptTokens{Job: a.ID, Tokens: list})
		return
	}
	if p.desk.Option("fail") == "gpu" && !p.failed {
		p.failed = true
		p.ask(firstText, jobs.Request{LoseGPU: true})
	}
	p.desk.Send(state.TokensWritten{Job: a.ID, Tokens: list, Rate: a.Tokens.Rate,
		FirstToken: time.Duration(a.Tokens.First * float64(time.Millisecond)), Memory: p.total()})
}

// measured hands the picture what it asked for and asks the next question.
func (p *pool) measured(a jobs.Answer) {
	switch v := a.View.(type) {
	case *wire.ViewMaps:
		p.desk.Maps(v)
	case *wire.ViewLoss:
		p.desk.Loss(v)
	}
	if a.Error != "" {
		p.desk.Send(state.Notify{Notice: state.Notice{Key: "measure", Level: state.Warning, Title: "The picture's numbers could not be computed.", Text: a.Error}})
	}
	if a.Done || a.Error != "" {
		p.measure.running = 0
		p.lookOn()
	}
}
