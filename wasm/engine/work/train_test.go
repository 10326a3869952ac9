package work

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/model/checkpoint"
	"clexlab/model/modeltest"
	"clexlab/model/recall"
	"clexlab/model/train"
	"clexlab/wasm/wire/jobs"
)

// school is a worker whose base can be fetched, and what it publishes.
type school struct {
	*bench
	published map[string][]byte
}

func newSchool(t *testing.T) *school {
	t.Helper()
	files, _, _, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	s := &school{newBench(t), map[string][]byte{}}
	s.tuned = map[string]jobs.Weights{"rope": {Name: "base"}}
	s.Fetch = func(context.Context, jobs.Weights) ([]byte, []byte, error) { return files.Config, files.Weights, nil }
	s.FetchText = func(context.Context, string) ([]byte, error) {
		return []byte(strings.Repeat(strings.Join(recall.Filler, ""), 40)), nil
	}
	s.Publish = func(data []byte, _ string) string {
		address := "blob:" + string(rune('a'+len(s.published)))
		s.published[address] = bytes.Clone(data)
		return address
	}
	return s
}

var lesson = jobs.Train{From: "rope", Part: jobs.TrainBoth, Steps: 3, Rows: 2, TMax: 16, Rate: 0.01, FieldRate: 0.01, Seed: 1, TellEvery: 2, Address: "text", Held: "held"}

