package client

import (
	"reflect"

	"clexlab/wasm/wire/jobs"
)

// earlyText is the text that the first worker was asked for before the page's program ran. It becomes the page's first if
// that is the same.
type earlyText struct {
	// write is what was asked for, nil for nothing; job is the page's number for it, 0 before it has one.
	write *jobs.Write
	job   int
	// heard are the answers that came before.
	heard []jobs.Answer
}

// takes reports whether a request to the first worker is fulfilled already; what is about the early text gets the number that
// the worker knows it by. A text that nobody asks for after all is ended.
func (e *earlyText) takes(p *Pool, r *jobs.Request) bool {
	switch {
	case e.write == nil:
	case r.Write != nil && e.job == 0:
		if len(r.Helpers) > 0 || !reflect.DeepEqual(r.Write, e.write) {
			*e = earlyText{}
			_ = p.browser.Post(firstText, jobs.Request{ID: jobs.EarlyJob, Cancel: jobs.Writing})
			return false
		}
		e.job = r.ID
		heard := e.heard
		e.heard = nil
		for _, a := range heard {
			p.told(firstText, a)
		}
		return true
	case r.ID == e.job && (r.Cancel == jobs.Writing || r.SetFactor != nil):
		r.ID = jobs.EarlyJob
	}
	return false
}

// told gives an answer of the first worker the page's number, and reports whether it is to be passed on now.
func (e *earlyText) told(a *jobs.Answer) bool {
	for i := range a.Has {
		if a.Has[i] == (jobs.Job{Kind: jobs.Writing, ID: jobs.EarlyJob}) {
			a.Has[i].ID = e.job
		}
	}
	switch {
	case a.Kind != jobs.Writing || a.ID != jobs.EarlyJob:
		return true
	case e.write == nil:
		return false // it was given up
	case e.job == 0:
		e.heard = append(e.heard, *a)
		return false
	}
	a.ID = e.job
	return true
}
