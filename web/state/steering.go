package state

import (
	"fmt"
	"slices"
	"strings"

	"clexlab/assets"
	"clexlab/wasm/wire/jobs"
)

// What the reader does with a training that runs, or that this browser keeps: PauseTraining, ContinueTraining and StepTraining
// say whether steps are made on, GoBack undoes to a kept state, GoOnTraining takes up a kept training, DeleteTraining deletes it.
type (
	PauseTraining    struct{}
	ContinueTraining struct{}
	StepTraining     struct{}
	GoBack           struct{ Step int }
	GoOnTraining     struct{ Step int }
	DeleteTraining   struct{}
	// TrainingKept is what this browser keeps of an earlier training.
	TrainingKept struct{ jobs.KeptTraining }
)

// SteerTraining changes a training that runs, ForgetTraining deletes what is kept of one.
type (
	SteerTraining struct {
		Job int
		jobs.Steer
	}
	ForgetTraining struct{}
)

func (e SteerTraining) Do(_ PageEffects, x EngineEffects) { x.SteerTraining(e) }
func (ForgetTraining) Do(_ PageEffects, x EngineEffects)  { x.ForgetTraining() }

func (s *State) steer(x jobs.Steer) []Effect {
	if s.Training.Job == 0 {
		return nil
	}
	return []Effect{SteerTraining{s.Training.Job, x}}
}

func (PauseTraining) apply(s *State) []Effect {
	s.Spoken = "Training pauses after this step"
	return s.steer(jobs.Steer{Run: jobs.Paused})
}

func (ContinueTraining) apply(s *State) []Effect {
	s.Training.Pausing = false
	return s.steer(jobs.Steer{Run: jobs.Going})
}

func (StepTraining) apply(s *State) []Effect { return s.steer(jobs.Steer{Run: jobs.OneStep}) }

// apply goes back in a training that runs, and takes it up there where it has ended.
func (m GoBack) apply(s *State) []Effect {
	t := &s.Training
	if !slices.Contains(t.States, m.Step) {
		return nil
	}
	if t.Job != 0 {
		return s.steer(jobs.Steer{Back: &m.Step})
	}
	switch {
	case t.Asked == nil || !s.Engine.Ready:
		return nil
	case t.Asked.Model != origin(s.Current()):
		t.Error = fmt.Sprintf("The training began with the model “%s”: choose that one to go back in it.", s.modelName(t.Asked.Model))
		return nil
	}
	return s.resumeTraining(*t.Asked, m.Step)
}

func (m TrainingKept) apply(s *State) []Effect {
	if s.Training.Job != 0 || s.Training.Asked != nil {
		return nil
	}
	k := m.KeptTraining
	if len(k.States) == 0 {
		return nil
	}
	s.Training.Kept = &k
	return nil
}

// apply takes up the training that this browser keeps.
func (m GoOnTraining) apply(s *State) []Effect {
	k := s.Training.Kept
	if k == nil || s.Training.Job != 0 || s.CanGoOn() != "" || !slices.Contains(k.States, m.Step) {
		return nil
	}
	t := &s.Training
	t.Losses = slices.Clone(k.Losses[:min(m.Step, len(k.Losses))])
	t.Held = slices.DeleteFunc(slices.Clone(k.Held), func(h HeldAt) bool { return h.Step > m.Step })
	t.States, t.Bytes, t.Kept = k.States, k.Bytes, nil
	return s.resumeTraining(k.Train, m.Step)
}

// CanGoOn says why the kept training cannot be taken up, "" where it can.
func (s *State) CanGoOn() string {
	k := s.Training.Kept
	switch {
	case k == nil:
		return "Nothing is kept."
	case k.Of != s.Current().ID:
		return fmt.Sprintf("It began with the model “%s”: choose that one to go on.", k.Of)
	case !s.Engine.Ready:
		return "The model is still loading."
	}
	return s.CanTrain()
}

