package checkpoint

import (
	"clexlab/clex"
	"clexlab/model"
)

// halfSplit is the checkpoint with the components that turn together half a head apart, as Hugging Face has them: rows of
// queries and keys that stand pair by pair, as those of llama.cpp's LLaMA, change places. Other weights are shared.
func (c *Checkpoint) halfSplit() *Checkpoint {
	if c.Config.Rotary.Pairing == clex.HalfSplit {
		return c
	}
	out, weights := *c, *c.Weights
	out.Weights, out.Config.Rotary.Pairing = &weights, clex.HalfSplit
	weights.Layers = append([]model.Layer(nil), c.Weights.Layers...)
	heads, turned := c.Config.Rotary.HeadDim, c.Config.Rotary.Dims
	// from is the row, pair by pair, that comes to stand at a row.
	from := func(row int) int {
		at := row % heads
		if at >= turned {
			return row
		}
		return row - at + at%(turned/2)*2 + at/(turned/2)
	}
	for i := range weights.Layers {
		l := &weights.Layers[i]
		l.Q, l.K = reordered(l.Q, from), reordered(l.K, from)
		l.QNorm.Weight, l.KNorm.Weight = permuted(l.QNorm.Weight, 1, from), permuted(l.KNorm.Weight, 1, from)
	}
	return &out
}

// reordered is a map whose row i is row from(i) of l.
func reordered(l model.Linear, from func(row int) int) model.Linear {
	l.F32, l.I8 = permuted(l.F32, l.Cols, from), permuted(l.I8, l.Cols, from)
	l.Scale, l.Bias = permuted(l.Scale, 1, from), permuted(l.Bias, 1, from)
	return l
}

// permuted is a matrix of cols columns whose row i is row from(i) of values; nil stays nil.
func permuted[T any](values []T, cols int, from func(row int) int) []T {
	if values == nil {
		return nil
	}
	out := make([]T, 0, len(values))
	for i := range len(values) / cols {
		out = append(out, values[from(i)*cols:][:cols]...)
	}
	return out
}
