package train

import (
	"fmt"
	"math"
	"math/rand/v2"

	"clexlab/model"
)

// Parameters holds every weight of a LLaMA-form transformer in one slice, so that
// the optimizer, the gradient sum and a saved state see a plain vector.
type Parameters struct {
	Config model.Config
	// Flat is laid out as Layout says; it doubles as the layout of a gradient.
	Flat []float32
	Layout
}

// Span is a half-open range of Flat.
type Span struct{ From, To int }

func (s Span) of(flat []float32) []float32 { return flat[s.From:s.To:s.To] }

// LayerLayout is where a layer's weights lie.
type LayerLayout struct {
	AttentionNorm Span // Dim
	QKV           Span // (Heads+2·KVHeads)·HeadDim × Dim: rows of Q, then K, then V
	O             Span // Dim × Heads·HeadDim
	MLPNorm       Span // Dim
	GateUp        Span // 2·HiddenDim × Dim: rows of gate, then up
	Down          Span // Dim × HiddenDim
}

// Layout is where each matrix lies in Flat, row by row.
type Layout struct {
	Embedding Span // Vocab × Dim
	Layers    []LayerLayout
	FinalNorm Span // Dim
	Head      Span // Vocab × Dim; the embedding when tied
	Total     int
}

// NewLayout is how Parameters lays out weights of a configuration.
func NewLayout(c model.Config) Layout {
	var s Layout
	take := func(n int) Span {
		r := Span{s.Total, s.Total + n}
		s.Total += n
		return r
	}
	d := c.Rotary.HeadDim
	s.Embedding = take(c.Vocab * c.Dim)
	for range c.Layers {
		s.Layers = append(s.Layers, LayerLayout{
			AttentionNorm: take(c.Dim),
			QKV:           take((c.Heads + 2*c.KVHeads) * d * c.Dim),
			O:             take(c.Dim * c.Heads * d),
			MLPNorm:       take(c.Dim),
			GateUp:        take(2 * c.HiddenDim * c.Dim),
			Down:          take(c.Dim * c.HiddenDim),
		})
	}
	s.FinalNorm = take(c.Dim)
	s.Head = s.Embedding
	if !c.TiedHead {
		s.Head = take(c.Vocab * c.Dim)
	}
	return s
}

// NewParameters draws initial weights: normal, with deviation 0.02 in embedding and head, 1/√Dim in the maps from the
// residual stream and 0.04/√(2·Layers) in those to it (after Radford et al. 2019); gains 1.
func NewParameters(c model.Config, seed uint64) (*Parameters, error) {
	if err := trainable(c); err != nil {
		return nil, err
	}
	p := &Parameters{Config: c, Layout: NewLayout(c)}
	p.Flat = make([]float32, p.Total)
	rng := rand.New(rand.NewPCG(seed, 0x696e_6974))
	normal := func(s Span, deviation float64) {
		for i := s.From; i < s.To; i++ {
			p.Flat[i] = float32(rng.NormFloat64() * deviation)
		}
	}
	ones := func(s Span) {
		for i := s.From; i < s.To; i++ {
			p.Flat[i] = 1
		}
	}
	const deviation = 0.02
	out := deviation / math.Sqrt(float64(2*c.Layers))
	normal(p.Embedding, deviation)
	for _, l := range p.Layers {
		ones(l.AttentionNorm)
		ones(l.MLPNorm)
		// Narrow models learn faster from a variance that keeps activations of size one.
		normal(l.QKV, 1/math.Sqrt(float64(c.Dim)))
		normal(l.GateUp, 1/math.Sqrt(float64(c.Dim)))
		normal(l.O, out*2)
		normal(l.Down, out*2)
	}
	ones(p.FinalNorm)
	if !c.TiedHead {
		normal(p.Head, deviation)
	}
	return p, nil
}

// Merged is the average of p and start, in which start has the given share (LongRecipe's
// last stage, arXiv 2409.00509: what was tuned keeps more of what it could before).
func (p *Parameters) Merged(start *Parameters, share float64) (*Parameters, error) {
	if start.Config != p.Config {
		return nil, fmt.Errorf("train: weights of %+v cannot be merged into %+v", start.Config, p.Config)
	}
	out := &Parameters{Config: p.Config, Layout: p.Layout, Flat: make([]float32, len(p.Flat))}
	for i, v := range p.Flat {
		out.Flat[i] = float32((1-share)*float64(v) + share*float64(start.Flat[i]))
	}
	return out, nil
}

