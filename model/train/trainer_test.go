package train

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"clexlab/model/recall"
)

// words encodes by a growing table, one token a word: enough of a tokenizer for tests.
func words() recall.Encoder {
	ids := map[string]int32{}
	return func(dst []int32, text string) []int32 {
		start := 0
		for i := 1; i <= len(text); i++ {
			if i == len(text) || text[i] == ' ' || text[i] == '.' {
				id, ok := ids[text[start:i]]
				if !ok {
					id = int32(len(ids))
					ids[text[start:i]] = id
				}
				dst = append(dst, id)
				start = i
			}
		}
		return dst
	}
}

func tinyTrainer(t testing.TB) *Trainer {
	t.Helper()
	r, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		t.Fatal(err)
	}
	r.Model.Vocab = 1024
	return fillerTrainer(t, r)
}

// fillerTrainer follows r on a book of the recall task's own filler sentences.
func fillerTrainer(t testing.TB, r *Recipe) *Trainer {
	t.Helper()
	encode := words()
	task, err := recall.NewTask(encode)
	if err != nil {
		t.Fatal(err)
	}
	var book []int32
	for range 20 {
		for _, s := range recall.Filler {
			book = encode(book, s)
		}
	}
	ends := make([]bool, r.Model.Vocab)
	ends[encode(nil, ".")[0]] = true
	text, err := NewText([][]int32{book}, ends, make([]bool, len(ends)), task, r.Model.Window)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := NewTrainer(r, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func steps(t *testing.T, tr *Trainer, n int) (losses []float64) {
	t.Helper()
	for range n {
		r, err := tr.Step(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, r.Loss)
	}
	return losses
}

// TestResumeIsBitExact: four steps, saved, four more in a new trainer that
// resumes, equal eight steps in one go, weights and field; on one core or many.
func TestResumeIsBitExact(t *testing.T) {
	dir := t.TempDir()
	a := tinyTrainer(t)
	steps(t, a, 4)
	if err := a.Save(dir); err != nil {
		t.Fatal(err)
	}
	steps(t, a, 4)

	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	b := tinyTrainer(t)
	if warning, err := b.Resume(dir); err != nil || warning != nil {
		t.Fatal(warning, err)
	}
	if b.Steps() != 4 {
		t.Fatalf("resumed at step %d, want 4", b.Steps())
	}
	steps(t, b, 4)
	if !slices.Equal(a.Parameters.Flat, b.Parameters.Flat) {
		t.Error("weights differ")
	}
	if !slices.Equal(a.Field.vector(), b.Field.vector()) {
		t.Error("the field differs")
	}
}

// TestGoesBack: a run that went on under other rates and goes back to a state is the run that had stood there, rates and all;
// and the new rates did something.
func TestGoesBack(t *testing.T) {
	a := tinyTrainer(t)
	steps(t, a, 3)
	var state bytes.Buffer
	if err := a.WriteState(&state); err != nil {
		t.Fatal(err)
	}
	was := *a.Recipe
	straight := steps(t, a, 3)
	if err := a.ReadState(state.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := a.SetRates(3*was.LearningRate, was.FieldRate/2); err != nil {
		t.Fatal(err)
	}
	if faster := steps(t, a, 3); slices.Equal(faster, straight) {
		t.Error("another rate changes nothing")
	}
	if err := a.ReadState(state.Bytes()); err != nil {
		t.Fatal(err)
	}
	if a.Steps() != 3 || a.Recipe.LearningRate != was.LearningRate || a.Recipe.FieldRate != was.FieldRate {
		t.Errorf("back at step %d with rates %v, %v", a.Steps(), a.Recipe.LearningRate, a.Recipe.FieldRate)
	}
	if again := steps(t, a, 3); !slices.Equal(again, straight) {
		t.Errorf("losses %v, the first time %v", again, straight)
	}
	if r, err := StateRecipe(state.Bytes()); err != nil || !sameJSON(r, &was) {
		t.Errorf("the state's recipe is %+v: %v", r, err)
	}
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1)} {
		if a.SetRates(bad, 0) == nil {
			t.Errorf("a rate of %v is taken", bad)
		}
	}
	other := tinyTrainer(t)
	other.Recipe.Seed++
	if err := other.ReadState(state.Bytes()); err == nil {
		t.Error("a state of another run is taken")
	}
}

// TestDamagedStateFallsBack: any damage of the latest state leads to the one
// before, with a warning; without one it is an error.
func TestDamagedStateFallsBack(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"truncated": func(b []byte) []byte { return b[:len(b)*2/3] },
		"empty":     func([]byte) []byte { return nil },
		"bit flip":  func(b []byte) []byte { b[len(b)/2] ^= 4; return b },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			tr := tinyTrainer(t)
			if _, err := tr.Resume(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("no state: error %v, want fs.ErrNotExist", err)
			}
			steps(t, tr, 1)
			if err := tr.Save(dir); err != nil {
				t.Fatal(err)
			}
			want := slices.Clone(tr.Parameters.Flat)
			steps(t, tr, 1)
			if err := tr.Save(dir); err != nil {
				t.Fatal(err)
			}
			latest := filepath.Join(dir, latestState)
			data, err := os.ReadFile(latest)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(latest, damage(data), 0o644); err != nil {
				t.Fatal(err)
			}
			warning, err := tr.Resume(dir)
			if err != nil || warning == nil {
				t.Fatalf("warning %v, error %v: want a warning", warning, err)
			}
			if tr.Steps() != 1 || !slices.Equal(tr.Parameters.Flat, want) {
				t.Errorf("at step %d, want the state of step 1", tr.Steps())
			}
			os.Remove(filepath.Join(dir, previousState))
			if _, err := tr.Resume(dir); err == nil {
				t.Error("no whole state left, but no error")
			}
		})
	}
}

