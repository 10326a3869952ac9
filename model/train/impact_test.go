package train

import (
	"math/rand/v2"
	"testing"

	"clexlab/clex"
)

// TestImpactful: where two readings differ in the head's rows of some tokens alone, those are found.
func TestImpactful(t *testing.T) {
	r, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		t.Fatal(err)
	}
	r.Model.Vocab = 1024
	tr := fillerTrainer(t, r)
	plain := clex.Encoding{InvFreq: make([]float64, 3), AttentionFactor: 1}
	r.Model.Config().Rotary.InvFreq(plain.InvFreq)
	base := &Reading{tr.Parameters, plain}
	other, err := NewParameters(tr.Parameters.Config, r.Seed)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(8, 8))
	changed := []int32{tr.text.Documents[0][3], tr.text.Documents[0][40]}
	for _, id := range changed {
		row := other.Head.of(other.Flat)[int(id)*r.Model.Dim:][:r.Model.Dim]
		for i := range row {
			row[i] += float32(rng.NormFloat64())
		}
	}
	marked, err := Impactful(t.Context(), tr.text, base, &Reading{other, plain}, &Impact{Share: 2. / 1024, Rows: 400}, 1)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, m := range marked {
		if m {
			count++
		}
	}
	if count != 2 || !marked[changed[0]] || !marked[changed[1]] {
		t.Errorf("%d tokens are marked, %v and %v of the two that changed", count, marked[changed[0]], marked[changed[1]])
	}
	if _, err := Impactful(t.Context(), tr.text, base, &Reading{noisyShape(t), plain}, &Impact{Share: 0.1, Rows: 4}, 1); err == nil {
		t.Error("weights of another shape were compared")
	}
}

func noisyShape(t *testing.T) *Parameters {
	t.Helper()
	p, err := NewParameters(tiny(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