// trainable reports why a configuration cannot be trained here.
func trainable(c model.Config) error {
	d := c.Rotary.HeadDim
	switch {
	case c.Architecture != model.LLaMA:
		return fmt.Errorf("train: form %v: only the LLaMA form has gradients", c.Architecture)
	case c.Vocab < 2 || c.Dim < 1 || c.HiddenDim < 1 || c.Layers < 1 || c.Heads < 1 || c.KVHeads < 1:
		return fmt.Errorf("train: sizes must be positive: %+v", c)
	case c.Heads%c.KVHeads != 0:
		return fmt.Errorf("train: KVHeads %d does not divide Heads %d", c.KVHeads, c.Heads)
	case d < 2 || d%2 != 0 || c.Rotary.Dims != d:
		return fmt.Errorf("train: Rotary.Dims %d must equal an even HeadDim %d", c.Rotary.Dims, d)
	case !(c.NormEps > 0):
		return fmt.Errorf("train: NormEps %v must be positive", c.NormEps)
	}
	return nil
}

// Weights are views into Flat in the form the model package takes.
func (p *Parameters) Weights() *model.Weights {
	c := p.Config
	d := c.Rotary.HeadDim
	matrix := func(rows, cols, from int) model.Matrix {
		return model.Matrix{Rows: rows, Cols: cols, F32: p.Flat[from : from+rows*cols : from+rows*cols]}
	}
	w := &model.Weights{
		Embedding: matrix(c.Vocab, c.Dim, p.Embedding.From),
		FinalNorm: model.Norm{Weight: p.FinalNorm.of(p.Flat)},
	}
	for _, l := range p.Layers {
		q, kv := c.Heads*d, c.KVHeads*d
		var m model.Layer
		m.AttentionNorm.Weight = l.AttentionNorm.of(p.Flat)
		m.MLPNorm.Weight = l.MLPNorm.of(p.Flat)
		m.Q.Matrix = matrix(q, c.Dim, l.QKV.From)
		m.K.Matrix = matrix(kv, c.Dim, l.QKV.From+q*c.Dim)
		m.V.Matrix = matrix(kv, c.Dim, l.QKV.From+(q+kv)*c.Dim)
		m.O.Matrix = matrix(c.Dim, q, l.O.From)
		m.Gate.Matrix = matrix(c.HiddenDim, c.Dim, l.GateUp.From)
		m.Up.Matrix = matrix(c.HiddenDim, c.Dim, l.GateUp.From+c.HiddenDim*c.Dim)
		m.Down.Matrix = matrix(c.Dim, c.HiddenDim, l.Down.From)
		w.Layers = append(w.Layers, m)
	}
	if !c.TiedHead {
		w.Head = matrix(c.Vocab, c.Dim, p.Head.From)
	}
	return w
}

// Import copies w into Flat, int8 matrices as the numbers they stand for. Its
// shapes must be those of the configuration.
func (p *Parameters) Import(w *model.Weights) error {
	if len(w.Layers) != p.Config.Layers {
		return fmt.Errorf("train: %d layers, want %d", len(w.Layers), p.Config.Layers)
	}
	own := p.Weights()
	var err error
	put := func(name string, dst, src []float32) {
		if err == nil && len(dst) != len(src) {
			err = fmt.Errorf("train: %s has %d float32 values, want %d", name, len(src), len(dst))
		}
		copy(dst, src)
	}
	matrix := func(name string, dst []float32, m *model.Matrix) {
		if m.I8 == nil {
			put(name, dst, m.F32)
			return
		}
		values := make([]float32, len(m.I8))
		for i, q := range m.I8 {
			values[i] = float32(q) * m.Scale[i/m.Cols]
		}
		put(name, dst, values)
	}
	matrix("embedding", own.Embedding.F32, &w.Embedding)
	put("final norm", own.FinalNorm.Weight, w.FinalNorm.Weight)
	for i := range own.Layers {
		a, b := &own.Layers[i], &w.Layers[i]
		at := func(s string) string { return fmt.Sprintf("layer %d %s", i, s) }
		put(at("attention norm"), a.AttentionNorm.Weight, b.AttentionNorm.Weight)
		put(at("mlp norm"), a.MLPNorm.Weight, b.MLPNorm.Weight)
		matrix(at("q"), a.Q.F32, &b.Q.Matrix)
		matrix(at("k"), a.K.F32, &b.K.Matrix)
		matrix(at("v"), a.V.F32, &b.V.Matrix)
		matrix(at("o"), a.O.F32, &b.O.Matrix)
		matrix(at("gate"), a.Gate.F32, &b.Gate.Matrix)
		matrix(at("up"), a.Up.F32, &b.Up.Matrix)
		matrix(at("down"), a.Down.F32, &b.Down.Matrix)
	}
	if !p.Config.TiedHead {
		matrix("head", own.Head.F32, &w.Head)
	}
	return err
}
