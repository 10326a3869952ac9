package clex

import (
	"fmt"
)

// Adjoint solves with fixed steps and differentiates what it computed, exactly: the
// discrete adjoint ("discretise, then optimise"). Of a loss that depends on z(t) it gives the gradient
// with respect to the field's parameters and to z(1), up to rounding, whatever the step.
//
// One training step is Forward, the loss and its gradient by z(t), Backward. Once made, it
// allocates nothing. One goroutine at a time.
type Adjoint struct {
	field   Parametric
	tb      *Tableau
	step    float64
	tMax    float64
	dim     int
	steps   int         // of the last Forward
	t       float64     // end of the last Forward
	forward bool        // whether there was one
	states  []float64   // (maxSteps × s × dim) stage states Y
	k       [][]float64 // (s × dim) rates, then their cotangents
	y       []float64
	z       []float64
	lambda  []float64
	pulled  [][]float64 // (s × dim) cotangents of the stage states
}

// NewAdjoint makes an adjoint of the method tb with steps of size step from t = 1, for t up to
// tMax. It takes space for every stage of every step: (tMax-1)/step · stages · d/2 numbers.
func NewAdjoint(f Parametric, tb *Tableau, step, tMax float64) (*Adjoint, error) {
	if f == nil || tb == nil {
		return nil, fmt.Errorf("clex: an adjoint wants a field and a method")
	}
	if err := tb.Validate(); err != nil {
		return nil, err
	}
	if err := (Fixed{Step: step}).Validate(tb); err != nil {
		return nil, err
	}
	if err := checkT(tMax); err != nil {
		return nil, err
	}
	s, dim := tb.Stages(), f.Dim()
	maxSteps := Fixed{Step: step}.steps(tMax-1) + 1
	if maxSteps*float64(s)*float64(dim) > 1<<25 {
		return nil, fmt.Errorf("clex: steps of %v up to t = %v would take more than 256 MB", step, tMax)
	}
	a := &Adjoint{field: f, tb: tb, step: step, tMax: tMax, dim: dim}
	a.states = make([]float64, int(maxSteps)*s*dim)
	buf := make([]float64, (2*s+3)*dim)
	take := func() []float64 {
		v := buf[:dim:dim]
		buf = buf[dim:]
		return v
	}
	for range s {
		a.k, a.pulled = append(a.k, take()), append(a.pulled, take())
	}
	a.y, a.z, a.lambda = take(), take(), take()
	return a, nil
}

// ends returns where step n of the last Forward begins and ends.
func (a *Adjoint) ends(n int) (from, to float64) {
	from, to = 1+float64(n)*a.step, 1+float64(n+1)*a.step
	if n == a.steps-1 {
		to = a.t
	}
	return from, to
}

func (a *Adjoint) stageTime(from, to float64, i int) float64 {
	if a.tb.C[i] == 1 {
		return to
	}
	return from + a.tb.C[i]*(to-from)
}

// Forward integrates z (length d/2) in place from 1 to t, 1 <= t <= tMax, and keeps what
// Backward needs. It takes the steps of a Solver with a Fixed controller.
func (a *Adjoint) Forward(z []float64, t float64) error {
	a.forward = false
	if err := checkT(t); err != nil {
		return err
	}
	if t > a.tMax {
		return fmt.Errorf("clex: length scaling factor t = %v is above the adjoint's largest, %v", t, a.tMax)
	}
	if len(z) != a.dim {
		return fmt.Errorf("clex: adjoint of %d components given a state of %d", a.dim, len(z))
	}
	if i := notFinite(z); i >= 0 {
		return fmt.Errorf("clex: component %d of the start is %v", i, z[i])
	}
	a.t, a.steps = t, int(Fixed{Step: a.step}.steps(t-1))
	copy(a.z, z)
	s := a.tb.Stages()
	for n := range a.steps {
		from, to := a.ends(n)
		h := to - from
		for i := range s {
			y := a.states[(n*s+i)*a.dim:][:a.dim]
			copy(y, a.z)
			addScaled(y, h, a.tb.A[i], a.k)
			a.field.Rate(a.k[i], a.stageTime(from, to, i), y)
		}
		addScaled(a.z, h, a.tb.B, a.k)
		if i := notFinite(a.z); i >= 0 {
			return fmt.Errorf("clex: component %d is %v at t = %v: %w", i, a.z[i], to, ErrBlowUp)
		}
	}
	copy(z, a.z)
	a.forward = true
	return nil
}

// Backward takes ∂loss/∂z(t) of the last Forward in cotangent (length d/2), adds ∂loss/∂parameters
// to grad (length Params; for a network see [Network.Split]) and writes ∂loss/∂z(1) into
// start (length d/2), unless it is nil. The field must not have changed since Forward. After
// an error grad is not to be used.
func (a *Adjoint) Backward(grad, start, cotangent []float64) error {
	switch {
	case !a.forward:
		return fmt.Errorf("clex: backward without a forward that succeeded")
	case len(grad) != a.field.Params():
		return fmt.Errorf("clex: gradient of %d parameters, field has %d", len(grad), a.field.Params())
	case len(cotangent) != a.dim || start != nil && len(start) != a.dim:
		return fmt.Errorf("clex: adjoint of %d components given cotangents of %d and %d", a.dim, len(cotangent), len(start))
	}
	if i := notFinite(cotangent); i >= 0 {
		return fmt.Errorf("clex: component %d of the loss's gradient by z(t) is %v", i, cotangent[i])
	}
	copy(a.lambda, cotangent)
	s := a.tb.Stages()
	for n := a.steps - 1; n >= 0; n-- {
		from, to := a.ends(n)
		h := to - from
		for i := s - 1; i >= 0; i-- {
			// The rate k_i reached the loss through the step's end and through later stages.
			w := a.y
			for m, l := range a.lambda {
				w[m] = h * a.tb.B[i] * l
			}
			for j := i + 1; j < s; j++ {
				if i >= len(a.tb.A[j]) || a.tb.A[j][i] == 0 {
					continue
				}
				c := h * a.tb.A[j][i]
				for m, v := range a.pulled[j] {
					w[m] += c * v
				}
			}
			y := a.states[(n*s+i)*a.dim:][:a.dim]
			a.field.AccumulateVJP(a.pulled[i], grad, 1, a.stageTime(from, to, i), y, w)
		}
		for _, p := range a.pulled {
			for m, v := range p {
				a.lambda[m] += v
			}
		}
	}
	if notFinite(a.lambda) >= 0 || notFinite(grad) >= 0 {
		return fmt.Errorf("clex: gradient of z(t) at t = %v: %w", a.t, ErrBlowUp)
	}
	if start != nil {
		copy(start, a.lambda)
	}
	return nil
}

// addScaled adds h·Σ_j w_j·k_j to y.
func addScaled(y []float64, h float64, w []float64, k [][]float64) {
	for j, c := range w {
		if c == 0 {
			continue
		}
		c *= h
		r := k[j][:len(y)]
		for i := range y {
			y[i] += c * r[i]
		}
	}
}
