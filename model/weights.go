package model

import (
	"fmt"
	"math"
)

// Matrix is a linear map, rows×cols, row-major with one row per output, as
// Hugging Face stores it. Exactly one of F32 and I8 holds it.
type Matrix struct {
	Rows, Cols int
	// F32 has Rows*Cols values, or is nil.
	F32 []float32
	// I8 has Rows*Cols values with one Scale per row: w = I8·Scale[row].
	I8    []int8
	Scale []float32
}

// Linear is a matrix with an optional bias of Matrix.Rows values.
type Linear struct {
	Matrix
	Bias []float32
}

// Norm is the weight and, for LayerNorm, the bias of a normalisation, Dim values each.
type Norm struct {
	Weight, Bias []float32
}

// Layer is one transformer block. NeoX has no Gate.
type Layer struct {
	AttentionNorm, MLPNorm Norm
	// QNorm and KNorm are of one head, HeadDim values each, where Config.HeadNorm.
	QNorm, KNorm Norm
	// Q is (Heads·HeadDim × Dim), K and V (KVHeads·HeadDim × Dim), O (Dim × Heads·HeadDim).
	Q, K, V, O Linear
	// Gate and Up are (HiddenDim × Dim), Down (Dim × HiddenDim).
	Gate, Up, Down Linear
}

// Weights are all parameters of a transformer.
type Weights struct {
	// Embedding is (Vocab × Dim).
	Embedding Matrix
	Layers    []Layer
	FinalNorm Norm
	// Head is (Vocab × Dim); unused when Config.TiedHead.
	Head Matrix
	// HeadBias is added to the logits, Vocab values, in the NeoX form (Phi); nil is none.
	HeadBias []float32

	// unpack lays out a layer of a Model that was taken apart; Layers are empty then.
	unpack func(i int) Layer
}

// Validate reports the first tensor that does not have the size cfg gives it,
// holds its values in no form or in two, or has a value that is not finite.
// Tensors are named by their fields, layers counted from 0: "Layers[2].Q".
func (w *Weights) Validate(cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	if w == nil {
		return fmt.Errorf("model: there are no weights")
	}
	if len(w.Layers) != cfg.Layers {
		return fmt.Errorf("model: Layers has %d layers, the config %d", len(w.Layers), cfg.Layers)
	}
	if err := w.Embedding.validate("Embedding", cfg.Vocab, cfg.Dim); err != nil {
		return err
	}
	// Those of a model were valid when it was made.
	for i := 0; i < len(w.Layers) && w.unpack == nil; i++ {
		if err := w.Layers[i].validate(cfg, fmt.Sprintf("Layers[%d].", i)); err != nil {
			return err
		}
	}
	if err := w.FinalNorm.validate("FinalNorm", cfg); err != nil {
		return err
	}
	if b := w.HeadBias; b != nil {
		if cfg.Architecture != NeoX {
			return fmt.Errorf("model: HeadBias is set, but only NeoX's head has one")
		}
		if err := validateVector("HeadBias", b, cfg.Vocab); err != nil {
			return err
		}
	}
	if cfg.TiedHead {
		return nil
	}
	return w.Head.validate("Head", cfg.Vocab, cfg.Dim)
}