// result reads what a training left behind.
func (s *school) result(t *testing.T, f *jobs.Files) *checkpoint.Checkpoint {
	t.Helper()
	c, err := checkpoint.ReadParts(s.published[f.Config], s.published[f.Weights])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// apart is how far two matrices of int8 rows are from each other at most.
func apart(a, b *checkpoint.Checkpoint) (most float64) {
	x, y := &a.Weights.Layers[0].Up.Matrix, &b.Weights.Layers[0].Up.Matrix
	value := func(m *checkpoint.Checkpoint, i int) float64 {
		w := &m.Weights.Layers[0].Up.Matrix
		if w.F32 != nil {
			return float64(w.F32[i])
		}
		return float64(w.I8[i]) * float64(w.Scale[i/w.Cols])
	}
	for i := range x.Rows * y.Cols {
		most = max(most, math.Abs(value(a, i)-value(b, i)))
	}
	return most
}

// agrees solves a report's field anew, whose distance from the prior is to be the one that it tells.
func (s *school) agrees(t *testing.T, x *jobs.Trained) {
	t.Helper()
	for k, factor := range x.Moved.Factors {
		var now, prior clex.Encoding
		for network, e := range map[*clex.Network]*clex.Encoding{x.Network: &now, nil: &prior} {
			scheme, err := clex.New("clex", s.checkpoint.Config.Rotary, clex.Options{Network: network, TMax: 16})
			if err != nil {
				t.Fatal(err)
			}
			if err := scheme.Encode(e, factor, 0); err != nil {
				t.Fatal(err)
			}
		}
		for i, z := range x.Moved.Pairs[k] {
			// The trainer solves in fixed steps, this adaptively.
			if got := math.Log(now.InvFreq[i] / prior.InvFreq[i]); math.Abs(got-z) > 1e-3 {
				t.Errorf("step %d: pair %d at t = %v moved by %v, its field says %v", x.Step, i, factor, z, got)
			}
		}
	}
}

// A training tells the held text's loss before the first step, every other step and at the end, the
// loss of each step, and leaves a checkpoint in which what was to be trained has moved and nothing else has.
func TestTrain(t *testing.T) {
	for part, want := range map[jobs.Part]struct{ weights, field bool }{jobs.TrainBoth: {true, true}, jobs.TrainField: {false, true}, jobs.TrainWeights: {true, false}} {
		s := newSchool(t)
		ask := lesson
		ask.Part, ask.Model, ask.Source, ask.By = part, "small", "the tales", "a test"
		answers := s.do(jobs.Request{ID: 5, Train: &ask})
		var steps, held int
		var files *jobs.Files
		for _, a := range answers {
			if a.Error != "" {
				t.Fatal(part, a.Error)
			}
			if x := a.Trained; x != nil {
				steps = max(steps, x.Step)
				if len(x.Held) > 0 {
					held++
					if len(x.Held) != 3 || x.Held[2].Length != 16*s.first.window() || !(x.Held[0].Loss > 0) || len(x.Moved.Factors) != 4 {
						t.Errorf("%s: held %+v, moved at %v", part, x.Held, x.Moved.Factors)
					}
					s.agrees(t, x)
				}
				if x.Step > 0 && x.Files == nil && !(x.Loss > 0 && x.Rate > 0) {
					t.Errorf("%s: step %+v", part, x)
				}
				if x.Files != nil {
					files = x.Files
				}
			}
		}
		if !last(answers).Done || steps != 3 || held != 3 || files == nil {
			t.Fatalf("%s: %d steps, %d looks at the held text, files %v, last %+v", part, steps, held, files, last(answers))
		}
		c := s.result(t, files)
		if moved := apart(c, s.checkpoint); (moved > 0.01) != want.weights {
			t.Errorf("%s: a matrix moved by %v", part, moved)
		}
		var field float64
		for _, v := range c.CLEX.Down {
			field = max(field, math.Abs(v))
		}
		if made, want := c.Metadata[checkpoint.MadeKey], fmt.Sprintf("“small”: 3 of 3 steps of %d tokens each on the tales; t from 1 to 16, positions contiguous 25 %%, chunks 70 %%, drawn 5 %%; ", 2*s.first.window()); !strings.Contains(made, want) ||
			!strings.Contains(made, "seed 1. Made by a test.") || !strings.Contains(c.Metadata[checkpoint.RecipeKey], `"name":"trained-here"`) {
			t.Errorf("%s: made %q, want %q", part, made, want)
		}
		if (field > 0) != want.field || c.Scaling.MaxFactor != 16 {
			t.Errorf("%s: W_down up to %v, t_max %v", part, field, c.Scaling.MaxFactor)
		}
	}
}

// A training that is stopped leaves what it has learnt; one that cannot begin says why.
func TestTrainStops(t *testing.T) {
	s := newSchool(t)
	ctx, cancel := context.WithCancel(t.Context())
	var files *jobs.Files
	var end jobs.Answer
	s.Emit = func(a jobs.Answer) {
		if end = a; a.Trained != nil {
			if a.Trained.Step == 1 {
				cancel()
			}
			if a.Trained.Files != nil {
				files = a.Trained.Files
			}
		}
	}
	s.Do(ctx, jobs.Request{ID: 5, Train: &lesson})
	if files == nil || end.StopReason != jobs.StopCancelled {
		t.Errorf("files %v, last answer %+v", files, end)
	}
	for want, change := range map[string]func(*jobs.Train, *school){
		"no weights of its own": func(r *jobs.Train, _ *school) { r.From = "yarn" },
		"two trained windows":   func(r *jobs.Train, _ *school) { r.Text = "too short" },
		"steps is 0":            func(r *jobs.Train, _ *school) { r.Steps = 0 },
		`"all"`:                 func(r *jobs.Train, _ *school) { r.Part = "all" },
		"held text": func(_ *jobs.Train, s *school) {
			s.FetchText = func(_ context.Context, a string) ([]byte, error) {
				return []byte(strings.Repeat(recall.Filler[0], 5)), nil
			}
		},
	} {
		s, ask := newSchool(t), lesson
		change(&ask, s)
		if a := last(s.do(jobs.Request{ID: 5, Train: &ask})); !strings.Contains(a.Error, want) {
			t.Errorf("want an error with %q, got %+v", want, a)
		}
	}
}

// comer is a helper that is not ready at first, and dies after two steps.
type comer struct {
	runner       *train.ShardRunner
	asked, begun int
}

func (c *comer) Ready() bool {
	c.asked++
	return c.asked > 1
}

func (c *comer) Begin(_ context.Context, weights []float32, rows []*train.ShardRows) func([]float32) ([]train.ShardOutcome, error) {
	c.begun++
	return func(gradient []float32) ([]train.ShardOutcome, error) {
		if c.begun > 2 {
			return nil, errors.New("killed")
		}
		copy(c.runner.Weights(), weights)
		out, sum, err := c.runner.Run(rows)
		copy(gradient, sum)
		return out, err
	}
}

// What computes is told as it changes: a worker that starts late, and one that dies.
func TestTrainTellsWhatComputes(t *testing.T) {
	s := newSchool(t)
	s.OpenHelpers = func(r *train.Recipe, _ int) ([]train.Helper, func()) {
		runner, err := train.NewShardRunner(r)
		if err != nil {
			t.Fatal(err)
		}
		return []train.Helper{&comer{runner: runner}}, func() {}
	}
	told := map[int]string{}
	s.Emit = func(a jobs.Answer) {
		if x := a.Trained; x != nil && x.Backend != "" {
			told[x.Step] = x.Backend
		}
	}
	r := lesson
	r.Steps = 5
	if err := s.Worker.train(t.Context(), 1, &r); err != nil {
		t.Fatal(err)
	}
	if want := map[int]string{0: "CPU", 2: "CPU, 2 workers", 4: "CPU"}; !maps.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}
