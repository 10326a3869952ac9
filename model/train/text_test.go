package train

import (
	"math/rand/v2"
	"slices"
	"testing"

	"clexlab/model"
)

// TestFactsAgree: in every row a key is followed by one value only, whether the
// row is all facts or has them woven into prose, and only answers weigh more.
func TestFactsAgree(t *testing.T) {
	r, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		t.Fatal(err)
	}
	r.Model.Vocab, r.Model.Window = 1024, 128
	text := fillerTrainer(t, r).text
	rng := rand.New(rand.NewPCG(1, 1))
	mix := TextMix{Facts: 3, AnswerWeight: 4}
	for _, prose := range []int{0, 129} {
		for range 200 {
			tokens, weights := make([]int32, 129), make([]float32, 128)
			text.weave(tokens, weights, mix, prose, rng)
			said := map[int32]int32{}
			for i, id := range tokens {
				if !slices.Contains(text.Task.Answers(), id) || i == 0 {
					continue
				}
				key := tokens[i-1]
				if old, told := said[key]; told && old != id {
					t.Fatalf("token %d is %d, after the same key stood %d", i, id, old)
				} else if !told && weights[i-1] == 4 {
					t.Fatalf("token %d is asked for before it was told", i)
				}
				said[key] = id
			}
			for i, w := range weights {
				if w == 4 && !slices.Contains(text.Task.Answers(), tokens[i+1]) {
					t.Fatalf("token %d weighs 4 and is no answer", i+1)
				}
			}
			if len(said) == 0 {
				t.Fatal("a row without facts")
			}
			if mark := text.Task.AppendMark(nil)[0]; tokens[0] != mark || slices.Contains(tokens[1:], mark) {
				t.Fatal("a row of facts must hold the mark at its start and nowhere else")
			}
		}
	}
}

// TestImportInt8: int8 rows come in as what they stand for, half a step off at most.
func TestImportInt8(t *testing.T) {
	cfg := Shape{Vocab: 20, Width: 12, Hidden: 16, Layers: 1, Heads: 2, KVHeads: 2, HeadDim: 6, Base: 10000, Window: 16, TiedHead: true}.Config()
	from, err := NewParameters(cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	exact := from.Weights().Layers[0].Up.F32
	w := model.Quantize(from.Weights())
	steps := w.Layers[0].Up.Scale
	to, err := NewParameters(cfg, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := to.Import(w); err != nil {
		t.Fatal(err)
	}
	got := to.Weights()
	for i, v := range got.Layers[0].Up.F32 {
		if d := v - exact[i]; d > 0.51*steps[i/cfg.Width] || d < -0.51*steps[i/cfg.Width] {
			t.Fatalf("value %d came in as %v, was %v in steps of %v", i, v, exact[i], steps[i/cfg.Width])
		}
	}
	if err := to.Import(from.Weights()); err != nil || !slices.Equal(to.Flat, from.Flat) {
		t.Errorf("float32 weights changed on their way in, error %v", err)
	}
	w.Layers[0].Up.Rows, w.Layers[0].Up.I8 = 3, w.Layers[0].Up.I8[:36]
	if err := to.Import(w); err == nil {
		t.Error("a matrix of the wrong size: no error")
	}
}
