package model

import (
	"math"
	"strings"
	"testing"
)

func TestConfigValidate(t *testing.T) {
	for _, shape := range shapes {
		if err := shape.cfg.Validate(); err != nil {
			t.Errorf("%s: %v", shape.name, err)
		}
	}
	for _, test := range []struct {
		want   string
		change func(c *Config)
	}{
		{"Architecture", func(c *Config) { c.Architecture = 7 }},
		{"Vocab", func(c *Config) { c.Vocab = 0 }},
		{"Dim", func(c *Config) { c.Dim = -3 }},
		{"HiddenDim", func(c *Config) { c.HiddenDim = 1 << 40 }},
		{"Layers", func(c *Config) { c.Layers = 0 }},
		{"Heads", func(c *Config) { c.Heads = 0 }},
		{"KVHeads", func(c *Config) { c.KVHeads = 3 }},
		{"head size 0", func(c *Config) { c.Rotary.HeadDim = 0 }},
		{"head size 1048576", func(c *Config) { c.Heads, c.KVHeads, c.Rotary.HeadDim = 1<<20, 1, 1<<20 }},
		{"window of 0", func(c *Config) { c.Rotary.Window = 0 }},
		{"3 rotated", func(c *Config) { c.Rotary.Dims = 3 }},
		{"10 rotated", func(c *Config) { c.Rotary.Dims = 10 }},
		{"base 1", func(c *Config) { c.Rotary.Base = 1 }},
		{"base NaN", func(c *Config) { c.Rotary.Base = math.NaN() }},
		{"pairing 9", func(c *Config) { c.Rotary.Pairing = 9 }},
		{"NormEps", func(c *Config) { c.NormEps = 0 }},
		{"NormEps", func(c *Config) { c.NormEps = float32(math.NaN()) }},
		{"Activation 9", func(c *Config) { c.Activation = 9 }},
		{"HeadNorm", func(c *Config) { c.Architecture, c.HeadNorm = NeoX, true }},
		{"SequentialResidual", func(c *Config) { c.SequentialResidual = true }},
	} {
		c := shapes[0].cfg
		test.change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error is %v, want one about %s", err, test.want)
		}
		if _, err := New(c, &Weights{}); err == nil {
			t.Errorf("a model with a bad %s was made", test.want)
		}
	}
}

func TestWeightsValidate(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, test := range []struct {
		shape  int
		want   string
		change func(w *Weights)
	}{
		{1, "Layers has 1", func(w *Weights) { w.Layers = w.Layers[:1] }},
		{1, "Embedding is 50×35", func(w *Weights) { w.Embedding.Cols-- }},
		{1, "Embedding.F32", func(w *Weights) { w.Embedding.F32 = w.Embedding.F32[1:] }},
		{1, "Layers[1].Q is 71×36", func(w *Weights) { w.Layers[1].Q.Rows-- }},
		{1, "Layers[0].K.Bias", func(w *Weights) { w.Layers[0].K.Bias = []float32{1} }},
		{1, "Layers[0].V.F32[7] is NaN", func(w *Weights) { w.Layers[0].V.F32[7] = nan }},
		{1, "Layers[0].O is missing", func(w *Weights) { w.Layers[0].O.F32 = nil }},
		{1, "Layers[0].Gate has both", func(w *Weights) { w.Layers[0].Gate.I8 = []int8{} }},
		{1, "Layers[0].AttentionNorm.Weight", func(w *Weights) { w.Layers[0].AttentionNorm.Weight = nil }},
		{1, "Layers[0].MLPNorm.Bias", func(w *Weights) { w.Layers[0].MLPNorm.Bias = make([]float32, 36) }},
		{1, "FinalNorm.Weight[0] is +Inf", func(w *Weights) { w.FinalNorm.Weight[0] = inf }},
		{1, "Head is 0×0", func(w *Weights) { w.Head = Matrix{} }},
		{1, "HeadBias is set", func(w *Weights) { w.HeadBias = make([]float32, 50) }},
		{3, "HeadBias has 60", func(w *Weights) { w.HeadBias = make([]float32, 60) }},
		{3, "FinalNorm.Bias", func(w *Weights) { w.FinalNorm.Bias = []float32{2} }},
	} {
		shape := shapes[test.shape]
		w := RandomWeights(shape.cfg, 1, 1, shape.bias)
		test.change(w)
		if _, err := New(shape.cfg, w); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error is %v, want one with %q", err, test.want)
		}
	}
	quantized := Quantize(RandomWeights(shapes[1].cfg, 1, 1, true))
	quantized.Layers[0].Down.Scale = quantized.Layers[0].Down.Scale[1:]
	if _, err := New(shapes[1].cfg, quantized); err == nil || !strings.Contains(err.Error(), "Layers[0].Down.Scale") {
		t.Errorf("error is %v, want one about a scale", err)
	}
	if err := (*Weights)(nil).Validate(shapes[0].cfg); err == nil {
		t.Error("no weights are valid")
	}
}

func TestParameters(t *testing.T) {
	c := shapes[1].cfg
	// Embedding and head, two layers of norms, Q, K and V, O, gate and up, down, each with bias, final norm.
	want := 2*50*36 + 2*(2*36+72*36+72+2*(24*36+24)+36*72+36+2*(52*36+52)+36*52+36) + 36
	if got := RandomWeights(c, 1, 1, true).Parameters(c); got != want {
		t.Errorf("%d parameters, want %d", got, want)
	}
}