// TestLossFalls: a run on a tiny text learns it.
func TestLossFalls(t *testing.T) {
	tr := tinyTrainer(t)
	tr.Recipe.Steps = 200
	losses := steps(t, tr, 150)
	mean := func(x []float64) float64 {
		var s float64
		for _, v := range x {
			s += v
		}
		return s / float64(len(x))
	}
	first, last := mean(losses[:5]), mean(losses[145:])
	if math.Abs(first-math.Log(1024)) > 1 {
		t.Errorf("first losses %v, want near ln 1024", first)
	}
	if last > 0.75*first {
		t.Errorf("loss went from %.3f to %.3f, want a fall by a quarter", first, last)
	}
}

// TestStepStopsWithContext and leaves the run as it was.
func TestStepStopsWithContext(t *testing.T) {
	tr := tinyTrainer(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := tr.Step(ctx); !errors.Is(err, context.Canceled) || tr.Steps() != 0 {
		t.Errorf("error %v after %d steps", err, tr.Steps())
	}
}

// TestClosingReadsNearby: the last steps stand at positions 0, 1, 2 … under t = 1 and
// read their own text, those before them do not.
func TestClosingReadsNearby(t *testing.T) {
	r, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		t.Fatal(err)
	}
	r.Model.Vocab = 1024
	r.Text, r.T = TextMix{}, FactorChoice{Min: 4, Max: 4}
	r.Positions = []PositionChoice{{Sampler: "drawn", Share: 1}}
	r.Closing = &Part{Steps: 3, Text: TextMix{Dense: 1, Facts: 2, AnswerWeight: 4}, Contiguous: true}
	tr := fillerTrainer(t, r)
	n := r.Model.Window
	for step := range r.Steps {
		steps(t, tr, 1)
		closing := step >= r.Steps-3
		for k, s := range tr.batch.Shards {
			end := tr.batch.Positions[s.From+n-1]
			if near := end == float64(n-1); near != closing || (s.T == 1) != closing {
				t.Errorf("step %d, shard %d: ends at %v under t = %v", step, k, end, s.T)
			}
			if answers := slices.Contains(tr.batch.Answers[s.From:s.To], true); answers != closing {
				t.Errorf("step %d, shard %d: answers: %t", step, k, answers)
			}
		}
	}
}

