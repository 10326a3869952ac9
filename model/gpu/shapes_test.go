package gpu

import (
	"math"
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
	bias bias // of the LLaMA form; GPT-NeoX has every one
	int8 bool
	// oneNorm is the same for attention and MLP, plainNorms have no bias, headBias is one of the logits; all of GPT-NeoX.
	oneNorm, plainNorms, headBias bool
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
	{name: "plain", cfg: model.Config{Architecture: model.LLaMA, Vocab: 61, Dim: 32, HiddenDim: 80, Layers: 3, Heads: 2, KVHeads: 2, NormEps: 1e-5, TiedHead: true, Rotary: clextest.Rotary(48, 48, 16, clex.HalfSplit)}},
	{name: "int8, grouped, projections biased, untied, partial, interleaved", cfg: model.Config{Architecture: model.LLaMA, Vocab: 133, Dim: 36, HiddenDim: 52, Layers: 2, Heads: 4, KVHeads: 2, NormEps: 1e-6, Rotary: clextest.Rotary(48, 36, 16, clex.Interleaved)}, bias: projectionBias, int8: true},
	{name: "normalised heads, interleaved", cfg: model.Config{Architecture: model.LLaMA, Vocab: 61, Dim: 32, HiddenDim: 48, Layers: 2, Heads: 2, KVHeads: 2, NormEps: 1e-3, TiedHead: true, HeadNorm: true, Rotary: clextest.Rotary(48, 36, 16, clex.Interleaved)}},
	{name: "GPT-NeoX: two LayerNorms, GELU, untied, partial, interleaved", cfg: model.Config{Architecture: model.NeoX, Vocab: 61, Dim: 36, HiddenDim: 80, Layers: 2, Heads: 2, KVHeads: 2, NormEps: 1e-5, Rotary: clextest.Rotary(48, 12, 16, clex.Interleaved)}},
	{name: "GPT-NeoX: sequential, ReLU, norms without bias, tied, head biased, grouped", cfg: model.Config{Architecture: model.NeoX, Vocab: 61, Dim: 32, HiddenDim: 80, Layers: 2, Heads: 2, KVHeads: 1, NormEps: 1e-3, TiedHead: true, SequentialResidual: true, Activation: model.ReLU, Rotary: clextest.Rotary(48, 36, 16, clex.HalfSplit)}, plainNorms: true, headBias: true},
	{name: "int8, every map biased, GELU by tanh before the gate", cfg: model.Config{Architecture: model.LLaMA, Vocab: 61, Dim: 36, HiddenDim: 52, Layers: 2, Heads: 2, KVHeads: 2, NormEps: 1e-5, Activation: model.TanhGELU, Rotary: clextest.Rotary(48, 48, 16, clex.HalfSplit)}, bias: everyBias, int8: true},
	// Those of others, for which all that has to do with heads is compiled anew.
	{name: "as Qwen 2.5: heads of 64, seven for one of keys", cfg: model.Config{Architecture: model.LLaMA, Vocab: 101, Dim: 128, HiddenDim: 96, Layers: 1, Heads: 14, KVHeads: 2, NormEps: 1e-6, TiedHead: true, Rotary: clex.Rotary{HeadDim: 64, Dims: 64, Base: 1e6, Window: 32}}, bias: projectionBias},
	{name: "as Pythia: int8, heads of 64, of which 16 rotate", cfg: model.Config{Architecture: model.NeoX, Vocab: 101, Dim: 128, HiddenDim: 512, Layers: 2, Heads: 2, KVHeads: 2, NormEps: 1e-5, Rotary: clex.Rotary{HeadDim: 64, Dims: 16, Base: 1e4, Window: 32}}, int8: true},
	{name: "as Phi 2: int8, one norm, heads of 80, of which 32 rotate, head biased", cfg: model.Config{Architecture: model.NeoX, Vocab: 101, Dim: 160, HiddenDim: 640, Layers: 2, Heads: 2, KVHeads: 2, NormEps: 1e-5, Activation: model.TanhGELU, Rotary: clextest.Rotary(80, 32, 32, clex.HalfSplit)}, int8: true, oneNorm: true, headBias: true},
	{name: "as Qwen 3: normalised heads of 128, more than the width holds", cfg: model.Config{Architecture: model.LLaMA, Vocab: 101, Dim: 64, HiddenDim: 96, Layers: 2, Heads: 4, KVHeads: 2, NormEps: 1e-6, TiedHead: true, HeadNorm: true, Rotary: clex.Rotary{HeadDim: 128, Dims: 128, Base: 1e6, Window: 32}}},
}

// tried are the shapes to compute with on a device: in short the first four, whose kernels are those of the small model that ships but for
// few, and one of GPT-NeoX. A software adapter takes seconds to compile each product of matrices, and 10 s and more for heads of one more size.
func tried() []shape {
	if testing.Short() {
		return shapes[:4]
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
	norms := []*model.Norm{&w.FinalNorm}
	for i := range w.Layers {
		l := &w.Layers[i]
		if s.oneNorm {
			l.MLPNorm = l.AttentionNorm
		}
		norms = append(norms, &l.AttentionNorm, &l.MLPNorm)
	}
	for _, n := range norms {
		if s.plainNorms {
			n.Bias = nil
		}
	}
	if s.headBias {
		w.HeadBias = make([]float32, s.cfg.Vocab)
		for i := range w.HeadBias {
			w.HeadBias[i] = float32(math.Sin(float64(i)))
		}
	}
	if s.int8 {
		w = model.Quantize(w)
	}
	return w
}

func (s *shape) tokens(n int) []int32 { return modeltest.RandomTokens(s.cfg.Vocab, n) }
