package client

import (
	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// filed hands on what was found out about files, or what was written. The worker ends with its job, and
// with it the memory that the job took.
func (p *Pool) filed(a jobs.Answer) {
	switch {
	case a.Described != nil:
		p.host.Send(state.FilesDescribed{Job: a.ID, Described: *a.Described})
	case a.Reading != nil:
		p.host.Send(state.FileProgress{Job: a.ID, Progress: *a.Reading})
	case a.Exported != nil:
		x := *a.Exported
		delete(p.jobs, a.ID)
		go func() {
			// The address dies with the worker.
			address, err := p.browser.Adopt(x.Address)
			p.stopFiler()
			if err != nil {
				p.host.Send(state.JobFailed{Job: a.ID, Text: "The file could not be handed over: " + err.Error()})
				return
			}
			p.browser.Download(x.Name, address)
			p.host.Send(state.ModelExported{Job: a.ID, Name: x.Name, Size: x.Size})
		}()
		return
	}
	if _, open := p.jobs[a.ID]; open && (a.Done || a.Error != "") {
		p.ended(a)
		p.stopFiler()
	}
}

// stopFiler ends the worker of files when nothing more is asked of it.
func (p *Pool) stopFiler() {
	for _, at := range p.jobs {
		if at.worker == filer {
			return
		}
	}
	p.stop(filer)
}

func (p *Pool) filerFailed(why string) {
	var lost []int
	for job, at := range p.jobs {
		if at.worker == filer {
			lost = append(lost, job)
		}
	}
	p.stop(filer)
	for _, job := range lost {
		p.host.Send(state.JobFailed{Job: job, Text: "The worker that looks at files stopped, most likely for want of memory. (" + why + ")"})
	}
}

// KeepModel copies a model's files into the browser's own storage.
func (p *Pool) KeepModel(e state.KeepModel) {
	e.Model.Load = e.Model.Load.At(p.models() + "/")
	go func() {
		kept, err := p.browser.KeepModel(e.Model, func(done int64) {
			p.host.Send(state.FileProgress{Job: e.Job, Progress: jobs.Progress{Done: done, Total: e.Model.Size}})
		})
		if err != nil {
			p.host.Send(state.JobFailed{Job: e.Job, Text: "The model could not be kept in this browser: " + err.Error()})
			return
		}
		p.host.Send(state.ModelKept{Job: e.Job, Model: kept})
	}()
}

// ForgetModel deletes one from there.
func (p *Pool) ForgetModel(e state.ForgetModel) {
	go func() {
		if err := p.browser.ForgetModel(e.ID); err != nil {
			p.host.Send(state.Notify{Notice: state.Notice{Key: "forget", Level: state.Failure, Title: "The model could not be deleted.", Text: err.Error()}})
		}
	}()
}
