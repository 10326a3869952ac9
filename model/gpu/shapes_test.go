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

// weights are random, of a size at which attention is neither flat nor a spike.
func (s *shape) weights() *model.Weights {
	c := s.cfg
	random := rand.New(rand.NewPCG(9, uint64(c.Vocab)))
	vector := func(n int, mean, size float64) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(mean + size*random.NormFloat64())
		}
		return v
	}
	matrix := func(rows, cols int, size float64) model.Matrix {
		return model.Matrix{Rows: rows, Cols: cols, F32: vector(rows*cols, 0, size)}
	}
	linear := func(rows, cols int) model.Linear {
		l := model.Linear{Matrix: matrix(rows, cols, 0.25)}
		if s.bias {
			l.Bias = vector(rows, 0, 0.2)
		}
		return l
	}
	norm := func() model.Norm { return model.Norm{Weight: vector(c.Dim, 1, 0.2)} }
	w := &model.Weights{Embedding: matrix(c.Vocab, c.Dim, 0.5), FinalNorm: norm()}
	if !c.TiedHead {
		w.Head = matrix(c.Vocab, c.Dim, 0.5)
	}
	q, kv := c.Heads*c.Rotary.HeadDim, c.KVHeads*c.Rotary.HeadDim
	for range c.Layers {
		w.Layers = append(w.Layers, model.Layer{
			AttentionNorm: norm(), MLPNorm: norm(),
			Q: linear(q, c.Dim), K: linear(kv, c.Dim), V: linear(kv, c.Dim), O: linear(c.Dim, q),
			Gate: linear(c.HiddenDim, c.Dim), Up: linear(c.HiddenDim, c.Dim), Down: linear(c.Dim, c.HiddenDim),
		})
	}
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
