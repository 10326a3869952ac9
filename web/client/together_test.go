package client

import (
	"errors"
	"reflect"
	"testing"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// Workers that have the model and nothing to do are named as helpers, as far as there are cores.
func TestIdleWorkersHelp(t *testing.T) {
	t.Parallel()
	p, f, _ := pooled(t)
	f.cores = 8
	probe := func() []int {
		t.Helper()
		do(p, state.StartProbe{Job: 9, Probe: jobs.Probe{}})
		got := f.last(measurer).Helpers
		p.Answer(measurer, jobs.Answer{ID: 9, Kind: jobs.Probing, Done: true})
		return got
	}
	do(p, state.StartProbe{Job: 9, Probe: jobs.Probe{}})
	ready(p, measurer)
	p.Answer(measurer, jobs.Answer{ID: 9, Kind: jobs.Probing, Done: true})
	write := func(pane, job int) { do(p, state.StartWriting{Pane: pane, Job: job, Write: jobs.Write{Method: "pi"}}) }
	done := func(i, job int) { p.Answer(i, jobs.Answer{ID: job, Kind: jobs.Writing, Done: true}) }
	write(1, 4)
	if r := f.last(secondText); r.Write != nil {
		t.Fatal("asked before it is ready")
	}
	ready(p, secondText)
	done(secondText, 4)
	if want := [][2]int{{measurer, firstText}, {secondText, firstText}, {secondText, measurer}}; !reflect.DeepEqual(f.paired, want) {
		t.Errorf("paired %v, want %v", f.paired, want)
	}
	if got := probe(); !reflect.DeepEqual(got, []int{firstText, secondText}) {
		t.Errorf("helpers are %v, want both idle workers", got)
	}
	write(0, 5)
	if got := f.last(firstText).Helpers; !reflect.DeepEqual(got, []int{secondText, measurer}) {
		t.Errorf("a text is read with %v, want the two idle workers", got)
	}
	if got := probe(); !reflect.DeepEqual(got, []int{secondText}) {
		t.Errorf("helpers are %v while a text is written, want the other worker", got)
	}
	f.cores = 2
	if got := probe(); len(got) != 0 {
		t.Errorf("helpers are %v while a text is written on two cores, want none", got)
	}
	done(firstText, 5)
	if got := probe(); !reflect.DeepEqual(got, []int{firstText}) {
		t.Errorf("helpers are %v on two cores, want one", got)
	}
	f.cores = 0
	if got := probe(); len(got) != 0 {
		t.Errorf("helpers are %v on one core, want none", got)
	}
	f.cores = 2
	do(p, state.Judge{Judge: jobs.Judge{Method: "rope"}})
	write(1, 6)
	if got := f.last(secondText).Helpers; len(got) != 0 {
		t.Errorf("helpers are %v while the other core judges, want none", got)
	}
}

// adopting is a browser that makes files the page's own when it is let to.
type adopting struct {
	*fake
	let chan error
}

func (a adopting) Adopt(address string) (string, error) { return address, <-a.let }

// A worker whose result is being taken, and which may end with that, is not asked to help, though its training has no job any more; where it
// stays it helps once the result has been taken, or could not be. In a larger model it is the one that measures.
func TestTrainerHelpsWhenItsResultIsTaken(t *testing.T) {
	t.Parallel()
	for _, memory := range []int64{0, sharedFrom} {
		for _, failed := range []error{nil, errors.New("the disk is full")} {
			p, f, _ := pooled(t)
			f.cores, p.offer.Memory = 8, memory
			a := adopting{f, make(chan error)}
			p.browser = a
			taken := make(chan bool, 1)
			p.host.Send = func(m state.Message) {
				switch m.(type) {
				case state.JobDone, state.JobFailed:
					taken <- true
				}
			}
			do(p, state.StartTraining{Job: 7})
			i := p.at(trainer)
			ready(p, i)
			helpers := func(job int) []int {
				do(p, state.StartWriting{Job: job, Write: jobs.Write{Method: "pi"}})
				got := f.last(firstText).Helpers
				delete(p.jobs, job)
				return got
			}
			if got := helpers(3); len(got) != 0 {
				t.Errorf("%d bytes: helpers are %v while the worker trains, want none", memory, got)
			}
			p.Answer(i, jobs.Answer{ID: 7, Kind: jobs.Training, Trained: &jobs.Trained{Step: 1, Files: &jobs.Files{Config: "blob:c", Weights: "blob:w"}}})
			if got := helpers(4); len(got) != 0 {
				t.Errorf("%d bytes: helpers are %v while a result is taken, want none", memory, got)
			}
			a.let <- nil
			a.let <- failed
			<-taken
			if got := helpers(5); !reflect.DeepEqual(got, []int{i}) {
				t.Errorf("%d bytes: helpers are %v when the result has been taken (%v), want %d", memory, got, failed, i)
			}
		}
	}
}

// A worker that begins anew is connected anew.
func TestPairsAgain(t *testing.T) {
	t.Parallel()
	p, f, _ := pooled(t)
	p.ask(measurer, jobs.Request{ID: 1, FreeGPU: true})
	ready(p, measurer)
	do(p, state.RestartEngine{})
	ready(p, firstText)
	p.ask(measurer, jobs.Request{ID: 1, FreeGPU: true})
	ready(p, measurer)
	if want := [][2]int{{measurer, firstText}, {measurer, firstText}}; !reflect.DeepEqual(f.paired, want) {
		t.Errorf("paired %v, want %v", f.paired, want)
	}
}
