package kernel

import "math"

// AdamWStep holds one step's constants of AdamW (arXiv 1711.05101, algorithm 2).
type AdamWStep struct {
	LR, Beta1, Beta2, Eps float32
	// Decay is the weight decay, multiplied by LR. 0 for gains and biases.
	Decay float32
	// Step counts from 1.
	Step int
	// GradScale multiplies the gradient first: clipping and averaging in one.
	GradScale float32
}

// AdamW updates the parameters w and the moments m and v from the gradient g,
// all of len(w).
func AdamW(s AdamWStep, w, m, v, g []float32) {
	n := len(w)
	m, v, g = m[:n], v[:n], g[:n]
	if vectorised {
		adamwVec(s, w, m, v, g)
		return
	}
	AdamWScalar(s, w, m, v, g)
}

// corrections are the bias corrections 1/(1-β^step) of the moments: the first
// folded into the learning rate, the second as a square root.
func (s AdamWStep) corrections() (rate, root float32) {
	rate = float32(float64(s.LR) / (1 - math.Pow(float64(s.Beta1), float64(s.Step))))
	root = float32(1 / math.Sqrt(1-math.Pow(float64(s.Beta2), float64(s.Step))))
	return
}

// AdamWScalar is the reference of AdamW.
func AdamWScalar(s AdamWStep, w, m, v, g []float32) {
	rate, root := s.corrections()
	keep := 1 - s.LR*s.Decay
	for i := range w {
		d := g[i] * s.GradScale
		m[i] = s.Beta1*m[i] + (1-s.Beta1)*d
		v[i] = s.Beta2*v[i] + (1-s.Beta2)*d*d
		w[i] = w[i]*keep - rate*m[i]/(float32(math.Sqrt(float64(v[i])))*root+s.Eps)
	}
}
