package client

import (
	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// trained hands on how a training goes. A result is made the page's own first, as the worker
// that published it ends then: a program's memory never shrinks, and what a training needs is several times what a text does.
func (p *Pool) trained(a jobs.Answer) {
	if x := a.Trained; x != nil && x.Files != nil {
		job, told, files := a.ID, *x, *x.Files
		delete(p.jobs, job)
		p.settling = true
		go func() {
			var err error
			if files.Config, err = p.browser.Adopt(files.Config); err == nil {
				files.Weights, err = p.browser.Adopt(files.Weights)
			}
			p.settled()
			if err != nil {
				p.host.Send(state.JobFailed{Job: job, Text: "The result could not be kept: " + err.Error()})
				return
			}
			told.Files = &files
			p.host.Send(state.Trained{Job: job, Trained: told})
			p.host.Send(state.JobDone{Job: job})
		}()
		return
	}
	if a.Trained != nil {
		p.host.Send(state.Trained{Job: a.ID, Trained: *a.Trained})
	}
	// Where there is a result, the end is told with it.
	if _, open := p.jobs[a.ID]; open || a.Error != "" {
		p.ended(a)
	}
}

// settled ends the worker that has trained, if its states lie in the browser's storage and not in itself; the next
// training starts it again.
func (p *Pool) settled() {
	_, stored := p.browser.KeptTraining()
	p.settling = false
	if stored && p.at(trainer) == trainer && p.workers[trainer].runs && !p.busy(trainer) {
		p.stop(trainer)
	}
}
