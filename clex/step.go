package clex

// Step is one attempted step of a solve, as a watcher sees it. Its slices belong to the
// solver: copy what is to outlive the call.
type Step struct {
	// From and To are the ends in t; To < From when a solve goes backwards.
	From, To float64
	// Z0 and Z1 are the states at both ends. Z1 of a rejected step was thrown away.
	Z0, Z1 []float64
	// Error is the estimated error in units of the tolerance (1 is allowed); 0 without an estimate.
	Error float64
	// Accepted is false for a step that is tried again shorter.
	Accepted bool
	// Evals counts the evaluations of the field so far.
	Evals int

	tb     *Tableau
	stages [][]float64 // s × dim
	end    []float64   // the rate at To, when accepted
}

// powers is how many coefficients per component describe a step: of σ⁰ … σ⁴.
const powers = 5

// coefficients writes the interpolating polynomial of an accepted step into dst,
// (powers × dim): z(From + σ·(To-From)) = Σ_p dst[p]·σ^p.
func (s *Step) coefficients(dst []float64) {
	dim, h := len(s.Z0), s.To-s.From
	c0, c1, c2, c3, c4 := dst[:dim], dst[dim:][:dim], dst[2*dim:][:dim], dst[3*dim:][:dim], dst[4*dim:][:dim]
	copy(c0, s.Z0)
	if s.tb.Dense == nil {
		// Cubic Hermite: values and rates at both ends.
		for i, f0 := range s.stages[0] {
			mean := s.Z1[i] - s.Z0[i]
			r0, r1 := h*f0, h*s.end[i]
			c1[i], c2[i], c3[i], c4[i] = r0, 3*mean-2*r0-r1, r0+r1-2*mean, 0
		}
		return
	}
	clear(dst[dim : powers*dim])
	for j, k := range s.stages {
		w := s.tb.Dense[j]
		for i, v := range k {
			v *= h
			c1[i] += w[0] * v
			c2[i] += w[1] * v
			c3[i] += w[2] * v
			c4[i] += w[3] * v
		}
	}
}

// evaluate writes Σ_p c[p]·σ^p into dst by Horner's rule.
func evaluate(dst, c []float64, sigma float64) {
	dim := len(dst)
	c0, c1, c2, c3, c4 := c[:dim], c[dim:][:dim], c[2*dim:][:dim], c[3*dim:][:dim], c[4*dim:][:dim]
	for i := range dst {
		dst[i] = (((c4[i]*sigma+c3[i])*sigma+c2[i])*sigma+c1[i])*sigma + c0[i]
	}
}
