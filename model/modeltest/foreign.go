package modeltest

import (
	"math"
	"math/rand/v2"
	"slices"

	"clexlab/clex"
	"clexlab/model"
)

// ForeignShape is the shape of a model that others have trained.
type ForeignShape struct {
	Name   string
	Config model.Config
	// Biased are the maps that have biases.
	Biased Biased
}

// Biased says which maps of a layer have biases.
type Biased uint8

// Qwen 2's queries, keys and values alone have them; all maps of GPT-NeoX and Phi, whose head has one too.
const (
	NoBias Biased = iota
	QKVBias
	EveryBias
	EveryBiasAndHead
)

// Foreign are shapes by the families' published configurations, smallest first.
var Foreign = []ForeignShape{
	{"SmolLM2-135M", model.Config{Architecture: model.LLaMA, Vocab: 49152, Dim: 576, HiddenDim: 1536, Layers: 30, Heads: 9, KVHeads: 3, NormEps: 1e-5, TiedHead: true,
		Rotary: clex.Rotary{HeadDim: 64, Dims: 64, Base: 1e5, Window: 2048}}, NoBias},
	{"Pythia-160m", model.Config{Architecture: model.NeoX, Vocab: 50304, Dim: 768, HiddenDim: 3072, Layers: 12, Heads: 12, KVHeads: 12, NormEps: 1e-5,
		Rotary: clex.Rotary{HeadDim: 64, Dims: 16, Base: 1e4, Window: 2048}}, EveryBias},
	{"Qwen2.5-0.5B", model.Config{Architecture: model.LLaMA, Vocab: 151936, Dim: 896, HiddenDim: 4864, Layers: 24, Heads: 14, KVHeads: 2, NormEps: 1e-6, TiedHead: true,
		Rotary: clex.Rotary{HeadDim: 64, Dims: 64, Base: 1e6, Window: 32768}}, QKVBias},
	{"Qwen3-0.6B", model.Config{Architecture: model.LLaMA, Vocab: 151936, Dim: 1024, HiddenDim: 3072, Layers: 28, Heads: 16, KVHeads: 8, NormEps: 1e-6, TiedHead: true, HeadNorm: true,
		Rotary: clex.Rotary{HeadDim: 128, Dims: 128, Base: 1e6, Window: 40960}}, NoBias},
	{"TinyLlama-1.1B", model.Config{Architecture: model.LLaMA, Vocab: 32000, Dim: 2048, HiddenDim: 5632, Layers: 22, Heads: 32, KVHeads: 4, NormEps: 1e-5,
		Rotary: clex.Rotary{HeadDim: 64, Dims: 64, Base: 1e4, Window: 2048}}, NoBias},
	{"Phi-2", model.Config{Architecture: model.NeoX, Vocab: 51200, Dim: 2560, HiddenDim: 10240, Layers: 32, Heads: 32, KVHeads: 32, NormEps: 1e-5, Activation: model.TanhGELU,
		Rotary: clex.Rotary{HeadDim: 80, Dims: 32, Base: 1e4, Window: 2048}}, EveryBiasAndHead},
}

// Weights are random int8 rows of the shape: the speed is that of any others, and they are never in float32, which
// would take four times the memory.
func (s *ForeignShape) Weights() *model.Weights {
	c := &s.Config
	r := rand.New(rand.NewPCG(11, 11))
	noise := make([]int8, 1<<20)
	for i := range noise {
		noise[i] = int8(r.Uint32())
	}
	matrix := func(rows, cols int) model.Matrix {
		m := model.Matrix{Rows: rows, Cols: cols, I8: make([]int8, rows*cols)}
		for rest := m.I8; len(rest) > 0; { // stretches of the same noise: a draw for each would take half a minute
			rest = rest[copy(rest, noise[r.IntN(len(noise)/2):]):]
		}
		// Uniform numbers of 8 bits have a standard deviation of 256/√12; those of a row's products shall have 1.
		m.Scale = slices.Repeat([]float32{float32(math.Sqrt(12/float64(cols)) / 256)}, rows)
		return m
	}
	linear := func(rows, cols int, biased bool) model.Linear {
		l := model.Linear{Matrix: matrix(rows, cols)}
		if biased {
			l.Bias = make([]float32, rows)
		}
		return l
	}
	norm := func(n int) model.Norm {
		out := model.Norm{Weight: slices.Repeat([]float32{1}, n)}
		if c.Architecture == model.NeoX {
			out.Bias = make([]float32, n)
		}
		return out
	}
	d, qkv, every := c.Rotary.HeadDim, s.Biased != NoBias, s.Biased >= EveryBias
	w := &model.Weights{Embedding: matrix(c.Vocab, c.Dim), FinalNorm: norm(c.Dim)}
	for range c.Layers {
		l := model.Layer{
			AttentionNorm: norm(c.Dim), MLPNorm: norm(c.Dim),
			Q: linear(c.Heads*d, c.Dim, qkv), K: linear(c.KVHeads*d, c.Dim, qkv), V: linear(c.KVHeads*d, c.Dim, qkv), O: linear(c.Dim, c.Heads*d, every),
			Up: linear(c.HiddenDim, c.Dim, every), Down: linear(c.Dim, c.HiddenDim, every),
		}
		if c.Architecture == model.LLaMA {
			l.Gate = linear(c.HiddenDim, c.Dim, every)
		}
		if c.HeadNorm {
			l.QNorm, l.KNorm = norm(d), norm(d)
		}
		w.Layers = append(w.Layers, l)
	}
	if !c.TiedHead {
		w.Head = matrix(c.Vocab, c.Dim)
	}
	if s.Biased == EveryBiasAndHead {
		w.HeadBias = make([]float32, c.Vocab)
	}
	return w
}

// RandomTokens are n tokens of a vocabulary, always the same.
func RandomTokens(vocab, n int) []int32 {
	r := rand.New(rand.NewPCG(5, 5))
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(r.IntN(vocab))
	}
	return out
}
