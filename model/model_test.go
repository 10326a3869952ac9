package model

import (
	"context"
	"math"
	"slices"
	"testing"

	"clexlab/clex"
	"clexlab/clex/clextest"
)

// shapes are small transformers that differ in everything a Config can say.
var shapes = []struct {
	name string
	cfg  Config
	bias bool
}{
	{"llama", Config{Architecture: LLaMA, Vocab: 61, Dim: 32, HiddenDim: 80, Layers: 3, Heads: 4, KVHeads: 4, NormEps: 1e-5, TiedHead: true, Rotary: clextest.Rotary(8, 8, 16, clex.HalfSplit)}, false},
	{"llama grouped, biased, untied", Config{Architecture: LLaMA, Vocab: 50, Dim: 36, HiddenDim: 52, Layers: 2, Heads: 6, KVHeads: 2, NormEps: 1e-6, Rotary: clextest.Rotary(12, 12, 16, clex.HalfSplit)}, true},
	{"llama interleaved", Config{Architecture: LLaMA, Vocab: 33, Dim: 24, HiddenDim: 40, Layers: 2, Heads: 2, KVHeads: 1, NormEps: 1e-5, Rotary: clextest.Rotary(16, 12, 16, clex.Interleaved)}, true},
	{"neox", Config{Architecture: NeoX, Vocab: 61, Dim: 32, HiddenDim: 128, Layers: 3, Heads: 2, KVHeads: 2, NormEps: 1e-5, Rotary: clextest.Rotary(16, 4, 16, clex.HalfSplit)}, false},
	{"neox sequential, grouped", Config{Architecture: NeoX, Vocab: 40, Dim: 48, HiddenDim: 96, Layers: 2, Heads: 4, KVHeads: 2, NormEps: 1e-5, SequentialResidual: true, TiedHead: true, Rotary: clextest.Rotary(12, 6, 16, clex.HalfSplit)}, false},
	{"neox, tanh form, odd heads", Config{Architecture: NeoX, Vocab: 31, Dim: 39, HiddenDim: 60, Layers: 2, Heads: 3, KVHeads: 3, NormEps: 1e-5, Activation: TanhGELU, Rotary: clextest.Rotary(13, 6, 16, clex.HalfSplit)}, true},
	{"llama with normalised heads, GELU", Config{Architecture: LLaMA, Vocab: 37, Dim: 32, HiddenDim: 48, Layers: 2, Heads: 4, KVHeads: 2, NormEps: 1e-6, HeadNorm: true, Activation: GELU, Rotary: clextest.Rotary(10, 10, 16, clex.HalfSplit)}, false},
	{"llama with normalised heads, interleaved, ReLU", Config{Architecture: LLaMA, Vocab: 37, Dim: 24, HiddenDim: 48, Layers: 2, Heads: 2, KVHeads: 2, NormEps: 1e-6, HeadNorm: true, Activation: ReLU, Rotary: clextest.Rotary(12, 8, 16, clex.Interleaved)}, false},
}

