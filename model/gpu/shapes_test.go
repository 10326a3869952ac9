package gpu

import (
	"testing"

	"clexlab/clex"
	"clexlab/clex/clextest"
	"clexlab/model"
	"clexlab/model/modeltest"
)

// shape is a small transformer that differs from the others in what kernels care about.
type shape struct {
	name string
	cfg  model.Config
	bias bias
	int8 bool
}

// bias says which linear maps have one.
type bias uint8

const (
	noBias bias = iota
	// projectionBias is on queries, keys and values (Qwen 2).
	projectionBias
	everyBias
)

var shapes = []shape{
	{"plain", model.Config{Architecture: model.LLaMA, Vocab: 61, Dim: 32, HiddenDim: 80, Layers: 3, Heads: 2, KVHeads: 2, NormEps: 1e-5, TiedHead: true, Rotary: clextest.Rotary(48, 48, 16, clex.HalfSplit)}, noBias, false},
	{"int8, grouped, projections biased, untied, partial, interleaved", model.Config{Architecture: model.LLaMA, Vocab: 133, Dim: 36, HiddenDim: 52, Layers: 2, Heads: 4, KVHeads: 2, NormEps: 1e-6, Rotary: clextest.Rotary(48, 36, 16, clex.Interleaved)}, projectionBias, true},
	{"normalised heads, interleaved", model.Config{Architecture: model.LLaMA, Vocab: 61, Dim: 32, HiddenDim: 48, Layers: 2, Heads: 2, KVHeads: 2, NormEps: 1e-3, TiedHead: true, HeadNorm: true, Rotary: clextest.Rotary(48, 36, 16, clex.Interleaved)}, noBias, false},
	{"int8, every map biased", model.Config{Architecture: model.LLaMA, Vocab: 61, Dim: 36, HiddenDim: 52, Layers: 2, Heads: 2, KVHeads: 2, NormEps: 1e-5, Rotary: clextest.Rotary(48, 48, 16, clex.HalfSplit)}, everyBias, true},
	// Those of others, for which all that has to do with heads is compiled anew.
	{"as Qwen 2.5: heads of 64, seven for one of keys", model.Config{Architecture: model.LLaMA, Vocab: 101, Dim: 128, HiddenDim: 96, Layers: 1, Heads: 14, KVHeads: 2, NormEps: 1e-6, TiedHead: true, Rotary: clex.Rotary{HeadDim: 64, Dims: 64, Base: 1e6, Window: 32}}, projectionBias, false},
	{"heads of 80, of which 32 rotate, as Phi 2 has them", model.Config{Architecture: model.LLaMA, Vocab: 101, Dim: 80, HiddenDim: 96, Layers: 2, Heads: 2, KVHeads: 2, NormEps: 1e-5, Rotary: clextest.Rotary(80, 32, 32, clex.HalfSplit)}, noBias, false},
	{"as Qwen 3: normalised heads of 128, more than the width holds", model.Config{Architecture: model.LLaMA, Vocab: 101, Dim: 64, HiddenDim: 96, Layers: 2, Heads: 4, KVHeads: 2, NormEps: 1e-6, TiedHead: true, HeadNorm: true, Rotary: clex.Rotary{HeadDim: 128, Dims: 128, Base: 1e6, Window: 32}}, noBias, false},
}

// tried are the shapes to compute with on a device: in short the first three, whose kernels are those of the small model that ships but for
// few. A software adapter takes seconds to compile each product of matrices, and 10 s and more for heads of one more size.
func tried() []shape {
	if testing.Short() {
		return shapes[:3]
	}
	return shapes
}

// weights are random.
func (s *shape) weights() *model.Weights {
	w := model.RandomWeights(s.cfg, 9, 1, s.bias != noBias)
	for i := range w.Layers {
		if l := &w.Layers[i]; s.bias == projectionBias {
			l.O.Bias, l.Gate.Bias, l.Up.Bias, l.Down.Bias = nil, nil, nil, nil
		}
	}
	if s.int8 {
		w = model.Quantize(w)
	}
	return w
}

func (s *shape) tokens(n int) []int32 { return modeltest.RandomTokens(s.cfg.Vocab, n) }
