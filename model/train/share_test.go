package train

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// elsewhere is a helper that shares no memory: all that it gets and gives is copied, as JSON.
type elsewhere struct {
	runner *ShardRunner
	// dies is after how many groups it fails, 0 for never; shards is how many it was given.
	dies, asked, shards int
	// idle is how many times it says that it is not ready.
	idle int
}

func (e *elsewhere) Ready() bool {
	e.idle--
	return e.idle < 0
}

func (e *elsewhere) Begin(_ context.Context, weights []float32, rows []*ShardRows) func([]float32) ([]ShardOutcome, error) {
	weights = slices.Clone(weights)
	text, err := json.Marshal(rows)
	type answer struct {
		text     []byte
		gradient []float32
		err      error
	}
	done := make(chan answer, 1)
	e.asked++
	e.shards += len(rows)
	dead := e.dies > 0 && e.asked > e.dies
	go func() {
		if dead {
			err = errors.New("it was killed")
		}
		if err != nil {
			done <- answer{err: err}
			return
		}
		var got []*ShardRows
		if err := json.Unmarshal(text, &got); err != nil {
			done <- answer{err: err}
			return
		}
		copy(e.runner.Weights(), weights)
		out, gradient, err := e.runner.Run(got)
		said, _ := json.Marshal(out)
		done <- answer{said, slices.Clone(gradient), err}
	}()
	return func(gradient []float32) (out []ShardOutcome, err error) {
		a := <-done
		if a.err != nil {
			return nil, a.err
		}
		copy(gradient, a.gradient)
		err = json.Unmarshal(a.text, &out)
		return out, err
	}
}

// TestSharedSteps: a run whose shards are computed elsewhere is the run that is computed here, to the bit, and a helper that
// dies costs nothing.
func TestSharedSteps(t *testing.T) {
	alone := tinyTrainer(t)
	want := steps(t, alone, 4)
	if n := alone.Recipe.Batch / alone.Recipe.ShardRows; n < 2 {
		t.Fatalf("a step of %d shards: nothing can be shared", n)
	}
	for name, dies := range map[string]int{"to the end": 0, "until it dies": 2} {
		tr := tinyTrainer(t)
		runner, err := NewShardRunner(tr.Recipe)
		if err != nil {
			t.Fatal(err)
		}
		h := &elsewhere{runner: runner, dies: dies}
		tr.ShareWith(h)
		if got := steps(t, tr, 4); !slices.Equal(got, want) {
			t.Errorf("%s: losses %v, alone %v", name, got, want)
		}
		if !slices.Equal(tr.Parameters.Flat, alone.Parameters.Flat) || !slices.Equal(tr.Field.vector(), alone.Field.vector()) {
			t.Errorf("%s: the weights or the field differ", name)
		}
		if asked := map[int]int{0: 4, 2: 3}[dies]; h.asked != asked {
			t.Errorf("%s: the helper was asked %d times, want %d", name, h.asked, asked)
		}
	}
}

// TestManyHelpers: shards among one, two, three and more helpers, which may die or not be ready yet, are what one computes, and each
// is given its part.
func TestManyHelpers(t *testing.T) {
	trainer := func(rows int) *Trainer {
		r, err := ParseRecipe([]byte(goodRecipe))
		if err != nil {
			t.Fatal(err)
		}
		r.Model.Vocab, r.Batch, r.ShardRows = 1024, rows, 1
		return fillerTrainer(t, r)
	}
	alone, want := map[int]*Trainer{}, map[int][]float64{}
	for _, c := range []struct {
		rows, dies, idle int
		shards           []int
	}{
		{4, 0, 0, []int{4}}, {4, 1, 0, []int{4}}, {4, 0, 1, []int{2}}, {4, 0, 0, []int{2, 2}}, {4, 0, 0, []int{2, 2, 2}}, {4, 0, 0, []int{2, 2, 2, 0}},
		{6, 0, 0, []int{4}}, {7, 0, 0, []int{4, 6}},
	} {
		if alone[c.rows] == nil {
			alone[c.rows] = trainer(c.rows)
			want[c.rows] = steps(t, alone[c.rows], 2)
		}
		tr := trainer(c.rows)
		var list []*elsewhere
		var helpers []Helper
		for range c.shards {
			runner, err := NewShardRunner(tr.Recipe)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, &elsewhere{runner: runner, dies: c.dies, idle: c.idle})
			helpers = append(helpers, list[len(list)-1])
		}
		tr.ShareWith(helpers...)
		if got := steps(t, tr, 2); !slices.Equal(got, want[c.rows]) || !slices.Equal(tr.Parameters.Flat, alone[c.rows].Parameters.Flat) {
			t.Errorf("%d shards with %d helpers: losses %v, alone %v", c.rows, len(helpers), got, want[c.rows])
		}
		for i, h := range list {
			if h.shards != c.shards[i] {
				t.Errorf("of %d helpers the %d. was given %d shards of %d, want %d", len(helpers), i+1, h.shards, c.rows, c.shards[i])
			}
		}
	}
}

