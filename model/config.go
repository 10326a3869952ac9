package model

import (
	"fmt"

	"clexlab/clex"
)

// Architecture is the block structure of a transformer.
type Architecture uint8

const (
	// LLaMA is RMSNorm, SwiGLU, sequential residuals (Touvron et al. 2023).
	LLaMA Architecture = iota
	// NeoX is LayerNorm, GELU, parallel residuals, partial rotary (Black et al. 2022).
	NeoX
)

// String is the name of the architecture as papers write it.
func (f Architecture) String() string {
	switch f {
	case LLaMA:
		return "LLaMA"
	case NeoX:
		return "GPT-NeoX"
	}
	return fmt.Sprintf("Architecture(%d)", uint8(f))
}

// Config is the shape of a transformer.
type Config struct {
	Architecture Architecture
	// Vocab is the number of tokens, Dim the size of the residual stream,
	// HiddenDim the inner size of the MLP.
	Vocab, Dim, HiddenDim int
	Layers                int
	// Heads counts query heads; KVHeads divides it (grouped-query attention).
	Heads, KVHeads int
	// NormEps is the ε of RMSNorm or LayerNorm.
	NormEps float32
	// TiedHead makes the embedding the output head as well.
	TiedHead bool
	// SequentialResidual turns NeoX's parallel residual off (use_parallel_residual: false).
	SequentialResidual bool
	// Activation is the MLP's nonlinearity; the zero value is the architecture's own.
	Activation Activation
	// HeadNorm normalises each head of queries and of keys by RMSNorm before it is rotated (Qwen 3).
	HeadNorm bool
	// Rotary is the position geometry; Rotary.HeadDim*Heads is the size of all query heads.
	Rotary clex.Rotary
}

// maxExtent bounds every size in a Config, so that products of two of them
// cannot overflow and a corrupt file cannot ask for absurd memory.
const maxExtent = 1 << 20

// Validate reports the first field whose value no transformer can have.
func (c Config) Validate() error {
	if c.Architecture != LLaMA && c.Architecture != NeoX {
		return fmt.Errorf("model: Architecture %d is neither LLaMA nor NeoX", c.Architecture)
	}
	for _, f := range []struct {
		name  string
		value int
	}{
		{"Vocab", c.Vocab}, {"Dim", c.Dim}, {"HiddenDim", c.HiddenDim}, {"Layers", c.Layers},
		{"Heads", c.Heads}, {"KVHeads", c.KVHeads},
	} {
		if f.value < 1 || f.value > maxExtent {
			return fmt.Errorf("model: %s is %d, want 1 to %d", f.name, f.value, maxExtent)
		}
	}
	if err := c.Rotary.Validate(); err != nil {
		return fmt.Errorf("model: Rotary: %w", err)
	}
	if c.Heads%c.KVHeads != 0 {
		return fmt.Errorf("model: KVHeads %d does not divide Heads %d", c.KVHeads, c.Heads)
	}
	if c.Heads > maxExtent/c.Rotary.HeadDim {
		return fmt.Errorf("model: Heads %d times Rotary.HeadDim %d is more than %d", c.Heads, c.Rotary.HeadDim, maxExtent)
	}
	if e := c.NormEps; !(e > 0) || e > 1 {
		return fmt.Errorf("model: NormEps is %v, want above 0 and at most 1", e)
	}
	if c.SequentialResidual && c.Architecture != NeoX {
		return fmt.Errorf("model: SequentialResidual is set, but only NeoX has a choice of residuals")
	}
	if c.Activation > ReLU {
		return fmt.Errorf("model: Activation %d is not known", c.Activation)
	}
	if c.HeadNorm && c.Architecture != LLaMA {
		return fmt.Errorf("model: HeadNorm is set, but only LLaMA's heads can be normalised")
	}
	return nil
}

// Parallel reports whether attention and MLP read the same residual stream.
func (c *Config) Parallel() bool { return c.Architecture == NeoX && !c.SequentialResidual }

// queryDim is the size of all query heads of one token.
func (c *Config) queryDim() int { return c.Heads * c.Rotary.HeadDim }

// kvDim is the size of all key heads (or value heads) of one token.
func (c *Config) kvDim() int { return c.KVHeads * c.Rotary.HeadDim }