// resumeTraining takes a training up at a kept state.
func (s *State) resumeTraining(ask jobs.Train, step int) []Effect {
	s.jobs++
	s.dismiss(leftTrainingKey)
	if s.deleted.training != nil {
		s.replacesDeleted()
	}
	t := &s.Training
	t.Job, t.Step, t.Steps, t.Part, t.Error, t.Pausing, t.Unkept = s.jobs, step, ask.Steps, ask.Part, "", false, ""
	t.Choice = TrainingChoice{Part: ask.Part, Steps: ask.Steps, Rate: ask.Rate, FieldRate: ask.FieldRate, Wild: ask.Wild, TMax: ask.TMax, Sampler: ask.Sampler, Text: ask.Text, TextName: ask.TextName}
	if ask.TMax == s.MaxT() {
		t.Choice.TMax = 0
	}
	t.TextSaid, t.TextError = "", ""
	ask.Resume, ask.GPUAttempt = &step, s.ReadingAttempt()
	// The texts lie elsewhere in another build.
	ask.Address, ask.Held = assets.Lesson.Address, assets.Book.Address
	ask.By = maker(s.Version)
	t.Asked = &ask
	t.field, t.told = field{}, false
	s.Spoken = fmt.Sprintf("Training goes on from step %d", step)
	return []Effect{StartTraining{t.Job, ask}}
}

// TrainedElsewhere names the model that the training shown began with, "" where that is the one in use.
func (s *State) TrainedElsewhere() string {
	of := ""
	switch t := &s.Training; {
	case t.Asked != nil:
		of = t.Asked.Model
	case t.Result != nil:
		of = origin(t.Result)
	}
	if of == "" || of == origin(s.Current()) {
		return ""
	}
	return s.modelName(of)
}

// leftTrainingKey is the notice's that says that a training ended as its model was left.
const leftTrainingKey = "training-left"

// leaveTraining says that the training that runs ends with its model, and what is left of it.
func (s *State) leaveTraining() {
	t := &s.Training
	if t.Job == 0 {
		return
	}
	words := "Nothing of it was kept yet."
	if len(t.States) > 0 {
		words = fmt.Sprintf("Choose “%s” again and go back to step %s under Train, and it goes on from there.", s.Current().Name, Count(slices.Max(t.States)))
	}
	s.notify(Notice{Key: leftTrainingKey, Level: Info, Title: "The training has ended at step " + Count(t.Step) + ": another model was chosen.", Text: words})
}

// TrainerLost says that the worker that trains has ended, with what it was doing.
type TrainerLost struct{ Why string }

// apply takes the training up where it was kept last: the steps since are made again, and come out the same. Where it is lost
// once more before it has come any further, it ends.
func (m TrainerLost) apply(s *State) []Effect {
	t := &s.Training
	if t.Job == 0 {
		return nil
	}
	t.endSample()
	t.Job = 0
	if t.Asked == nil || len(t.States) == 0 || t.lostAt > t.Step {
		t.Error = "The worker that trains has stopped (" + strings.TrimRight(m.Why, ". ") + ")"
		if len(t.States) > 0 {
			t.Error += "; go back to a kept step to go on from it"
		}
		return []Effect{ShowView{}}
	}
	t.lostAt = t.Step + 1
	pausing, last := t.Pausing, slices.Max(t.States)
	t.Losses = slices.Clone(t.Losses[:min(last, len(t.Losses))])
	t.Held = slices.DeleteFunc(slices.Clone(t.Held), func(h HeldAt) bool { return h.Step > last })
	out := s.resumeTraining(*t.Asked, last)
	if pausing {
		out = append(out, s.steer(jobs.Steer{Run: jobs.Paused})...)
	}
	s.Spoken = fmt.Sprintf("The worker that trained was lost; training goes on from step %d", last)
	return out
}

func (DeleteTraining) apply(s *State) []Effect {
	t := &s.Training
	if t.Job != 0 {
		return nil
	}
	gone := &deletedTraining{t.Kept, t.States, t.Bytes, t.Asked}
	t.Kept, t.States, t.Bytes, t.Asked = nil, nil, 0, nil
	return s.delete(deletion{training: gone}, "The kept training is deleted.")
}
