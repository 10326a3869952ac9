package model

import (
	"math"
	"testing"

	"clexlab/clex/clextest"
)

// TestQuantizedValues: each value is within half a step of its row, the
// largest is met, and a row of zeros stays so.
func TestQuantizedValues(t *testing.T) {
	w := RandomWeights(shapes[1].cfg, 1, 1, true)
	m := &w.Layers[0].Q.Matrix
	clear(m.F32[:m.Cols])
	q := Quantize(w).Layers[0].Q.Matrix
	if q.F32 != nil || m.I8 != nil {
		t.Fatal("the result is not int8, or the source was changed")
	}
	for r := range m.Rows {
		row, back := m.F32[r*m.Cols:(r+1)*m.Cols], make([]float32, m.Cols)
		q.CopyRow(back, r)
		peak := 0.0
		for _, x := range row {
			peak = math.Max(peak, math.Abs(float64(x)))
		}
		for c, x := range row {
			if d := math.Abs(float64(x - back[c])); d > peak/127*0.5001 {
				t.Errorf("value %d of row %d is off by %v, more than half a step of %v", c, r, d, peak/127)
			}
		}
	}
}

// TestInt8MatchesNaive runs int8 weights against the naive model on the same
// int8 values, where only the rounding of activations, keys and values to 16 bits remains.
func TestInt8MatchesNaive(t *testing.T) {
	for _, shape := range shapes {
		w := Quantize(RandomWeights(shape.cfg, 7, 1, shape.bias))
		enc := clextest.Encodings(t, shape.cfg.Rotary)["clex"]
		tokens := randomTokens(40, shape.cfg.Vocab, 3)
		want := (&naive{cfg: shape.cfg, w: w, enc: enc}).read(tokens)
		s := mustSequence(t, mustModel(t, shape.cfg, w), len(tokens))
		if err := s.SetEncoding(&enc); err != nil {
			t.Fatal(err)
		}
		mustPrefill(t, s, tokens[:39], nil)
		compare(t, shape.name, s.Logits(), want.logits[38], rounding)
		if err := s.Decode(tokens[39]); err != nil {
			t.Fatal(err)
		}
		compare(t, shape.name, s.Logits(), want.logits[39], rounding)
	}
}
