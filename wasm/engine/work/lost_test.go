package work

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"clexlab/model/gpu"
	"clexlab/model/train"
	"clexlab/wasm/wire/jobs"
)

// losable is a computer that moves weights in a way of its own, and whose device is lost at the nth step or at the nth time that its
// vectors are read. A reading that fails has half brought them by then.
type losable struct {
	vectors       train.Vectors
	shards, pairs int
	steps, reads  int
	lost          bool
}

func newLosable(r *train.Recipe, v *train.Vectors) *losable {
	return &losable{shards: r.Batch / r.ShardRows, pairs: r.Model.HeadDim / 2, vectors: train.Vectors{
		Weights: slices.Clone(v.Weights), First: slices.Clone(v.First), Second: slices.Clone(v.Second), Mean: slices.Clone(v.Mean)}}
}

// left counts down to the loss of the device.
func (c *losable) left(n *int) error {
	if *n--; *n == 0 {
		c.lost = true
	}
	if c.lost {
		return &gpu.Error{Kind: gpu.Lost, Text: "gone"}
	}
	return nil
}

func (c *losable) Step(context.Context, *train.Batch, train.Update) (train.Outcome, error) {
	if err := c.left(&c.steps); err != nil {
		return train.Outcome{}, err
	}
	for i := range c.vectors.Weights {
		c.vectors.Weights[i] *= 0.99
	}
	out := train.Outcome{Losses: make([]float64, c.shards), GradientNorm: 1}
	out.Losses[0] = 3
	for range c.shards {
		out.Frequency = append(out.Frequency, make([]float64, c.pairs))
	}
	return out, nil
}

func (c *losable) Store(_ context.Context, v *train.Vectors) error {
	if err := c.left(&c.reads); err != nil {
		for i := range v.Weights {
			v.Weights[i] = float32(math.NaN())
		}
		return err
	}
	copy(v.Weights, c.vectors.Weights)
	copy(v.First, c.vectors.First)
	copy(v.Second, c.vectors.Second)
	copy(v.Mean, c.vectors.Mean)
	return nil
}

// A training whose GPU is lost in a step, or where what a step left is read, says so once, goes back to the last good state and is from there
// on, to the bit, the training that another worker resumes from that state on its CPU.
func TestTrainingGoesOnWithoutItsGPU(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		// The device is lost at this step, or at this reading; what it leaves is the state of step from.
		steps, reads, from int
		changes            map[int][]jobs.Steer
	}{
		{steps: 1, from: 0}, {steps: 4, from: 2}, {reads: 1, from: 0}, {reads: 2, from: 2}, {reads: 3, from: 4},
		{reads: 2, from: 2, changes: map[int][]jobs.Steer{3: {{Run: jobs.Paused}, {Run: jobs.Going}}}},
	} {
		name := fmt.Sprintf("lost at step %d, reading %d", c.steps, c.reads)
		kept := memoryStates{}
		s := newSchool(t)
		s.States = kept
		released := 0
		s.OpenTrainer = func(_ context.Context, r *train.Recipe, v *train.Vectors) (train.Computer, string, func(), error) {
			l := newLosable(r, v)
			l.steps, l.reads = c.steps, c.reads
			return l, "fake", func() { released++ }, nil
		}
		// What is kept when it goes back is what is there to go on from.
		var then memoryStates
		emit := s.Emit
		s.Emit = func(a jobs.Answer) {
			if a.Trained != nil && a.Trained.Back {
				then = memoryStates{}
				for name, data := range kept {
					then[name] = bytes.Clone(data)
				}
			}
			emit(a)
		}
		ask := six()
		ask.GPUAttempt = 1
		told, result, failed := s.steeredResult(t, ask, c.changes)
		said := troubles(s.answers)
		if failed != "" || len(said) != 1 || !strings.Contains(said[0], "training goes on on the CPU from the last state that was kept: ") || !strings.Contains(said[0], "the GPU was lost: gone") {
			t.Errorf("%s: said %q, failed %q", name, said, failed)
		}
		var back *jobs.Trained
		for i := range told {
			if told[i].Back {
				back = &told[i]
			}
		}
		if back == nil || back.Step != c.from || back.Backend != "CPU" || released != 1 || told[0].Backend != "fake" {
			t.Fatalf("%s: went back as %+v, the device was released %d times", name, back, released)
		}
		// The states of all that follows are kept.
		var about jobs.KeptTraining
		if err := json.Unmarshal(kept[jobs.TrainingFile], &about); err != nil || !slices.Equal(about.States, []int{0, 2, 4, 6}) {
			t.Errorf("%s: states of %d are kept (%v)", name, about.States, err)
		}
		other := newSchool(t)
		other.States = then
		again := six()
		again.Resume = &c.from
		if _, want, failed := other.steeredResult(t, again, nil); failed != "" || !bytes.Equal(result, want) {
			t.Errorf("%s: it ends elsewhere than the training that is resumed at step %d: %s", name, c.from, failed)
		}
	}
}

