package client

import (
	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// A worker that owes answers is asked now and then which jobs it has: a request or an answer may have been lost on the
// way, and a browser may end a worker without a word. One that owes none is asked once more after it was told something, as the answer's
// number tells what has not come; and one whose program has not said that it runs, which it may have said.
//
// missedCalls is after how many calls without an answer a worker counts as dead: between two blocks of a long text it hears nothing.
const missedCalls = 12

// call is a question that a worker has not answered yet. It is asked anew until then: it may be lost itself.
type call struct {
	id, missed int
	owed       []jobs.Job
}

// Call asks every worker that may owe answers. It is to be called every few seconds.
func (p *Pool) Call() {
	for i := range p.workers {
		w := &p.workers[i]
		owed := p.owed(i)
		if !w.runs || w.running() && len(owed) == 0 && !w.stirred && w.heard.Missing() == 0 {
			w.call = call{}
			continue
		}
		if w.call.id == 0 {
			p.calls++
			w.call, w.stirred = call{id: p.calls, owed: owed}, false
		} else if len(owed) > 0 {
			if w.call.missed++; w.call.missed >= missedCalls {
				p.workerFailed(i, "It does not answer any more.")
				continue
			}
		}
		p.post(i, jobs.Request{ID: w.call.id, Call: true})
		if from := w.heard.Missing(); from > 0 {
			p.post(i, jobs.Request{Resend: from})
		}
	}
}

// running is set once a worker's program has said that it runs.
func (w *worker) running() bool { return w.hears || w.ready }

// owed are the jobs that worker i was given and has not ended.
func (p *Pool) owed(i int) (list []jobs.Job) {
	w := &p.workers[i]
	switch {
	case !w.runs || i != filer && !w.hears:
		return nil
	case !w.ready && i != filer && (len(w.waiting) == 0 || w.waiting[0].Load == nil):
		return []jobs.Job{{Kind: jobs.Loading, ID: 1}}
	case !w.ready:
		return nil
	}
	for id, at := range p.jobs {
		if at.worker == i {
			list = append(list, jobs.Job{Kind: at.kind, ID: id})
		}
	}
	if i == p.at(measurer) {
		if id := p.measure.running; id != 0 {
			list = append(list, jobs.Job{Kind: jobs.Measuring, ID: id})
		}
		for id := range p.judging {
			list = append(list, jobs.Job{Kind: jobs.Judging, ID: id})
		}
		if p.attending != nil {
			list = append(list, jobs.Job{Kind: jobs.Attending, ID: p.attended})
		}
	}
	return list
}

// called compares what a worker has with what it owed when it was asked: its answers come in order, so what it
// neither has nor has answered since is lost.
func (p *Pool) called(i int, a jobs.Answer) {
	w := &p.workers[i]
	if a.ID != w.call.id {
		return
	}
	had := map[jobs.Job]bool{}
	for _, j := range a.Has {
		had[j] = true
	}
	for _, j := range p.owed(i) {
		for _, asked := range w.call.owed {
			if j == asked && !had[j] {
				p.lost(i, j)
			}
		}
	}
	w.call = call{}
	w.stirred = w.stirred || len(a.Has) > 0
}

// lost asks again for what nobody waits for by name, and says of the rest that it failed.
func (p *Pool) lost(i int, j jobs.Job) {
	w := &p.workers[i]
	w.held = map[state.Subject]handedOver{}
	p.browser.SayInFull(i)
	switch j.Kind {
	case jobs.Loading:
		l := p.offer.Load.At(p.models() + "/")
		p.post(i, jobs.Request{ID: 1, Load: &l})
	case jobs.Measuring:
		q := &p.measure
		q.running = 0
		if q.waiting == nil {
			again := q.asked
			q.waiting = &again
		}
		p.measureNext()
	case jobs.Judging:
		q := p.judging[j.ID]
		p.ask(measurer, jobs.Request{ID: j.ID, Judge: &q.Judge})
	case jobs.Attending:
		p.ask(measurer, jobs.Request{ID: p.attended, Attend: &p.attending.Attend})
	default:
		p.Answer(i, jobs.Answer{ID: j.ID, Kind: j.Kind, Error: "The engine has lost this; ask for it once more."})
	}
}