// silent is a helper whose answers are lost; while it is waited for, stop is called if there is one.
type silent struct {
	asked int
	stop  func()
}

func (s *silent) Ready() bool { return true }

func (s *silent) Begin(ctx context.Context, _ []float32, _ []*ShardRows) func([]float32) ([]ShardOutcome, error) {
	s.asked++
	return func([]float32) ([]ShardOutcome, error) {
		if s.stop != nil {
			s.stop()
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}
}

// A lost answer costs the wait for it, once, and nothing of the run.
func TestLostShardIsComputedHere(t *testing.T) {
	alone, tr := tinyTrainer(t), tinyTrainer(t)
	want, got := steps(t, alone, 3), steps(t, tr, 1)
	h := &silent{}
	tr.ShareWith(h)
	tr.computer.(*cores).patience = time.Millisecond
	if got = append(got, steps(t, tr, 2)...); !slices.Equal(got, want) || !slices.Equal(tr.Parameters.Flat, alone.Parameters.Flat) {
		t.Errorf("losses %v, alone %v", got, want)
	}
	if h.asked != 1 {
		t.Errorf("the helper was asked %d times, want once", h.asked)
	}
}

// What a helper was asked in a step that was stopped it may answer later: it is asked no more, and the run goes on as one alone.
func TestStoppedStepForgetsItsHelpers(t *testing.T) {
	alone, tr := tinyTrainer(t), tinyTrainer(t)
	want, got := steps(t, alone, 3), steps(t, tr, 1)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	h := &silent{stop: stop}
	tr.ShareWith(h)
	if _, err := tr.Step(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("a stopped step ends with %v", err)
	}
	tr.computer.(*cores).patience = time.Millisecond
	if got = append(got, steps(t, tr, 2)...); !slices.Equal(got, want) || !slices.Equal(tr.Parameters.Flat, alone.Parameters.Flat) {
		t.Errorf("losses %v, alone %v", got, want)
	}
	if h.asked != 1 {
		t.Errorf("the helper was asked %d times, want once", h.asked)
	}
}

// Helpers may come and go between steps.
func TestHelpersComeAndGo(t *testing.T) {
	alone := tinyTrainer(t)
	want := steps(t, alone, 3)
	tr := tinyTrainer(t)
	got := steps(t, tr, 1)
	runner, err := NewShardRunner(tr.Recipe)
	if err != nil {
		t.Fatal(err)
	}
	h := &elsewhere{runner: runner}
	tr.ShareWith(h)
	got = append(got, steps(t, tr, 1)...)
	tr.ShareWith()
	got = append(got, steps(t, tr, 1)...)
	if h.asked != 1 || !slices.Equal(got, want) {
		t.Errorf("asked %d times, losses %v, want %v", h.asked, got, want)
	}
}

// TestShardsFromElsewhereAreChecked: rows that are no shard of the run are an error.
func TestShardsFromElsewhereAreChecked(t *testing.T) {
	tr := tinyTrainer(t)
	steps(t, tr, 1)
	runner, err := NewShardRunner(tr.Recipe)
	if err != nil {
		t.Fatal(err)
	}
	for says, spoil := range map[string]func(*ShardRows){
		"tokens: want": func(r *ShardRows) { r.Tokens = r.Tokens[1:] },
		"frequencies":  func(r *ShardRows) { r.InvFreq = r.InvFreq[1:] },
		"is -1":        func(r *ShardRows) { r.Tokens[3] = -1 },
		"its target":   func(r *ShardRows) { r.Targets[0] = 1 << 20 },
		"keys before":  func(r *ShardRows) { r.Before[2] = 5 },
	} {
		text, err := json.Marshal(tr.batch.rows(0))
		if err != nil {
			t.Fatal(err)
		}
		var rows ShardRows
		if err := json.Unmarshal(text, &rows); err != nil {
			t.Fatal(err)
		}
		spoil(&rows)
		if _, _, err := runner.Run([]*ShardRows{&rows}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one that says %q", err, says)
		}
	}
	distils := *tr.Recipe
	distils.Distil = 0.5
	if _, err := NewShardRunner(&distils); err == nil {
		t.Error("a run that distils is shared")
	}
	for name, list := range map[string][]*ShardRows{"no shard": nil, "without rows": {nil}} {
		if _, _, err := runner.Run(list); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want one that says %q", err, name)
		}
	}
}
