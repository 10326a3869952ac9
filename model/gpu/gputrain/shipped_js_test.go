//go:build js && wasm

package gputrain

import (
	"io/fs"
	"math"
	"os"
	"strconv"
	"testing"

	"clexlab/model/checkpoint"
	"clexlab/model/tokenizer"
	"clexlab/model/train"
)

// TestShippedModelLearnsTheSame: a hundred steps (three in software, or CLEXLAB_STEPS) of the small model that ships, by the recipe of its CLEX on English. The first
// step's gradient, tensor by tensor and of the field, is the processor's to a thousandth, and no step's loss is further off than a hundredth.
// Weights that were trained have other sizes than noise, and attention that is sharp.
func TestShippedModelLearnsTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a software adapter minutes")
	}
	d := open(t)
	r, start := parse(t, string(file(t, "recipes/small/clex.json"))), shipped(t)
	r.Batch, r.ShardRows, r.Steps, r.Warmup = 2, 1, 100, 10
	if d.Adapter().Software {
		r.Steps, r.Warmup = 3, 1 // a step takes it a quarter of a minute
		if steps, err := strconv.Atoi(os.Getenv("CLEXLAB_STEPS")); err == nil {
			r.Steps, r.Warmup = steps, steps/10
		}
	}
	r.Text = train.TextMix{AnswerWeight: 1}
	text := english(t, r)
	trainers := make([]*train.Trainer, 2)
	for i := range trainers {
		var err error
		if trainers[i], err = train.NewTrainer(r, text, start); err != nil {
			t.Fatal(err)
		}
	}
	cpu, on := trainers[0], trainers[1]
	computer, err := New(t.Context(), d, r, on.Vectors(), start.Flat)
	if err != nil {
		t.Fatal(err)
	}
	defer computer.Close()
	on.Compute(computer)
	var worst, last float64
	for step := range r.Steps {
		want, err := cpu.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got, err := on.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		e := math.Abs(got.Loss/want.Loss - 1)
		if !(e < 0.01) {
			t.Fatalf("step %d: loss %v, want %v", step, got.Loss, want.Loss)
		}
		if worst, last = max(worst, e), want.Loss; step%20 == 19 || step == r.Steps-1 {
			t.Logf("%d steps: losses are off by at most %.1e; the last is %.3f", step+1, worst, last)
		}
		if step > 0 {
			continue
		}
		if err := on.Store(t.Context()); err != nil {
			t.Fatal(err)
		}
		most, at := apart(fieldGradient(t, on), fieldGradient(t, cpu)), "the field"
		for _, s := range tensors(&start.Layout) {
			if e := apart(on.Vectors().First[s.From:s.To], cpu.Vectors().First[s.From:s.To]); e > most {
				most, at = e, s.name
			}
		}
		t.Logf("the gradient is off most in %s, by %.1e of its size; that of the field by %.1e", at, most, apart(fieldGradient(t, on), fieldGradient(t, cpu)))
		if !(most < 1e-3) {
			t.Errorf("the gradient of %s is off by %.1e of its size", at, most)
		}
	}
}

// models lies beside the package and not in the test's program, which all weights would make eight times as large.
var models = os.DirFS("../../../tinymodels")

func file(t *testing.T, name string) []byte {
	t.Helper()
	data, err := fs.ReadFile(models, name)
	if err != nil {
		t.Skip("only under Node: a browser has no files:", err)
	}
	return data
}

// shipped are the weights of the small base model.
func shipped(t *testing.T) *train.Parameters {
	t.Helper()
	folder, err := fs.Sub(models, "small/base")
	if err != nil {
		t.Fatal(err)
	}
	c, err := checkpoint.Read(t.Context(), folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := train.NewParameters(c.Config, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Import(c.Weights); err != nil {
		t.Fatal(err)
	}
	return p
}

// english is what the models' cards say, in the model's tokens.
func english(t *testing.T, r *train.Recipe) *train.Text {
	t.Helper()
	tok, err := tokenizer.Parse(file(t, "small/tokenizer.json"))
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(models, "small/*/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []int32
	for _, name := range names {
		all = tok.Encode(all, string(file(t, name)))
	}
	_, row := r.Tokens()
	text, err := train.NewText([][]int32{all}, make([]bool, tok.Size()), make([]bool, tok.Size()), nil, row)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
