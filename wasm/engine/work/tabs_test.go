package work

import (
	"encoding/json"
	"strings"
	"testing"

	"clexlab/wasm/wire/jobs"
)

// Two tabs have one place for the states of their trainings: the one that began last has it, and the other neither goes on from a
// state that is not its own nor writes over it.
func TestTwoTabsTrain(t *testing.T) {
	t.Parallel()
	place := memoryStates{}
	first, second := newSchool(t), newSchool(t)
	first.States, second.States = place, place
	ask, other := six(), six()
	other.Seed = 2
	other.Steps = 4
	emit, begun := first.Emit, false
	first.Emit = func(a jobs.Answer) {
		emit(a)
		if a.Trained != nil && a.Trained.Step == 3 && !begun {
			begun = true
			if _, _, failed := second.steered(t, t.Context(), other, nil); failed != "" {
				t.Error("the second tab does not train:", failed)
			}
		}
	}
	told, files, failed := first.steered(t, t.Context(), ask, nil)
	if failed != "" || files == nil || told[len(told)-1].Step != 6 {
		t.Errorf("the first tab does not train on: %s, %+v", failed, told)
	}
	var kept jobs.KeptTraining
	if err := json.Unmarshal(place[jobs.TrainingFile], &kept); err != nil || kept.Seed != 2 || kept.Step != 4 {
		t.Errorf("kept is the training of seed %d at step %d, want the second tab's: %v", kept.Seed, kept.Step, err)
	}
	if len(place) != 1+len(kept.States) {
		t.Errorf("%d files for %d states", len(place), len(kept.States))
	}
	step := 2
	ask.Resume, other.Resume = &step, &step
	if _, _, failed := first.steered(t, t.Context(), ask, nil); !strings.Contains(failed, "another training by now") {
		t.Errorf("the first tab goes back to a state of the second's: %q", failed)
	}
	other.Address = "of another build"
	if _, _, failed := second.steered(t, t.Context(), other, nil); failed != "" {
		t.Errorf("the second tab does not go back: %s", failed)
	}
}

// A training whose place another tab has taken does not go back, but keeps what it has learnt and goes on.
func TestTakenPlaceKeepsTheResult(t *testing.T) {
	t.Parallel()
	place := memoryStates{}
	first, second := newSchool(t), newSchool(t)
	first.States, second.States = place, place
	other := six()
	other.Seed, other.Steps = 2, 4
	emit, begun := first.Emit, false
	first.Emit = func(a jobs.Answer) {
		emit(a)
		if a.Trained == nil {
			return
		}
		if a.Trained.Step == 3 && !begun {
			begun = true
			if _, _, failed := second.steered(t, t.Context(), other, nil); failed != "" {
				t.Error("the second tab does not train:", failed)
			}
		}
		if a.Trained.Trouble != "" {
			first.Steer(5, jobs.Steer{Run: jobs.Going})
		}
	}
	back := 2
	told, files, failed := first.steered(t, t.Context(), six(), map[int][]jobs.Steer{5: {{Back: &back}}})
	if failed != "" || files == nil {
		t.Fatalf("it ends without a result: %q", failed)
	}
	refused := 0
	for _, x := range told {
		if x.Trouble == "" {
			continue
		}
		refused++
		if !strings.Contains(x.Trouble, "another training by now") || x.Step != 5 || !x.Pausing || len(x.States) != 0 {
			t.Errorf("told %+v", x)
		}
	}
	if refused != 1 || told[len(told)-1].Step != 6 {
		t.Errorf("%d refusals, the last of %+v", refused, told[len(told)-1])
	}
	var kept jobs.KeptTraining
	if err := json.Unmarshal(place[jobs.TrainingFile], &kept); err != nil || kept.Seed != 2 || kept.Step != 4 {
		t.Errorf("kept is the training of seed %d at step %d, want the second tab's: %v", kept.Seed, kept.Step, err)
	}
}
