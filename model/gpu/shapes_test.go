package gpu

import (
	"math/rand/v2"

	"clexlab/clex"
	"clexlab/clex/clextest"
	"clexlab/model"
)

// shape is a small transformer that differs from the others in what kernels care about.
type shape struct {
	name string
	cfg  model.Config
	bias bool
	int8 bool
}

var shapes = []shape{
	{"plain", model.Config{Architecture: model.LLaMA, Vocab: 61, Dim: 32, HiddenDim: 80, Layers: 3, Heads: 2, KVHeads: 2, NormEps: 1e-5, TiedHead: true, Rotary: clextest.Rotary(16, 16, 16, clex.HalfSplit)}, false, false},
	{"int8, grouped, biased, untied, partial, interleaved", model.Config{Architecture: model.LLaMA, Vocab: 133, Dim: 36, HiddenDim: 52, Layers: 2, Heads: 4, KVHeads: 2, NormEps: 1e-6, Rotary: clextest.Rotary(16, 12, 16, clex.Interleaved)}, true, true},
}

// weights are random, those of every map biased where the shape is.
func (s *shape) weights() *model.Weights {
	w := model.RandomWeights(s.cfg, 9, 1.5, s.bias)
	if s.int8 {
		w = model.Quantize(w)
	}
	return w
}

func (s *shape) tokens(n int) []int32 {
	random := rand.New(rand.NewPCG(5, 5))
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(random.IntN(s.cfg.Vocab))
	}
	return out
}
