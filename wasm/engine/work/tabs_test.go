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
