// Package modeltest makes a small model for tests of whatever reads models: no training,
// but a real checkpoint with real files, and texts in its tokens. For weights of another
// shape see model.RandomWeights, for position encodings package clextest.
package modeltest

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/tokenizer"
)

// Config is the model's shape: two layers, two heads, a window of 32 tokens.
var Config = model.Config{Architecture: model.LLaMA, Vocab: 304, Dim: 32, HiddenDim: 48, Layers: 2, Heads: 2, KVHeads: 2, NormEps: 1e-5, TiedHead: true,
	Rotary: clex.Rotary{HeadDim: 16, Dims: 16, Base: 10000, Window: 32}}

// Files are the files of a checkpoint.
type Files struct{ Config, Weights, Tokenizer []byte }

// New makes the checkpoint, its network seeded and far from silent.
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
	c := &checkpoint.Checkpoint{Config: Config, Weights: model.RandomWeights(Config, 9, 1.4, false), CLEX: network, Scaling: checkpoint.CLEXScaling(network, 16)}
	text, err := tok.MarshalJSON()
	if err != nil {
		return Files{}, nil, nil, err
	}
	f, err := Written(c, text)
	return f, c, tok, err
}

// Written are the files of a checkpoint in float32 beside its tokenizer's.
func Written(c *checkpoint.Checkpoint, tokenizer []byte) (Files, error) {
	config, err := c.MarshalConfig(checkpoint.F32)
	if err != nil {
		return Files{}, err
	}
	var weights bytes.Buffer
	err = c.WriteWeights(&weights, checkpoint.F32)
	return Files{Config: config, Weights: weights.Bytes(), Tokenizer: tokenizer}, err
}

// FS is a folder of the files.
func (f Files) FS() fstest.MapFS {
	return fstest.MapFS{checkpoint.ConfigFile: {Data: f.Config}, checkpoint.WeightsFile: {Data: f.Weights}, checkpoint.TokenizerFile: {Data: f.Tokenizer}}
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

// Text is a text of n tokens of the model's vocabulary, always the same one.
func Text(n int) []int32 {
	random := rand.New(rand.NewPCG(5, 6))
	tokens := make([]int32, n)
	for i := range tokens {
		tokens[i] = random.Int32N(int32(Config.Vocab) - 4)
	}
	return tokens
}

// Folder writes the files as one folder, as programs name models.
func (f Files) Folder(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, data := range map[string][]byte{"tokenizer.json": f.Tokenizer, checkpoint.ConfigFile: f.Config, checkpoint.WeightsFile: f.Weights} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
