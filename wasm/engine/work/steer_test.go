package work

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"clexlab/wasm/wire/jobs"
)

// steered runs a training of six steps, with changes asked for when so many steps have been told.
func (s *school) steered(t *testing.T, ctx context.Context, ask jobs.Train, changes map[int][]jobs.Steer) (told []jobs.Trained, files *jobs.Files, failed string) {
	t.Helper()
	emit := s.Emit
	s.Emit = func(a jobs.Answer) {
		emit(a)
		if a.Trained == nil || a.Trained.Files != nil {
			return
		}
		now := changes[a.Trained.Step]
		delete(changes, a.Trained.Step)
		for _, c := range now {
			s.Steer(5, c)
		}
	}
	defer func() { s.Emit = emit }()
	s.answers = nil
	s.Do(ctx, jobs.Request{ID: 5, Train: &ask})
	for _, a := range s.answers {
		if a.Trained != nil {
			told = append(told, *a.Trained)
			if a.Trained.Files != nil {
				files = a.Trained.Files
			}
		}
		failed += a.Error
	}
	return told, files, failed
}

func six() jobs.Train {
	ask := lesson
	ask.Steps, ask.Model = 6, "rig"
	return ask
}

// A training that was paused, made a step alone, took other rates and went back is, from there on, the one that never did.
func TestSteering(t *testing.T) {
	t.Parallel()
	_, straight, _ := newSchool(t).steeredResult(t, six(), nil)
	s := newSchool(t)
	back := 2
	told, steered, failed := s.steeredResult(t, six(), map[int][]jobs.Steer{
		2: {{Run: jobs.Paused}, {Run: jobs.OneStep}},
		3: {{Rates: &jobs.Rates{Weights: 0.05, Field: 0.05}}, {Run: jobs.Going}},
		4: {{Back: &back}, {Run: jobs.Going}},
	})
	if failed != "" || !bytes.Equal(straight, steered) {
		t.Errorf("the weights are others than those of a straight run: %s", failed)
	}
	var pausing, went bool
	for i, x := range told {
		pausing = pausing || x.Pausing && x.Step == 3
		if x.Back {
			went = true
			if x.Step != 2 || !slices.Equal(x.States, []int{0, 2}) || told[i+1].Step != 3 {
				t.Errorf("back at %d with states %d, then step %d", x.Step, x.States, told[i+1].Step)
			}
		}
	}
	if !pausing || !went {
		t.Errorf("told: %+v", told)
	}
	// The other rates did something before they were taken back.
	if _, other, _ := newSchool(t).steeredResult(t, six(), map[int][]jobs.Steer{3: {{Rates: &jobs.Rates{Weights: 0.05, Field: 0.05}}}}); bytes.Equal(other, straight) {
		t.Error("other rates change nothing")
	}
}

// steeredResult is steered with the weights that came of it.
func (s *school) steeredResult(t *testing.T, ask jobs.Train, changes map[int][]jobs.Steer) ([]jobs.Trained, []byte, string) {
	t.Helper()
	told, files, failed := s.steered(t, t.Context(), ask, changes)
	if files == nil {
		t.Fatal("no result: ", failed)
	}
	return told, s.published[files.Weights], failed
}

// A training goes on in another worker where the first one ended: the losses of its steps and the state that it leaves, which a result of
// int8 rows shows but roughly, are those of one that never ended, to the bit.
func TestTrainingSurvivesItsWorker(t *testing.T) {
	t.Parallel()
	unbroken := newSchool(t)
	whole := memoryStates{}
	unbroken.States = whole
	_, straight, _ := unbroken.steeredResult(t, six(), nil)
	kept := memoryStates{}
	first := newSchool(t)
	first.States = kept
	ctx, end := context.WithCancel(t.Context())
	emit := first.Emit
	first.Emit = func(a jobs.Answer) {
		emit(a)
		if a.Trained != nil && a.Trained.Step == 4 {
			end()
		}
	}
	first.steered(t, ctx, six(), nil)
	var about jobs.KeptTraining
	if err := json.Unmarshal(kept[jobs.TrainingFile], &about); err != nil {
		t.Fatal(err)
	}
	if about.Of != "rig" || about.Step != 4 || !slices.Equal(about.States, []int{0, 2, 4}) || len(about.Losses) != 4 || len(about.Held) != 3 || about.Bytes < 3*12*1000 {
		t.Errorf("kept: %+v", about)
	}
	second := newSchool(t)
	second.States = kept
	again := about.Train
	again.Resume = &about.States[2]
	told, result, failed := second.steeredResult(t, again, nil)
	if failed != "" || !bytes.Equal(result, straight) {
		t.Errorf("it ends elsewhere: %s", failed)
	}
	for _, name := range []string{jobs.TrainingFile, stateFile(6)} {
		if len(whole[name]) == 0 || !bytes.Equal(kept[name], whole[name]) {
			t.Errorf("%s of the resumed training is another than that of the unbroken one:\n%.300q\n%.300q", name, kept[name], whole[name])
		}
	}
	if !told[0].Back || told[0].Step != 4 || told[1].Step != 5 {
		t.Errorf("it goes on with %+v", told[:2])
	}
	// A new training takes the old one's place.
	if _, _, failed := second.steeredResult(t, six(), nil); failed != "" || len(kept) != 1+4 {
		t.Errorf("%d files are left: %s", len(kept), failed)
	}
	missing := 77
	again.Resume = &missing
	if _, _, failed := second.steered(t, t.Context(), again, nil); !strings.Contains(failed, "step 77") {
		t.Errorf("a state that is not there: %q", failed)
	}
}

// noRoom refuses every state.
type noRoom struct{ memoryStates }

func (noRoom) Write(string, func(io.Writer) error) (int64, error) {
	return 0, errors.New("the disk is full")
}

// Without room for states a training goes on, and says nothing of any.
func TestTrainingWithoutRoom(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.States = noRoom{memoryStates{}}
	told, _, failed := s.steeredResult(t, six(), nil)
	if failed != "" || told[len(told)-2].Step != 6 || told[len(told)-2].Bytes != 0 {
		t.Errorf("%s: %+v", failed, told)
	}
}

// A Pause that comes while the training waits for its turn, or while its text is fetched, is kept: it stands at its beginning.
func TestPauseBeforeTheFirstStep(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"queued", "fetching"} {
		s := newSchool(t)
		pause := jobs.Request{ID: 5, Steer: &jobs.Steer{Run: jobs.Paused}}
		ask := lesson
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		d := NewDispatcher(s.Worker)
		paused, fetch := false, s.FetchText
		s.FetchText = func(ctx context.Context, address string) ([]byte, error) {
			if when == "fetching" && address == ask.Address {
				d.Take(pause)
			}
			return fetch(ctx, address)
		}
		s.Emit = func(a jobs.Answer) {
			if x := a.Trained; x != nil && x.Pausing && !paused {
				if paused = true; x.Step != 0 {
					t.Errorf("%s: it pauses at step %d", when, x.Step)
				}
				d.Take(jobs.Request{ID: 5, Steer: &jobs.Steer{Run: jobs.Going}})
			}
			if a.Kind == jobs.Training && (a.Done || a.Error != "") {
				if a.Error != "" {
					t.Error(when, a.Error)
				}
				cancel()
			}
		}
		d.Take(writeRequest("clex"))
		d.Take(jobs.Request{ID: 5, Train: &ask})
		if when == "queued" {
			d.Take(pause)
		}
		d.Run(ctx)
		if cancel(); !paused {
			t.Errorf("%s: the Pause was lost", when)
		}
	}
}
