// Package rig makes a small random model for tests of the engine and of what
// stands around it: no training, but a real checkpoint with real files.
package rig

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/tokenizer"
)

// Config is the rig's shape: two layers, two heads, a window of 32 tokens.
var Config = model.Config{Architecture: model.LLaMA, Vocab: 304, Dim: 32, HiddenDim: 48, Layers: 2, Heads: 2, KVHeads: 2, NormEps: 1e-5, TiedHead: true,
	Rotary: clex.Rotary{HeadDim: 16, Dims: 16, Base: 10000, Window: 32}}

// Files are the files of a checkpoint.
type Files struct{ Config, Weights, Tokenizer []byte }

// New makes the rig's checkpoint, its network seeded and far from silent.
func New() (Files, *checkpoint.Checkpoint, *tokenizer.Tokenizer, error) {
	tok, err := tokenizer.Train(strings.Repeat("the little fox ran and the old king sat in the wood by the sea. ", 40), 300, "<|endoftext|>")
	if err != nil {
		return Files{}, nil, nil, err
	}
	random := rand.New(rand.NewPCG(3, 4))
	network, err := clex.NewNetwork(Config.Rotary.Dims, 1, clex.Tanh, random)
	if err != nil {
		return Files{}, nil, nil, err
	}
	for i := range network.Down {
		network.Down[i] = float64(float32(0.02 * random.NormFloat64()))
	}
	for i := range network.Up {
		network.Up[i] = float64(float32(network.Up[i]))
	}
	c := &checkpoint.Checkpoint{Config: Config, Weights: randomWeights(Config), CLEX: network, Scaling: checkpoint.CLEXScaling(network, 16)}
	var f Files
	if f.Config, err = c.MarshalConfig(checkpoint.F32); err != nil {
		return f, nil, nil, err
	}
	var weights bytes.Buffer
	if err := c.WriteWeights(&weights, checkpoint.F32); err != nil {
		return f, nil, nil, err
	}
	f.Weights = weights.Bytes()
	f.Tokenizer, err = tok.MarshalJSON()
	return f, c, tok, err
}

// Write lays the files out as package tinymodels does, as model rig, variant clex.
func (f Files) Write(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "rig", "clex"), 0o755); err != nil {
		return err
	}
	for name, data := range map[string][]byte{"rig/tokenizer.json": f.Tokenizer, "rig/clex/config.json": f.Config, "rig/clex/model.safetensors": f.Weights} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// randomWeights are weights of a size at which attention is neither flat nor a spike.
func randomWeights(c model.Config) *model.Weights {
	random := rand.New(rand.NewPCG(9, 9))
	matrix := func(rows, cols int, size float64) model.Matrix {
		m := model.Matrix{Rows: rows, Cols: cols, F32: make([]float32, rows*cols)}
		for i := range m.F32 {
			m.F32[i] = float32(size * random.NormFloat64())
		}
		return m
	}
	gain := func() model.Norm {
		g := make([]float32, c.Dim)
		for i := range g {
			g[i] = 1
		}
		return model.Norm{Weight: g}
	}
	linear := func(rows, cols int) model.Linear { return model.Linear{Matrix: matrix(rows, cols, 0.25)} }
	w := &model.Weights{Embedding: matrix(c.Vocab, c.Dim, 0.4), FinalNorm: gain()}
	q, kv := c.Heads*c.Rotary.HeadDim, c.KVHeads*c.Rotary.HeadDim
	for range c.Layers {
		w.Layers = append(w.Layers, model.Layer{
			AttentionNorm: gain(), MLPNorm: gain(),
			Q: linear(q, c.Dim), K: linear(kv, c.Dim), V: linear(kv, c.Dim), O: linear(c.Dim, q),
			Gate: linear(c.HiddenDim, c.Dim), Up: linear(c.HiddenDim, c.Dim), Down: linear(c.Dim, c.HiddenDim),
		})
	}
	return w
}