// TestStartStaysAsItIs: a run can be merged with what it started from, and two can start from one.
func TestStartStaysAsItIs(t *testing.T) {
	fresh := tinyTrainer(t)
	start, err := NewParameters(fresh.Parameters.Config, 5)
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(start.Flat)
	tr, err := NewTrainer(fresh.Recipe, fresh.text, start)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(tr.Parameters.Flat, before) {
		t.Error("the run does not begin with the weights it was given")
	}
	steps(t, tr, 1)
	if slices.Equal(tr.Parameters.Flat, before) || !slices.Equal(start.Flat, before) {
		t.Error("a step must change the run's weights and not its start's")
	}
}

// TestMerged: a quarter of one and three of the other, neither of them changed.
func TestMerged(t *testing.T) {
	cfg := tinyTrainer(t).Parameters.Config
	a, err := NewParameters(cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewParameters(cfg, 2)
	if err != nil {
		t.Fatal(err)
	}
	first := slices.Clone(a.Flat)
	m, err := a.Merged(b, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range m.Flat {
		if want := 0.75*first[i] + 0.25*b.Flat[i]; math.Abs(float64(v-want)) > 1e-6 {
			t.Fatalf("weight %d is %v, want %v", i, v, want)
		}
	}
	if !slices.Equal(a.Flat, first) {
		t.Error("merging changed the weights")
	}
	cfg.HiddenDim++
	if b, err = NewParameters(cfg, 2); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Merged(b, 0.25); err == nil {
		t.Error("weights of another shape were merged")
	}
}

// Rows of the opening hold facts where it says so, those after it what the recipe says.
func TestOpening(t *testing.T) {
	r, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		t.Fatal(err)
	}
	r.Model.Vocab = 1024
	r.Text = TextMix{}
	r.Opening = &Part{Steps: 2, Text: TextMix{Dense: 1, Facts: 2, AnswerWeight: 4}}
	tr := fillerTrainer(t, r)
	mark := tr.text.Task.AppendMark(nil)[0]
	for step := range 4 {
		steps(t, tr, 1)
		for k, s := range tr.batch.Shards {
			for at := s.From; at < s.To; at += r.Model.Window {
				if opens, want := tr.batch.Tokens[at] == mark, step < 2; opens != want {
					t.Errorf("step %d, shard %d, token %d: opens with the mark of facts: %t, want %t", step, k, at, opens, want)
				}
			}
			if answers := slices.Contains(tr.batch.Answers[s.From:s.To], true); answers != (step < 2) {
				t.Errorf("step %d, shard %d: answers: %t", step, k, answers)
			}
		}
	}
}

// A run that is made longer by a second rise of the rate begins as the run that ended there.
func TestRewarm(t *testing.T) {
	short, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		t.Fatal(err)
	}
	short.Model.Vocab, short.Steps, short.Warmup = 1024, 3, 2
	long := *short
	long.Steps, long.Rewarm = 7, &Rewarm{Step: 3, Share: 0.5}
	a, b := fillerTrainer(t, short), fillerTrainer(t, &long)
	steps(t, a, 3)
	steps(t, b, 3)
	if !slices.Equal(a.Parameters.Flat, b.Parameters.Flat) {
		t.Error("the first steps differ")
	}
	// Warm-up to half the peak, then half a cosine down to the final share of that.
	peak, final := short.LearningRate/2, short.FinalRate
	for i, want := range []float64{peak / 2, peak, peak, peak * (1 + final) / 2} {
		report, err := b.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(report.LearningRate-want) > 1e-12 {
			t.Errorf("step %d after the rise: rate %v, want %v", i, report.LearningRate, want)
		}
	}
}

// A closing with a rate of its own is a stage of its own: the rate before it falls as if its steps were all, then begins anew at that share.
func TestClosingRate(t *testing.T) {
	r, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		t.Fatal(err)
	}
	r.Steps, r.Warmup, r.FinalRate = 10, 0, 0.2
	r.Closing = &Part{Steps: 4, Rate: 0.1}
	for step, want := range map[int]float64{0: 1, 3: 0.6, 6: 0.1, 8: 0.06} {
		if got := r.rate(step, 1); math.Abs(got-want) > 1e-12 {
			t.Errorf("step %d: rate %v, want %v", step, got, want)
		}
	}
}
