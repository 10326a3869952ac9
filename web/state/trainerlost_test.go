package state

import (
	"slices"
	"strings"
	"testing"

	"clexlab/wasm/wire/jobs"
)

// A training whose worker is lost is taken up at the newest kept state, paused if it was; lost once more before it has come any
// further, it ends and says so.
func TestTrainerLost(t *testing.T) {
	s := schooled()
	job := started(t, s.Update(TrainNow{}))
	tell := func(job int, step int, states ...int) {
		s.Update(Trained{job, jobs.Trained{Step: step, Loss: 3, Rate: 1000, States: states}})
	}
	s.Update(Trained{job.Job, jobs.Trained{Held: held(5), States: []int{0}}})
	for step := 1; step <= 10; step++ {
		tell(job.Job, step)
	}
	s.Update(Trained{job.Job, jobs.Trained{Step: 10, Held: held(4), States: []int{0, 10}}})
	tell(job.Job, 11)
	tell(job.Job, 12)

	again := started(t, s.Update(TrainerLost{"out of memory"}))
	if again.Job == job.Job || again.Resume == nil || *again.Resume != 10 || again.Steps != job.Steps || s.Training.Error != "" {
		t.Fatalf("taken up as %+v, trouble %q", again.Train, s.Training.Error)
	}
	if n := len(s.Training.Losses); n != 10 || len(s.Training.Held) != 2 || s.Training.Step != 10 {
		t.Errorf("%d losses, %d readings, step %d", n, len(s.Training.Held), s.Training.Step)
	}
	tell(again.Job, 11)
	tell(again.Job, 12)
	tell(again.Job, 13)
	s.Training.Pausing = true
	effects := s.Update(TrainerLost{"out of memory"})
	third := started(t, effects)
	if !slices.ContainsFunc(effects, func(e Effect) bool {
		x, ok := e.(SteerTraining)
		return ok && x.Job == third.Job && x.Run == jobs.Paused
	}) {
		t.Errorf("a pause was lost: %v", effects)
	}
	tell(third.Job, 11)
	if out := s.Update(TrainerLost{"out of memory."}); slices.ContainsFunc(out, func(e Effect) bool { _, ok := e.(StartTraining); return ok }) {
		t.Error("taken up though it came no further")
	}
	if s.Training.Job != 0 || !strings.Contains(s.Training.Error, "(out of memory); go back to a kept step") {
		t.Errorf("job %d, trouble %q", s.Training.Job, s.Training.Error)
	}
	if out := s.Update(TrainerLost{"out of memory."}); len(out) != 0 {
		t.Errorf("lost without a training: %v", out)
	}
}

// Before anything is kept there is nothing to take up.
func TestTrainerLostAtOnce(t *testing.T) {
	s := schooled()
	s.Update(TrainNow{})
	s.Update(TrainerLost{"no network"})
	if s.Training.Job != 0 || s.Training.Error != "The worker that trains has stopped (no network)" {
		t.Errorf("job %d, trouble %q", s.Training.Job, s.Training.Error)
	}
}

// What is no longer kept of a training is said with the reason and the last step that is, until a state is kept again.
func TestTrainingIsNotKept(t *testing.T) {
	t.Parallel()
	s := schooled()
	s.Update(TrainNow{})
	tell := func(x jobs.Trained) { s.Update(Trained{s.Training.Job, x}) }
	tell(jobs.Trained{Step: 10, Loss: 2, States: []int{0, 10}, Bytes: 7})
	if w := s.Training.UnkeptWords(); w != "" {
		t.Errorf("all is kept, and it says %q", w)
	}
	tell(jobs.Trained{Step: 20, Loss: 2, States: []int{0, 10}, Bytes: 7, Unkept: "there is no room"})
	tell(jobs.Trained{Step: 21, Loss: 2})
	if w := s.Training.UnkeptWords(); !strings.HasPrefix(w, "What is learnt after step 10 is not kept: there is no room. ") || !strings.Contains(w, "lost with this tab") {
		t.Errorf("it says %q", w)
	}
	tell(jobs.Trained{Step: 30, Loss: 2, Unkept: "this browser keeps another training"})
	if w := s.Training.UnkeptWords(); !strings.HasPrefix(w, "This training is not kept any more: this browser") || len(s.Training.States) != 0 {
		t.Errorf("it says %q of %v", w, s.Training.States)
	}
	tell(jobs.Trained{Step: 40, Loss: 2, States: []int{40}})
	if w := s.Training.UnkeptWords(); w != "" {
		t.Errorf("it is kept again, and it says %q", w)
	}
}
