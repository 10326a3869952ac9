//go:build js && wasm

package client

import (
	"time"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/page"
	"clexlab/web/state"
)

// Do carries out an effect of the page.
func (p *pool) Do(effect state.Effect) {
	switch e := effect.(type) {
	case state.StartWriting:
		p.write(e)
	case state.CancelJob:
		if i, ok := p.jobs[e.Job]; ok {
			p.ask(i, jobs.Request{ID: e.Job, Cancel: true})
		}
	case state.Retune:
		if i, ok := p.jobs[e.Job]; ok {
			p.ask(i, jobs.Request{ID: e.Job, Tune: &jobs.Tune{T: e.T, Auto: e.Auto}})
		}
	case state.StartProbe:
		p.probe(e)
	case state.Calibrate:
		p.ask(looking, jobs.Request{ID: raceJob, Calibrate: &jobs.Calibrate{Try: e.Try, Software: e.Software}})
	case state.ReleaseGPU:
		for i, w := range p.workers {
			if w != nil && (i == looking && e.Reading || i != looking && e.Writing) {
				p.ask(i, jobs.Request{ID: freeJob, FreeGPU: true})
			}
		}
	case state.LoadModel:
		p.load(e.ID)
	case state.RestartEngine:
		p.load(p.offer.ID)
	}
}

func (p *pool) write(e state.StartWriting) {
	i := firstText + e.Pane
	p.jobs[e.Job] = i
	p.ask(i, jobs.Request{ID: e.Job, Write: &jobs.Write{
		Method: e.Method, Prompt: e.Prompt, Tokens: e.Tokens, MaxLength: e.MaxLength, Tune: jobs.Tune{T: e.T, Auto: e.Auto},
		Temperature: e.Temperature, TopP: e.TopP, MinP: e.MinP, TopK: e.TopK, Seed: e.Seed, Try: e.Try,
	}})
}

func (p *pool) probe(e state.StartProbe) {
	r := &jobs.Probe{Show: e.Watch, Seed: e.Seed, Try: e.Try, Tune: jobs.Tune{T: e.T, Auto: e.Auto}}
	for _, c := range e.Cells {
		r.Cells = append(r.Cells, jobs.Cell{Method: c.Method, Tokens: c.Tokens, Depth: c.Depth, Trials: c.Trials})
	}
	p.jobs[e.Job], p.probed = looking, time.Now()
	p.ask(looking, jobs.Request{ID: e.Job, Probe: r})
}

// measuring keeps the picture's questions in order: a coarse answer that is on
// its way is waited for, so that a long drag shows something; a fine one gives way.
type measuring struct {
	next    int
	running int
	coarse  bool
	waiting *jobs.Measure
	need    *jobs.Measure
}

func (m *measuring) reset() { m.running, m.waiting, m.need = 0, nil, nil }

// Measure asks for what the scene shows.
func (p *pool) Measure(m page.Measurement) {
	r := &jobs.Measure{Revision: m.Revision, Tokens: m.Tokens, Try: m.Try, Tune: jobs.Tune{T: m.T, Auto: m.Auto}, Coarse: m.Coarse, Need: m.Need}
	if m.Scene == state.Attention || m.Scene == state.Overview || m.Need != nil {
		r.Maps = m.Method
	}
	if (m.Scene == state.Loss || m.Scene == state.Overview) && !m.Coarse && !m.Busy && m.Need == nil {
		r.Loss = m.Shown
	}
	if len(m.Tokens) < 2 || r.Maps == "" && len(r.Loss) == 0 {
		return
	}
	if m.Need != nil {
		p.measure.need = r
	} else {
		p.measure.waiting = r
	}
	// A text that grows is asked about again and again: what is under way is let
	// finish then, or no answer would ever come on a slow machine.
	if p.measure.running != 0 && !p.measure.coarse && !m.Busy {
		p.ask(looking, jobs.Request{ID: p.measure.running, Cancel: true})
	}
	p.lookOn()
}

// lookOn asks the next question when the last one has been answered.
func (p *pool) lookOn() {
	q := &p.measure
	if q.running != 0 {
		return
	}
	r := q.waiting
	if r != nil {
		q.waiting = nil
	} else if r = q.need; r != nil {
		q.need = nil
	} else {
		return
	}
	q.next++
	q.running, q.coarse = q.next, r.Coarse
	p.ask(looking, jobs.Request{ID: q.running, Measure: r})
}
