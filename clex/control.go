package clex

import (
	"fmt"
	"math"
)

// Control decides how long steps are. Sizes are positive whichever way a solve goes.
type Control interface {
	// Validate returns an error when the control is malformed or needs what the method lacks.
	Validate(tb *Tableau) error
	// Tolerance returns the error allowed per component, atol + rtol·|z|; both 0
	// if the control does not look at errors.
	Tolerance() (rtol, atol float64)
	// First proposes the size of the first step from the states's and the rate's norms
	// in units of the tolerance, and from how much the rate changes over a trial step.
	First(tb *Tableau, start Start) float64
	// Judge decides about a step of size h whose estimated error is err in units
	// of the tolerance; previous is that of the last accepted step, 1 at first.
	// It returns the size to go on with, or to try again with.
	Judge(tb *Tableau, h, err, previous float64) (accept bool, next float64)
}

// Start is what a control knows before the first step.
type Start struct {
	// State and Rate are the norms of z and dz/dt in units of the tolerance.
	State, Rate float64
	// Curvature returns the norm of d²z/dt² in these units, from one
	// more evaluation a trial step ahead.
	Curvature func(trial float64) float64
}

// Fixed takes steps of one size from the start; the last one is cut short at the end,
// as torchdiffeq does.
type Fixed struct {
	// Step is h > 0.
	Step float64
	// Estimate asks for Stats.Error by solving once more with doubled steps
	// (Richardson extrapolation), at half as many evaluations again.
	Estimate bool
}

// Validate implements Control.
func (c Fixed) Validate(*Tableau) error {
	if !(c.Step > 0) || math.IsInf(c.Step, 0) {
		return fmt.Errorf("clex: step %v: want a finite number above 0", c.Step)
	}
	return nil
}

// Tolerance implements Control.
func (c Fixed) Tolerance() (rtol, atol float64) { return 0, 0 }

// First implements Control.
func (c Fixed) First(*Tableau, Start) float64 { return c.Step }

// Judge implements Control.
func (c Fixed) Judge(_ *Tableau, _, _, _ float64) (bool, float64) { return true, c.Step }

// Adaptive keeps the estimated error of each step under a tolerance with a PI step-size
// controller (Gustafsson 1991; Hairer, Wanner, Solving ODEs II, section IV.2):
// h ← h·safety·err^(-0.7/k)·previous^(0.4/k), k = embedded order + 1.
type Adaptive struct {
	// RTol and ATol bound the error of component i by ATol + RTol·|z_i|; both >= 0,
	// RTol at least 1e-14, one of them above 0. A state log θ has components at 0: give ATol.
	RTol, ATol float64
	// MaxStep bounds the step; 0 does not.
	MaxStep float64
}

const (
	stepSafety = 0.9
	stepShrink = 0.2
	stepGrow   = 10
)

// Validate implements Control.
func (c Adaptive) Validate(tb *Tableau) error {
	switch {
	case tb.Embedded == 0:
		return fmt.Errorf("clex: solver %q has no error estimate: adaptive steps want one, as dopri5 and bosh3 have", tb.Name)
	case !(c.RTol >= 1e-14) || math.IsInf(c.RTol, 0):
		return fmt.Errorf("clex: relative tolerance %v: want a finite number, at least 1e-14", c.RTol)
	case !(c.ATol > 0) || math.IsInf(c.ATol, 0):
		return fmt.Errorf("clex: absolute tolerance %v: want a finite number above 0", c.ATol)
	case !(c.MaxStep >= 0) || math.IsInf(c.MaxStep, 0):
		return fmt.Errorf("clex: largest step %v: want a finite number above 0, or 0 for none", c.MaxStep)
	}
	return nil
}

// Tolerance implements Control.
func (c Adaptive) Tolerance() (rtol, atol float64) { return c.RTol, c.ATol }

// First implements Control (Hairer, Nørsett, Wanner, Solving ODEs I, section II.4).
func (c Adaptive) First(tb *Tableau, s Start) float64 {
	trial := 1e-6
	if s.State > 1e-5 && s.Rate > 1e-5 {
		trial = 0.01 * s.State / s.Rate
	}
	trial = c.bound(trial)
	steepest := max(s.Rate, s.Curvature(trial))
	h := max(1e-6, trial*1e-3)
	if steepest > 1e-15 {
		h = math.Pow(0.01/steepest, 1/float64(tb.Embedded+1))
	}
	return c.bound(min(100*trial, h))
}

func (c Adaptive) bound(h float64) float64 {
	if c.MaxStep > 0 {
		return min(h, c.MaxStep)
	}
	return h
}

// Judge implements Control.
func (c Adaptive) Judge(tb *Tableau, h, err, previous float64) (bool, float64) {
	if math.IsNaN(err) || math.IsInf(err, 0) {
		return false, 0.1 * h
	}
	k := float64(tb.Embedded + 1)
	if err > 1 {
		return false, h * max(stepShrink, stepSafety*math.Pow(err, -1/k))
	}
	if err == 0 {
		return true, c.bound(h * stepGrow)
	}
	factor := stepSafety * math.Pow(err, -0.7/k) * math.Pow(previous, 0.4/k)
	return true, c.bound(h * min(stepGrow, max(stepShrink, factor)))
}
