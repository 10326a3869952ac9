package train

import (
	"context"

	"clexlab/model"
)

// Computer makes the arithmetic of steps on weights and moments that it holds: forward, backward,
// clipping, AdamW, the running mean. What to read and how far to go it is told, so that a run is the
// same run wherever it is computed, up to rounding. Not for concurrent use.
type Computer interface {
	// Step makes one step. Where the gradient is not finite it leaves the weights as they were and
	// says so in the outcome.
	Step(ctx context.Context, b *Batch, u Update) (Outcome, error)
	// Store writes the weights and moments of the last step into v.
	Store(ctx context.Context, v *Vectors) error
}

// Vectors are what a step changes, each laid out as Layout says.
type Vectors struct {
	Weights []float32
	// First and Second are AdamW's moments, Mean is the running mean of Weights, nil without one.
	First, Second, Mean []float32
}

func newVectors(p *Parameters, mean bool) Vectors {
	v := Vectors{Weights: p.Flat, First: make([]float32, p.Total), Second: make([]float32, p.Total)}
	if mean {
		v.Mean = make([]float32, p.Total)
	}
	return v
}

// all lists the vectors that there are, in the order of a saved state.
func (v *Vectors) all() [][]float32 {
	out := [][]float32{v.Weights, v.First, v.Second}
	if v.Mean != nil {
		out = append(out, v.Mean)
	}
	return out
}

// Update is how far a step goes.
type Update struct {
	// Step counts from 1.
	Step              int
	Rate, WeightDecay float64
	// Clip is the largest norm of the gradient.
	Clip float64
	// MeanShare is how far the running mean moves to the weights, 0 to leave it; MeanBegins sets it to them.
	MeanShare  float64
	MeanBegins bool
}

// Outcome is what a step tells.
type Outcome struct {
	// Losses are the shards' weighted losses; AnswerLoss is the sum of the answers' own.
	Losses     []float64
	AnswerLoss float64
	// GradientNorm is the norm before clipping.
	GradientNorm float64
	// Frequency is, for each shard, dL/dθ_i of the inverse frequencies, HeadDim/2 of them.
	Frequency [][]float64
}

// Decays marks the ranges that weight decay applies to: matrices, not gains.
func (l *Layout) Decays() []Span {
	out := []Span{l.Embedding}
	for _, layer := range l.Layers {
		out = append(out, layer.QKV, layer.O, layer.GateUp, layer.Down)
	}
	if l.Head != l.Embedding {
		out = append(out, l.Head)
	}
	return out
}

// Fresh makes vectors of noise for a configuration, as a run begins with.
func Fresh(c model.Config, seed uint64) (*Vectors, *Layout, error) {
	p, err := NewParameters(c, seed)
	if err != nil {
		return nil, nil, err
	}
	v := newVectors(p, true)
	return &v, &p.Layout, nil
}
