package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clexlab/model/checkpoint"
	"clexlab/model/recall"
	"clexlab/model/train"
	"clexlab/tinymodels/corpus"
)

const recipe = `{
  "name": "NAME", "from": "FROM", "merge": MERGE,
  "model": {"vocab": 700, "width": 12, "hidden": 20, "layers": 2, "heads": 2, "kv_heads": 2, "head_dim": 6, "rope_theta": 10000, "window": 32, "tied_head": true},
  "scheme": {"name": "SCHEME", "factor": FACTOR},
  "positions": [{"sampler": "contiguous", "share": 1}],
  "t": {"min": 1, "max": 1},
  "corpus": ["train"],
  "text": {"recall": 0.3, "dense": 0.1, "facts": 1, "answer_weight": 4},
  "batch": 4, "shard_rows": 2, "steps": 3,
  "learning_rate": 0.05, "final_rate": 0.1, "warmup": 1, "weight_decay": 0.1, "clip": 1, "seed": 3
}`

// workshop is a folder with a book and two recipes: base, and tuned, which starts from it and keeps a quarter of it.
func workshop(t *testing.T) *options {
	t.Helper()
	dir := t.TempDir()
	o := &options{model: "tiny", out: filepath.Join(dir, "models"), states: filepath.Join(dir, "states"), corpus: corpus.New(filepath.Join(dir, "corpus"))}
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(o.corpus.Dirs[0], "train", "book.txt"), strings.Repeat(strings.Join(recall.Filler, ""), 20))
	recipes := filepath.Join(o.out, "recipes", "tiny")
	write(filepath.Join(recipes, "base.json"), strings.NewReplacer("NAME", "base", "FROM", "", "MERGE", "0", "SCHEME", "rope", "FACTOR", "0").Replace(recipe))
	write(filepath.Join(recipes, "tuned.json"), strings.NewReplacer("NAME", "tuned", "FROM", "base", "MERGE", "0.25", "SCHEME", "pi", "FACTOR", "4").Replace(recipe))
	return o
}

// parameters are the weights that o wrote for a recipe.
func parameters(t *testing.T, o *options, name string) (*checkpoint.Checkpoint, *train.Parameters) {
	t.Helper()
	c, err := checkpoint.Read(t.Context(), os.DirFS(filepath.Join(o.out, o.model, name)), nil)
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
	return c, p
}

// state are the float32 weights at the end of a run.
func state(t *testing.T, o *options, name string) *train.Parameters {
	t.Helper()
	recipes, err := readRecipes(os.DirFS(o.out), "recipes/tiny")
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := train.ReadParameters(filepath.Join(o.states, o.model, name), recipes[name])
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A variant brings its start with it, names its method and its recipe, and is written as the
// average that the recipe asks for; a second run of a finished recipe writes the same.
func TestVariantIsMergedWithItsStart(t *testing.T) {
	o := workshop(t)
	o.only = []string{"tuned"}
	if err := o.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, got := parameters(t, o, "tuned")
	if c.Scaling == nil || c.Scaling.Factor != 4 || !strings.Contains(c.Metadata["clexlab.recipe"], `"merge":0.25`) {
		t.Errorf("scaling %+v, metadata %v", c.Scaling, c.Metadata)
	}
	base, tuned := state(t, o, "base"), state(t, o, "tuned")
	var moved, apart float64
	for i, v := range got.Flat {
		b, w := float64(base.Flat[i]), float64(tuned.Flat[i])
		moved = max(moved, math.Abs(w-b))
		apart = max(apart, math.Abs(float64(v)-(0.75*w+0.25*b)))
	}
	// int8 rounds by half a step of 1/127 of a row's largest weight, which is near 1; not merged, they would be a quarter of what moved apart.
	if apart > 0.7/127 || moved < 16*apart {
		t.Errorf("the written weights are %v from the average, training moved them by %v", apart, moved)
	}
	file := filepath.Join(o.out, "tiny", "tuned", "model.safetensors")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(after, before) {
		t.Errorf("following it again wrote something else (%v)", err)
	}
}

// Alone, a variant starts from the weights that ship; without any it says where it looked.
func TestAloneStartsFromWhatShips(t *testing.T) {
	o := workshop(t)
	o.only, o.alone = []string{"tuned"}, true
	if err := o.run(t.Context()); err == nil || !strings.Contains(err.Error(), filepath.Join(o.out, "tiny", "base")) {
		t.Errorf("without a base: %v", err)
	}
	o.only = []string{"base", "tuned"}
	if err := o.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	base, want := state(t, o, "base"), state(t, o, "tuned")
	if err := os.RemoveAll(o.states); err != nil {
		t.Fatal(err)
	}
	o.only = []string{"tuned"}
	if err := o.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(o.states, "tiny", "base")); !os.IsNotExist(err) {
		t.Errorf("the base was trained again (%v)", err)
	}
	// The base's rounding is all that differs; from noise the base's own three steps would be missing.
	got := state(t, o, "tuned")
	var apart, moved float64
	for i, w := range want.Flat {
		apart += math.Abs(float64(got.Flat[i] - w))
		moved += math.Abs(float64(w - base.Flat[i]))
	}
	if apart > moved/4 {
		t.Errorf("from the int8 weights it comes %v of a run's way from where it comes from the float32 ones", apart/moved)
	}
}

func TestUnknownRecipe(t *testing.T) {
	o := workshop(t)
	o.only = []string{"turned"}
	if err := o.run(t.Context()); err == nil || !strings.Contains(err.Error(), `no recipe "turned"`) {
		t.Errorf("error %v", err)
	}
}
