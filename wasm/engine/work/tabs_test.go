package work

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
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

// What is told of a training's states is what lies there: those that another tab has deleted are not named, and where its training has
// taken the place none are, with the reason.
func TestStatesThatAnotherTabDeletes(t *testing.T) {
	t.Parallel()
	for _, taken := range []bool{false, true} {
		place := memoryStates{}
		s := newSchool(t)
		s.States = place
		emit := s.Emit
		s.Emit = func(a jobs.Answer) {
			emit(a)
			if a.Trained == nil || a.Trained.Step != 3 {
				return
			}
			clear(place)
			if taken {
				other := six()
				other.Seed = 2
				text, err := json.Marshal(jobs.KeptTraining{Train: other})
				if err != nil {
					t.Error(err)
				}
				place[jobs.TrainingFile] = text
			}
		}
		told, _, failed := s.steered(t, t.Context(), six(), nil)
		if failed != "" {
			t.Fatal(failed)
		}
		unkept := ""
		for _, x := range told {
			for _, step := range x.States {
				if step < 4 && x.Step >= 4 {
					t.Errorf("taken %t: at step %d the deleted state of step %d is named", taken, x.Step, step)
				}
			}
			unkept += x.Unkept
		}
		if strings.Contains(unkept, "another training by now") != taken {
			t.Errorf("taken %t: told that it is not kept, as %q", taken, unkept)
		}
		var kept jobs.KeptTraining
		if err := json.Unmarshal(place[jobs.TrainingFile], &kept); err != nil || !taken && len(place) != 1+len(kept.States) {
			t.Errorf("taken %t: %d files, %v kept, %v", taken, len(place), kept.States, err)
		}
	}
}

// little has room for so many bytes.
type little struct {
	memoryStates
	room int
}

// Write implements States as a disk does that fills up: what does not fit is gone, also where it was before.
func (l little) Write(name string, write func(io.Writer) error) (int64, error) {
	delete(l.memoryStates, name)
	n, err := l.memoryStates.Write(name, write)
	total := 0
	for _, data := range l.memoryStates {
		total += len(data)
	}
	if total > l.room {
		delete(l.memoryStates, name)
		return 0, errors.New("the disk is full")
	}
	return n, err
}

// Where the disk fills up, with a state or with what tells of it, the training goes on, says so once, and what was kept before can be
// taken up.
func TestDiskFillsUp(t *testing.T) {
	t.Parallel()
	whole := memoryStates{}
	s := newSchool(t)
	s.States = whole
	emit, about := s.Emit, 0
	s.Emit = func(a jobs.Answer) {
		if emit(a); a.Trained != nil && a.Trained.Step == 3 {
			about = len(whole[jobs.TrainingFile])
		}
	}
	if _, _, failed := s.steered(t, t.Context(), six(), nil); failed != "" {
		t.Fatal(failed)
	}
	state := len(whole[stateFile(2)])
	for name, room := range map[string]int{"a state": 2*state + about + state/2, "what tells of it": 3*state + about + 8} {
		place := little{memoryStates{}, room}
		s := newSchool(t)
		s.States = place
		told, _, failed := s.steered(t, t.Context(), six(), nil)
		if failed != "" || told[len(told)-1].Step != 6 {
			t.Fatalf("%s: %s", name, failed)
		}
		said := 0
		for _, x := range told {
			if x.Unkept != "" {
				said++
				if !slices.Equal(x.States, []int{0, 2}) || !strings.Contains(x.Unkept, "full") {
					t.Errorf("%s: told %+v", name, x)
				}
			}
		}
		if said != 1 {
			t.Errorf("%s: told %d times that it is not kept", name, said)
		}
		var kept jobs.KeptTraining
		if err := json.Unmarshal(place.memoryStates[jobs.TrainingFile], &kept); err != nil || !slices.Equal(kept.States, []int{0, 2}) || len(place.memoryStates) != 3 {
			t.Errorf("%s: kept %v in %d files, %v", name, kept.States, len(place.memoryStates), err)
		}
		again := six()
		step := 2
		again.Resume = &step
		place.room *= 3
		next := newSchool(t)
		next.States = place
		if _, _, failed := next.steered(t, t.Context(), again, nil); failed != "" {
			t.Errorf("%s: it is not taken up: %s", name, failed)
		}
	}
}
