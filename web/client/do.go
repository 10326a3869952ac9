package client

import (
	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// The methods named like effects of package state carry them out: see state.EngineEffects.

func (p *Pool) StartWriting(e state.StartWriting) {
	p.jobs[e.Job] = assignment{p.at(firstText + e.Pane), jobs.Writing}
	p.ask(firstText+e.Pane, jobs.Request{ID: e.Job, Write: &e.Write})
}

func (p *Pool) CancelJob(e state.CancelJob) {
	if at, ok := p.jobs[e.Job]; ok {
		p.ask(at.worker, jobs.Request{ID: e.Job, Cancel: at.kind})
	}
}

func (p *Pool) SetFactor(e state.SetFactor) {
	if at, ok := p.jobs[e.Job]; ok {
		p.ask(at.worker, jobs.Request{ID: e.Job, SetFactor: &e.FactorRule})
	}
}

func (p *Pool) StartProbe(e state.StartProbe) {
	p.jobs[e.Job], p.probed = assignment{p.at(measurer), jobs.Probing}, p.now()
	p.ask(measurer, jobs.Request{ID: e.Job, Probe: &e.Probe})
}

func (p *Pool) StartTraining(e state.StartTraining) {
	p.jobs[e.Job] = assignment{p.at(trainer), jobs.Training}
	r := e.Train
	r.Address, r.Held = p.host.Resolve(r.Address), p.host.Resolve(r.Held)
	p.ask(trainer, jobs.Request{ID: e.Job, Train: &r})
}

func (p *Pool) SteerTraining(e state.SteerTraining) {
	if at, ok := p.jobs[e.Job]; ok {
		p.ask(at.worker, jobs.Request{ID: e.Job, Steer: &e.Steer})
	}
}

func (p *Pool) ForgetTraining() { go p.browser.ForgetTraining() }

func (p *Pool) OfferModel(e state.OfferModel) { p.offers = append(p.offers, e.Model) }

func (p *Pool) TuneMethod(e state.TuneMethod) {
	if p.tuned[e.Model] == nil {
		p.tuned[e.Model] = map[string]jobs.Weights{}
	}
	if p.tuned[e.Model][e.Method] = e.Weights; e.Weights.Name == "" {
		delete(p.tuned[e.Model], e.Method)
	}
	if e.Model != p.offer.ID {
		return
	}
	for i, w := range p.workers {
		if w.runs && i != filer {
			p.ask(i, jobs.Request{ID: 1, Tune: &e.Tune})
		}
	}
}

func (p *Pool) ConnectPicture() {
	p.pictured = true
	if p.workers[p.at(measurer)].hears {
		p.browser.Connect(p.at(measurer))
	}
}

func (p *Pool) DescribeFiles(e state.DescribeFiles) {
	p.jobs[e.Job] = assignment{filer, jobs.Describing}
	p.ask(filer, jobs.Request{ID: e.Job, Describe: &e.Describe})
}

func (p *Pool) StartExport(e state.StartExport) {
	p.jobs[e.Job] = assignment{filer, jobs.Exporting}
	r := e.Export
	r.Load = p.resolved(r.Load)
	p.ask(filer, jobs.Request{ID: e.Job, Export: &r})
}

func (p *Pool) StopMeasuring() {
	p.measure.waiting, p.measure.need = nil, nil
	if p.measure.running != 0 {
		p.measure.ended = true
		p.ask(measurer, jobs.Request{ID: p.measure.running, Cancel: jobs.Measuring})
	}
}

func (p *Pool) Judge(e state.Judge) {
	p.judged++
	p.judging[p.judged] = e
	p.ask(measurer, jobs.Request{ID: p.judged, Judge: &e.Judge})
}

func (p *Pool) Attend(e state.Attend) {
	if p.attended > 0 {
		// Over or not: what is over hears nothing.
		p.ask(measurer, jobs.Request{ID: p.attended, Cancel: jobs.Attending})
	}
	p.attended++
	p.attending = &e
	p.ask(measurer, jobs.Request{ID: p.attended, Attend: &e.Attend})
}

func (p *Pool) Calibrate(e state.Calibrate) {
	p.ask(measurer, jobs.Request{ID: 1, Calibrate: &jobs.Calibrate{GPUAttempt: e.GPUAttempt, Software: e.Software}})
}

func (p *Pool) ReleaseGPU(e state.ReleaseGPU) {
	for i, w := range p.workers {
		if w.runs && i != filer && (i == p.at(measurer) && e.Reading || i != p.at(measurer) && e.Writing) {
			p.ask(i, jobs.Request{ID: 1, FreeGPU: true})
		}
	}
}

func (p *Pool) LoadModel(e state.LoadModel) { p.load(e.ID) }

func (p *Pool) RestartEngine() { p.load(p.offer.ID) }

// handedOver is a subject that a worker has: n of its tokens, as of a revision.
type handedOver struct{ id, revision, n int }

// measuring keeps the picture's questions in order: a coarse answer that is on its way is
// waited for, so that a long drag shows something; a fine one gives way.
type measuring struct {
	next    int
	running int
	// ended says that the worker was told to end what runs.
	ended   bool
	coarse  bool
	subject int
	waiting *state.Measure
	need    *state.Measure
	// asked is what runs.
	asked state.Measure
}

// Measure asks what the picture needs, or remembers to when the last answer has come: of
// several questions of a kind the last one counts.
func (p *Pool) Measure(m state.Measure) {
	q := &p.measure
	if m.Need != nil {
		q.need = &m
	} else {
		q.waiting = &m
	}
	// A text that grows is asked about again and again: what is under way is let
	// finish then, or no answer would ever come on a slow machine.
	if q.running != 0 && !q.coarse && (!m.Busy || q.subject != m.Subject) {
		q.ended = true
		p.ask(measurer, jobs.Request{ID: q.running, Cancel: jobs.Measuring})
	}
	p.measureNext()
}

// measureNext asks the next question when the last one has been answered.
func (p *Pool) measureNext() {
	q := &p.measure
	if q.running != 0 {
		return
	}
	m := q.waiting
	if m != nil {
		q.waiting = nil
	} else if m = q.need; m != nil {
		q.need = nil
	} else {
		return
	}
	q.next++
	q.ended = false
	q.running, q.coarse, q.subject, q.asked = q.next, m.Coarse, m.Subject, *m
	p.giveSubject(m.Text)
	p.ask(measurer, jobs.Request{ID: q.running, Measure: &m.Measure})
}

// giveSubject gives the measuring worker what it has not of a text.
func (p *Pool) giveSubject(h state.SubjectText) {
	w := &p.workers[p.at(measurer)]
	if !w.runs {
		if p.offer.ID == "" {
			return
		}
		p.start(p.at(measurer))
	}
	last := w.held[h.Kind]
	now := handedOver{h.ID, h.Revision, len(h.Tokens)}
	if last == now {
		return
	}
	r := &jobs.Subject{ID: h.ID, Revision: h.Revision}
	if last.id != h.ID {
		r.Replaces = last.id
	}
	switch {
	case h.Address != "":
		r.Address, r.MaxTokens = p.host.Resolve(h.Address), h.MaxTokens
	case h.Words != "":
		r.Text, r.MaxTokens = h.Words, h.MaxTokens
	default:
		if last.id == h.ID {
			r.From = min(last.n, len(h.Tokens))
		}
		for _, t := range h.Tokens[r.From:] {
			r.Tokens = append(r.Tokens, t.ID)
		}
	}
	w.held[h.Kind] = now
	p.ask(measurer, jobs.Request{ID: h.ID, Subject: r})
}