func (l *Layer) validate(cfg Config, prefix string) error {
	if err := l.AttentionNorm.validate(prefix+"AttentionNorm", cfg); err != nil {
		return err
	}
	if err := l.MLPNorm.validate(prefix+"MLPNorm", cfg); err != nil {
		return err
	}
	for name, n := range map[string]*Norm{"QNorm": &l.QNorm, "KNorm": &l.KNorm} {
		want := 0
		if cfg.HeadNorm {
			want = cfg.Rotary.HeadDim
		}
		if err := validateVector(prefix+name+".Weight", n.Weight, want); err != nil {
			return err
		}
		if n.Bias != nil {
			return fmt.Errorf("model: %s%s.Bias is set, but RMSNorm has no bias", prefix, name)
		}
	}
	q, kv := cfg.queryDim(), cfg.kvDim()
	for _, t := range []struct {
		name       string
		linear     *Linear
		rows, cols int
	}{
		{"Q", &l.Q, q, cfg.Dim}, {"K", &l.K, kv, cfg.Dim}, {"V", &l.V, kv, cfg.Dim}, {"O", &l.O, cfg.Dim, q},
		{"Gate", &l.Gate, cfg.HiddenDim, cfg.Dim}, {"Up", &l.Up, cfg.HiddenDim, cfg.Dim}, {"Down", &l.Down, cfg.Dim, cfg.HiddenDim},
	} {
		if t.name == "Gate" && cfg.Architecture == NeoX {
			continue
		}
		if err := t.linear.validate(prefix+t.name, t.rows, t.cols); err != nil {
			return err
		}
		if t.linear.Bias == nil {
			continue
		}
		if err := validateVector(prefix+t.name+".Bias", t.linear.Bias, t.rows); err != nil {
			return err
		}
	}
	return nil
}

func (n *Norm) validate(name string, cfg Config) error {
	if err := validateVector(name+".Weight", n.Weight, cfg.Dim); err != nil {
		return err
	}
	if cfg.Architecture == LLaMA {
		if n.Bias != nil {
			return fmt.Errorf("model: %s.Bias is set, but RMSNorm has no bias", name)
		}
		return nil
	}
	if n.Bias == nil {
		return nil
	}
	return validateVector(name+".Bias", n.Bias, cfg.Dim)
}

func (m *Matrix) validate(name string, rows, cols int) error {
	if m.Rows != rows || m.Cols != cols {
		return fmt.Errorf("model: %s is %d×%d, the config wants %d×%d", name, m.Rows, m.Cols, rows, cols)
	}
	switch {
	case m.F32 != nil && m.I8 != nil:
		return fmt.Errorf("model: %s has both F32 and I8 values", name)
	case m.F32 != nil:
		return validateVector(name+".F32", m.F32, rows*cols)
	case m.I8 != nil:
		if len(m.I8) != rows*cols {
			return fmt.Errorf("model: %s.I8 has %d values, want %d", name, len(m.I8), rows*cols)
		}
		return validateVector(name+".Scale", m.Scale, rows)
	}
	return fmt.Errorf("model: %s is missing", name)
}

func validateVector(name string, v []float32, want int) error {
	if len(v) != want {
		return fmt.Errorf("model: %s has %d values, want %d", name, len(v), want)
	}
	for i, x := range v {
		if math.Float32bits(x)&0x7f800000 == 0x7f800000 {
			return fmt.Errorf("model: %s[%d] is %v, want a finite number", name, i, x)
		}
	}
	return nil
}

// Parameters counts the trainable values of a transformer of shape cfg.
func (w *Weights) Parameters(cfg Config) int {
	count := func(ls ...*Linear) (n int) {
		for _, l := range ls {
			n += l.Rows*l.Cols + len(l.Bias)
		}
		return n
	}
	total := w.Embedding.Rows*w.Embedding.Cols + len(w.HeadBias) + len(w.FinalNorm.Weight) + len(w.FinalNorm.Bias)
	for i := range w.Layers {
		l := &w.Layers[i]
		total += len(l.QNorm.Weight) + len(l.KNorm.Weight)
		total += len(l.AttentionNorm.Weight) + len(l.AttentionNorm.Bias) + len(l.MLPNorm.Weight) + len(l.MLPNorm.Bias)
		total += count(&l.Q, &l.K, &l.V, &l.O, &l.Up, &l.Down)
		if cfg.Architecture == LLaMA {
			total += count(&l.Gate)
		}
	}
	if !cfg.TiedHead {
		total += w.Head.Rows * w.Head.Cols
	}
	return total
}
