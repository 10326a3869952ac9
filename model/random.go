package model

import (
	"math"
	"math/rand/v2"
)

// randomStream tells the numbers of random weights from others of the same seed; "rand" in ASCII.
const randomStream = 0x7261_6e64

// RandomWeights draws weights for a shape, for tests and for measurements that need a
// transformer and not what it has learnt: matrices of variance spread²/columns, norms near 1. At a
// spread of 1 to 2 attention is neither flat nor a spike. bias gives every linear map one; in the GPT-NeoX
// form they have them anyway. The same arguments give the same weights on every machine.
func RandomWeights(c Config, seed uint64, spread float64, bias bool) *Weights {
	r := rand.New(rand.NewPCG(seed, randomStream))
	vector := func(n int, mean, size float64) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(mean + size*r.NormFloat64())
		}
		return v
	}
	matrix := func(rows, cols int) Matrix {
		return Matrix{Rows: rows, Cols: cols, F32: vector(rows*cols, 0, spread/math.Sqrt(float64(cols)))}
	}
	neox := c.Architecture == NeoX
	linear := func(rows, cols int) Linear {
		l := Linear{Matrix: matrix(rows, cols)}
		if bias || neox {
			l.Bias = vector(rows, 0, 0.3)
		}
		return l
	}
	norm := func() Norm {
		n := Norm{Weight: vector(c.Dim, 1, 0.2)}
		if neox {
			n.Bias = vector(c.Dim, 0, 0.2)
		}
		return n
	}
	q, kv := c.queryDim(), c.kvDim()
	w := &Weights{Embedding: matrix(c.Vocab, c.Dim), FinalNorm: norm()}
	for range c.Layers {
		l := Layer{
			AttentionNorm: norm(), MLPNorm: norm(),
			Q: linear(q, c.Dim), K: linear(kv, c.Dim), V: linear(kv, c.Dim), O: linear(c.Dim, q),
			Up: linear(c.HiddenDim, c.Dim), Down: linear(c.Dim, c.HiddenDim),
		}
		if c.HeadNorm {
			l.QNorm.Weight, l.KNorm.Weight = vector(c.Rotary.HeadDim, 1, 0.2), vector(c.Rotary.HeadDim, 1, 0.2)
		}
		if !neox {
			l.Gate = linear(c.HiddenDim, c.Dim)
		}
		w.Layers = append(w.Layers, l)
	}
	if !c.TiedHead {
		w.Head = matrix(c.Vocab, c.Dim)
	}
	return w
}