// A training that is stopped when its GPU is lost unnoticed leaves the last good state.
func TestStoppedWithoutItsGPU(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.OpenTrainer = func(_ context.Context, r *train.Recipe, v *train.Vectors) (train.Computer, string, func(), error) {
		l := newLosable(r, v)
		l.reads = 2
		return l, "fake", func() {}, nil
	}
	ctx, stop := context.WithCancel(t.Context())
	var good, files *jobs.Files
	emit := s.Emit
	s.Emit = func(a jobs.Answer) {
		emit(a)
		if a.Trained != nil && a.Trained.Step == 3 && !a.Trained.Back {
			stop()
		}
	}
	ask := six()
	ask.GPUAttempt = 1
	_, files, failed := s.steered(t, ctx, ask, nil)
	if files == nil || failed != "" || len(troubles(s.answers)) != 1 || last(s.answers).StopReason != jobs.StopCancelled {
		t.Fatalf("files %v, trouble %q, failed %q, last %+v", files, troubles(s.answers), failed, last(s.answers))
	}
	// A training of two steps on that device leaves the same.
	other := newSchool(t)
	other.OpenTrainer = func(_ context.Context, r *train.Recipe, v *train.Vectors) (train.Computer, string, func(), error) {
		return newLosable(r, v), "fake", func() {}, nil
	}
	ask.Steps = 2
	if _, good, failed = other.steered(t, t.Context(), ask, nil); good == nil || apart(s.result(t, files), other.result(t, good)) != 0 {
		t.Errorf("the weights are not those of step 2: %s", failed)
	}
}

// once refuses one state.
type once struct {
	memoryStates
	refused string
}

func (o *once) Write(name string, write func(io.Writer) error) (int64, error) {
	if name == o.refused {
		o.refused = ""
		return 0, errors.New("the disk is full")
	}
	return o.memoryStates.Write(name, write)
}

// A state that could not be kept keeps none from being kept after the training went back.
func TestStatesAreKeptAgainAfterGoingBack(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.States = &once{memoryStates{}, stateFile(4)}
	s.OpenTrainer = func(_ context.Context, r *train.Recipe, v *train.Vectors) (train.Computer, string, func(), error) {
		l := newLosable(r, v)
		l.steps = 5
		return l, "fake", func() {}, nil
	}
	ask := six()
	ask.GPUAttempt = 1
	told, _, failed := s.steeredResult(t, ask, nil)
	if states := told[len(told)-2].States; failed != "" || !slices.Equal(states, []int{0, 2, 4, 6}) {
		t.Errorf("states of %d are kept: %s", states, failed)
	}
}

// full keeps files below so many bytes.
type full struct {
	memoryStates
	room int64
}

func (f *full) Write(name string, write func(io.Writer) error) (int64, error) {
	n, err := f.memoryStates.Write(name, write)
	if err == nil && n > f.room {
		delete(f.memoryStates, name)
		return 0, errors.New("the disk is full")
	}
	return n, err
}

// Where there is no room for a single state, a training whose GPU is lost goes on on the CPU all the same, from the last state that the
// worker holds itself, and ends as the training does that had room.
func TestTrainingGoesOnWithoutRoom(t *testing.T) {
	t.Parallel()
	for _, steps := range []int{1, 4, 6} {
		var results [2][]byte
		for i, room := range []int64{1 << 30, 4 << 10} {
			s := newSchool(t)
			s.States = &full{memoryStates{}, room}
			s.OpenTrainer = func(_ context.Context, r *train.Recipe, v *train.Vectors) (train.Computer, string, func(), error) {
				l := newLosable(r, v)
				l.steps = steps
				return l, "fake", func() {}, nil
			}
			ask := six()
			ask.GPUAttempt = 1
			told, result, failed := s.steeredResult(t, ask, nil)
			back := slices.IndexFunc(told, func(x jobs.Trained) bool { return x.Back })
			if said := troubles(s.answers); failed != "" || len(said) != 1 || !strings.Contains(said[0], "training goes on on the CPU") || back < 0 || told[back].Step != (steps-1)/2*2 || told[back].Backend != "CPU" {
				t.Fatalf("lost at step %d with %d bytes of room: said %q, failed %q, back at %d of %+v", steps, room, said, failed, back, told)
			}
			if states := told[back].States; i == 1 && len(states) != 0 {
				t.Errorf("without room, states of %d are kept", states)
			}
			results[i] = result
		}
		if !bytes.Equal(results[0], results[1]) {
			t.Errorf("lost at step %d: it ends elsewhere than the one that had room", steps)
		}
	}
}
