package state

import (
	"slices"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/wasm/wire/jobs"
)

// schooled is a page whose model can be trained.
func schooled() *State {
	s := New(Defaults())
	s.Models = []Model{{ID: "small", Load: jobs.Load{Config: "c", Weights: "w", Tokenizer: "t", Tuned: map[string]Weights{"rope": {Name: "base", Config: "bc", Weights: "bw"}}}}}
	s.Models[0].Network = &clex.Network{}
	s.Engine.Ready = true
	return &s
}

func started(t *testing.T, effects []Effect) StartTraining {
	t.Helper()
	for _, e := range effects {
		if e, ok := e.(StartTraining); ok {
			return e
		}
	}
	t.Fatalf("no training among %v", effects)
	return StartTraining{}
}

// A training's figures are its own: what an older job says is dropped, and its result is a model that
// says what it is and runs other methods on the weights that ship.
func TestTraining(t *testing.T) {
	s := schooled()
	job := started(t, s.Update(TrainNow{}))
	if job.From != "rope" || job.Steps != 60 || job.TMax != s.MaxT() || job.Address == job.Held {
		t.Errorf("asked for %+v", job.Train)
	}
	if again := s.Update(TrainNow{}); len(again) != 0 {
		t.Errorf("a second one beside it: %v", again)
	}
	held := func(far float64) []jobs.HeldLoss {
		return []jobs.HeldLoss{{Length: 256, T: 1, Loss: 2.5}, {Length: 4096, T: 16, Loss: far}}
	}
	for _, m := range []Trained{
		{job.Job, jobs.Trained{Backend: "CPU", Held: held(5), Moved: &jobs.Moved{}}},
		{job.Job - 1, jobs.Trained{Step: 9, Loss: 1}},
		{job.Job, jobs.Trained{Step: 1, Loss: 3, Rate: 1024}},
		{job.Job, jobs.Trained{Step: 2, Loss: 2.9, Rate: 1024, Held: held(4), Moved: &jobs.Moved{}}},
	} {
		s.Update(m)
	}
	tr := &s.Training
	if tr.Step != 2 || !slices.Equal(tr.Losses, []float64{3, 2.9}) || len(tr.Held) != 2 || tr.Held[1].Step != 2 {
		t.Errorf("%+v", tr)
	}
	if left := tr.Left().Seconds(); left != 58 { // 58 steps of 1,024 tokens at 1,024 a second
		t.Errorf("%v s left, want 58", left)
	}
	if used := s.Update(UseTrained{}); used != nil {
		t.Errorf("the result was used before there is one: %v", used)
	}
	network := &clex.Network{Hidden: 3}
	effects := s.Update(Trained{job.Job, jobs.Trained{Step: 2, Files: &jobs.Files{Config: "blob:c", Weights: "blob:w", Size: 7, Network: network}}})
	offered, ok := effects[0].(OfferModel)
	if !ok || offered.Model.Load.Config != "blob:c" || offered.Model.Load.Weights != "blob:w" || offered.Model.Tuned["rope"].Name != "base" || offered.Model.Network != network ||
		!strings.Contains(offered.Model.Name, "Trained here") {
		t.Errorf("offered %+v", effects)
	}
	s.Update(JobDone{Job: job.Job})
	if !strings.Contains(s.Spoken, "5.0 to 4.0") || s.Training.Job != 0 {
		t.Errorf("spoken: %q", s.Spoken)
	}
	effects = s.Update(UseTrained{})
	if !slices.ContainsFunc(effects, func(e Effect) bool { l, ok := e.(LoadModel); return ok && l.ID == offered.Model.ID }) || s.Current().ID != offered.Model.ID {
		t.Errorf("use: %v", effects)
	}
	s.Engine.Ready = true
	// The next one has a name of its own.
	job = started(t, s.Update(TrainNow{}))
	effects = s.Update(Trained{job.Job, jobs.Trained{Step: 1, Files: &jobs.Files{Network: network}}})
	if next := effects[0].(OfferModel).Model; next.ID == offered.Model.ID {
		t.Errorf("two models called %s", next.ID)
	}
}

// A training that fails says so and can be begun anew; a model without untuned weights has none.
func TestTrainingEnds(t *testing.T) {
	s := schooled()
	job := started(t, s.Update(TrainNow{}))
	s.Update(JobFailed{Job: job.Job, Text: "loss NaN"})
	if s.Training.Error != "loss NaN" || s.Training.Job != 0 {
		t.Errorf("%+v", s.Training)
	}
	job = started(t, s.Update(TrainNow{}))
	if s.Training.Error != "" {
		t.Error("the old trouble stays")
	}
	if e := s.Update(StopTraining{}); len(e) != 1 || e[0] != (CancelJob{job.Job}) {
		t.Errorf("stop: %v", e)
	}
	s.Update(EngineFailed{Title: "The engine stopped."})
	if s.Training.Job != 0 || s.Training.Error == "" {
		t.Errorf("after the engine's end: %+v", s.Training)
	}
	s.Update(EditTraining{TrainingChoice{Steps: 1 << 30, Rate: -1, FieldRate: 9}})
	if c := s.Training.Choice; c.Steps != MaxTrainingSteps || c.Rate != 0 || c.FieldRate != MaxTrainingRate {
		t.Errorf("choice %+v", c)
	}
	s.Models[0].Tuned = nil
	if s.CanTrain() == "" || s.Update(TrainNow{}) != nil {
		t.Error("a model without untuned weights was trained")
	}
}
