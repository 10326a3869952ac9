package state

import (
	"slices"
	"testing"

	"clexlab/clex"
	"clexlab/wasm/wire/jobs"
)

// pictures reports whether the picture is told.
func pictures(effects []Effect) bool {
	return slices.ContainsFunc(effects, func(e Effect) bool { _, ok := e.(ShowView); return ok })
}

// While a training runs, pictures of frequencies show its field under its name, and then the model's own again: at the
// training's end, its failure and the engine's. What an older job says is not shown.
func TestPicturesShowAFieldInTraining(t *testing.T) {
	for name, end := range map[string]func(job int) Message{
		"done":   func(job int) Message { return JobDone{Job: job} },
		"failed": func(job int) Message { return JobFailed{Job: job, Text: "loss NaN"} },
		"engine": func(int) Message { return EngineFailed{Title: "The engine stopped."} },
	} {
		s := schooled()
		shipped := s.Current().Network
		job := started(t, s.Update(TrainNow{})).Job
		if s.Pictured() != s.Current() {
			t.Errorf("%s: another model before the training has told of its field", name)
		}
		learnt := &clex.Network{Hidden: 3}
		s.Update(Trained{job - 1, jobs.Trained{Step: 9, Network: &clex.Network{}}})
		if out := s.Update(Trained{job, jobs.Trained{Step: 10, Loss: 3, Network: learnt, Moved: &jobs.Moved{}}}); !pictures(out) {
			t.Errorf("%s: the picture is not told: %v", name, out)
		}
		if out := s.Update(Trained{job, jobs.Trained{Step: 11, Loss: 3}}); pictures(out) {
			t.Errorf("%s: the picture is told of a step without a field", name)
		}
		m := s.Pictured()
		if m.Network != learnt || m.Named("clex", "CLEX") != "CLEX, in training, step 10" || m.Learning.TMax != s.MaxT() || m.Named("ntk", "NTK") != "NTK" {
			t.Errorf("%s: shown is %+v", name, m.Model)
		}
		if s.Current().Network != shipped || s.Current().Learning != nil {
			t.Errorf("%s: the model in use is changed", name)
		}
		s.Update(Trained{job, jobs.Trained{Step: 0, Back: true, Pausing: true, Network: &clex.Network{Hidden: 4}}})
		if m := s.Pictured(); m.Network.Hidden != 4 || m.Learning.Step != 0 {
			t.Errorf("%s: back at %+v", name, m.Learning)
		}
		if out := s.Update(end(job)); !pictures(out) || s.Pictured().Network != shipped || s.Pictured().Learning != nil {
			t.Errorf("%s: after it %+v, %v", name, s.Pictured().Learning, out)
		}
	}
}