func mustModel(t testing.TB, c Config, w *Weights) *Model {
	t.Helper()
	m, err := New(c, w)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mustSequence(t testing.TB, m *Model, capacity int) *Sequence {
	t.Helper()
	s, err := m.NewSequence(capacity)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustPrefill(t testing.TB, s *Sequence, tokens []int32, o *Observer) {
	t.Helper()
	if err := s.Prefill(context.Background(), tokens, o); err != nil {
		t.Fatal(err)
	}
}

func compare(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i, x := range got {
		if d := math.Abs(float64(x) - want[i]); !(d <= tolerance) {
			t.Fatalf("%s[%d] = %v, want %v, off by %.2g", what, i, x, want[i], d)
		}
	}
}

// rounding bounds what the models of these tests differ by from sums in float64. Keys, values, queries and the weights
// of attention are rounded to 15 or 16 bits; with random weights of this size that moves logits, of size 1 to 3, by up to 0.0024.
const rounding = 4e-3

// TestLogitsMatchNaive compares every logit of every position, read in blocks
// of uneven size and token by token, with the naive model's.
func TestLogitsMatchNaive(t *testing.T) {
	for _, shape := range shapes {
		w := RandomWeights(shape.cfg, 7, 1, shape.bias)
		if shape.bias && shape.cfg.Architecture == NeoX { // as Phi has it
			w.HeadBias = w.Layers[0].Up.Bias[:shape.cfg.Vocab]
		}
		m := mustModel(t, shape.cfg, w)
		tokens := randomTokens(43, shape.cfg.Vocab, 3)
		for name, enc := range clextest.Encodings(t, shape.cfg.Rotary) {
			t.Run(shape.name+"/"+name, func(t *testing.T) {
				want := (&naive{cfg: shape.cfg, w: w, enc: enc}).read(tokens)
				s := mustSequence(t, m, len(tokens))
				if err := s.SetEncoding(&enc); err != nil {
					t.Fatal(err)
				}
				at := 0
				for _, n := range []int{5, 1, 19, 11} {
					mustPrefill(t, s, tokens[at:at+n], nil)
					at += n
					compare(t, "logits after prefill", s.Logits(), want.logits[at-1], rounding)
				}
				for ; at < len(tokens); at++ {
					if err := s.Decode(tokens[at]); err != nil {
						t.Fatal(err)
					}
					compare(t, "logits after decode", s.Logits(), want.logits[at], rounding)
				}
			})
		}
	}
}

// TestLongRead crosses several prefill blocks.
func TestLongRead(t *testing.T) {
	cfg := shapes[0].cfg
	w := RandomWeights(cfg, 7, 1, false)
	tokens := randomTokens(3*blockTokens+17, cfg.Vocab, 3)
	for _, name := range []string{"rope", "string log-n"} {
		enc := clextest.Encodings(t, cfg.Rotary)[name]
		want := (&naive{cfg: cfg, w: w, enc: enc}).read(tokens)
		s := mustSequence(t, mustModel(t, cfg, w), len(tokens))
		if err := s.SetEncoding(&enc); err != nil {
			t.Fatal(err)
		}
		mustPrefill(t, s, tokens, nil)
		compare(t, name, s.Logits(), want.logits[len(tokens)-1], rounding)
	}
}

// TestReleasing: a model that empties its weights on the way is the same model.
func TestReleasing(t *testing.T) {
	c := shapes[1].cfg
	tokens := []int32{3, 1, 4, 1, 5}
	logits := func(make func(Config, *Weights) (*Model, error), w *Weights) []float32 {
		m, err := make(c, w)
		if err != nil {
			t.Fatal(err)
		}
		s, err := m.NewSequence(8)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Prefill(t.Context(), tokens, nil); err != nil {
			t.Fatal(err)
		}
		return s.Logits()
	}
	w := RandomWeights(c, 1, 1, true)
	want := logits(New, w)
	if got := logits(NewReleasing, w); !slices.Equal(got, want) {
		t.Error("the logits are others")
	}
	for i := range w.Layers {
		if w.Layers[i].Q.F32 != nil || w.Layers[i].Down.F32 != nil {
			t.Errorf("layer %d is still there", i)
		}
	}
}

// TestUnpacked: what a model is taken apart to, layer by layer, makes the same model: its logits have the same bits.
func TestUnpacked(t *testing.T) {
	tokens := []int32{3, 1, 4, 1, 5, 9, 2, 6}
	for _, shape := range shapes {
		for _, int8s := range []bool{false, true} {
			w := RandomWeights(shape.cfg, 3, 1, shape.bias)
			if int8s {
				w = Quantize(w)
			}
			m := mustModel(t, shape.cfg, w)
			cfg, lazy := m.Unpacked()
			if err := lazy.Validate(cfg); err != nil {
				t.Errorf("%s: %v", shape.name, err)
			}
			whole := &Weights{Embedding: lazy.Embedding, FinalNorm: lazy.FinalNorm, Head: lazy.Head, HeadBias: lazy.HeadBias}
			for i := range lazy.Layers {
				whole.Layers = append(whole.Layers, *lazy.Layer(i))
			}
			before, after := mustSequence(t, m, 8), mustSequence(t, mustModel(t, cfg, whole), 8)
			mustPrefill(t, before, tokens, nil)
			mustPrefill(t, after, tokens, nil)
			if !slices.Equal(before.Logits(), after.Logits()) {
				t.Errorf("%s, int8 %v: other logits", shape.name, int8s)
			}
			if shape.cfg.Rotary.Pairing == clex.HalfSplit && !shape.bias && !slices.Equal(whole.Layers[0].K.F32, w.Layers[0].K.F32) {
				t.Errorf("%s: other keys", shape.name)
			}
			if w.Layer(1) != &w.Layers[1] {
				t.Errorf("%s: a layer that is there is another", shape.name)
			}
		}
	}
}
