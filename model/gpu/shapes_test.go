package gpu

import (
	"math/rand/v2"
	"testing"

	"clexlab/clex"
	"clexlab/model"
)

// shape is a small transformer that differs from the others in what kernels care about.
type shape struct {
	name string
	cfg  model.Config
	bias bool
	int8 bool
}

func rotary(headDim, dims, window int, p clex.Pairing) clex.Rotary {
	return clex.Rotary{HeadDim: headDim, Dims: dims, Base: 10000, Window: window, Pairing: p}
}

var shapes = []shape{
	{"plain", model.Config{Form: model.LLaMA, Vocab: 61, Width: 32, Hidden: 80, Layers: 3, Heads: 2, KVHeads: 2, NormEps: 1e-5, TiedHead: true, Rotary: rotary(16, 16, 16, clex.HalfSplit)}, false, false},
	{"int8, grouped, biased, untied, partial, interleaved", model.Config{Form: model.LLaMA, Vocab: 133, Width: 36, Hidden: 52, Layers: 2, Heads: 4, KVHeads: 2, NormEps: 1e-6, Rotary: rotary(16, 12, 16, clex.Interleaved)}, true, true},
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
	norm := func() model.Norm { return model.Norm{Gain: vector(c.Width, 1, 0.2)} }
	w := &model.Weights{Embedding: matrix(c.Vocab, c.Width, 0.5), FinalNorm: norm()}
	if !c.TiedHead {
		w.Head = matrix(c.Vocab, c.Width, 0.5)
	}
	q, kv := c.Heads*c.Rotary.HeadDim, c.KVHeads*c.Rotary.HeadDim
	for range c.Layers {
		w.Layers = append(w.Layers, model.Layer{
			AttentionNorm: norm(), MLPNorm: norm(),
			Q: linear(q, c.Width), K: linear(kv, c.Width), V: linear(kv, c.Width), O: linear(c.Width, q),
			Gate: linear(c.Hidden, c.Width), Up: linear(c.Hidden, c.Width), Down: linear(c.Width, c.Hidden),
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

// encodings are what schemes can ask of attention: every method of clex, with
// and without log-n scaling, and a hand-made combination of all.
func encodings(t testing.TB, r clex.Rotary) map[string]clex.Encoding {
	t.Helper()
	all := map[string]clex.Encoding{}
	for _, m := range clex.Methods() {
		for _, logN := range []bool{false, true} {
			s, err := clex.New(m.Name, r, clex.Options{LogN: logN, Local: 2})
			if err != nil {
				t.Fatal(err)
			}
			var e clex.Encoding
			if err := s.Encode(&e, 2.7, 43); err != nil {
				t.Fatal(err)
			}
			name := m.Name
			if logN {
				name += " log-n"
			}
			all[name] = e
		}
	}
	custom := all["yarn log-n"]
	custom.Gain, custom.Remap = 1.3, &clex.Remap{Shift: 7, Local: 3}
	all["gain, log-n and remap"] = custom
	return all
}
