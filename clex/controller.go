package clex

import (
	"fmt"
	"math"
)

// Controller says how long steps are to be. It is data; a solve has its [Stepper]. The
// two are cut as diffrax cuts them (Kidger 2021, arXiv 2202.02435, chapter 5):
// the solver asks where the next step ends and never how that was decided.
type Controller interface {
	// Validate returns an error when the controller is malformed or needs what the method lacks.
	Validate(tb *Tableau) error
	// Tolerance returns the error allowed per component, atol + rtol·|z|; both 0
	// if the controller does not look at errors.
	Tolerance() (rtol, atol float64)
	// CheckSpan refuses a solve that would certainly take more than limit steps.
	CheckSpan(from, to float64, limit int) error
	// Stepper makes the state of a solve by the method tb.
	Stepper(tb *Tableau) Stepper
}

// Stepper is a controller in the middle of a solve, with all that it has learnt on the
// way. The ends it returns may lie past that of the solve: cutting a step short is the solver's part.
type Stepper interface {
	// InitialStep begins a solve at t that goes in a direction (1 or -1) and returns where its first step ends.
	InitialStep(t, direction float64, start Start) (end float64)
	// Resume goes on at t, where an earlier solve ended, and returns where the next step ends.
	Resume(t, direction float64) (end float64)
	// Adapt judges the step from t to end whose estimated error is scaled, in units of the
	// tolerance. It returns whether the step is kept, and where the next one ends,
	// which begins at end if it is kept and at t if it is not.
	Adapt(t, end, scaled float64) (keep bool, next float64)
}

// Start is what a stepper knows before the first step.
type Start struct {
	// State and Rate are the norms of z and dz/dt in units of the tolerance.
	State, Rate float64
	// SecondDerivative returns the norm of d²z/dt² in these units, from one
	// more evaluation a trial step ahead.
	SecondDerivative func(trial float64) float64
}

// Fixed takes steps of one size from the start; the last one is cut short at the end,
// as torchdiffeq does.
type Fixed struct {
	// Step is h > 0.
	Step float64
}

// Validate implements Controller.
func (c Fixed) Validate(*Tableau) error {
	if !(c.Step > 0) || math.IsInf(c.Step, 0) {
		return fmt.Errorf("clex: step %v: want a finite number above 0", c.Step)
	}
	return nil
}

// Tolerance implements Controller.
func (c Fixed) Tolerance() (rtol, atol float64) { return 0, 0 }

// remainder is the part of a step that counts as none: what is left of a span by rounding.
const remainder = 1e-9

// steps is how many steps cross a span.
func (c Fixed) steps(span float64) float64 { return math.Ceil(span/c.Step - remainder) }

// CheckSpan implements Controller.
func (c Fixed) CheckSpan(from, to float64, limit int) error {
	if c.steps(math.Abs(to-from)) > float64(limit) {
		return fmt.Errorf("clex: steps of %v from t = %v to %v are more than %d: %w", c.Step, from, to, limit, ErrTooManySteps)
	}
	return nil
}

// Stepper implements Controller.
func (c Fixed) Stepper(*Tableau) Stepper { return &fixedStepper{size: c.Step} }

// fixedStepper goes by multiples of the step from the start: rounding does not add up over thousands of steps.
type fixedStepper struct {
	size, origin, step float64
	taken              int
}

func (s *fixedStepper) InitialStep(t, direction float64, _ Start) float64 {
	return s.Resume(t, direction)
}

func (s *fixedStepper) Resume(t, direction float64) float64 {
	s.origin, s.step, s.taken = t, direction*s.size, 0
	return s.origin + s.step
}

func (s *fixedStepper) Adapt(_, _, _ float64) (bool, float64) {
	s.taken++
	return true, s.origin + s.step*float64(s.taken+1)
}

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

// The bounds of a step's change are those of DOPRI5 (Hairer, Nørsett, Wanner, Solving ODEs I, section II.4
// and appendix): FAC1, FAC2 and SAFE, and the floor under the last error, so that one step far
// better than asked for does not shorten the next.
const (
	stepSafety    = 0.9
	stepShrink    = 0.2
	stepGrow      = 10
	leastPrevious = 1e-4
	// stepRetreat shortens a step that left the numbers, of which no error can be told.
	stepRetreat = 0.1
)

// Validate implements Controller.
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

// Tolerance implements Controller.
func (c Adaptive) Tolerance() (rtol, atol float64) { return c.RTol, c.ATol }

// CheckSpan implements Controller: how many steps it takes shows only on the way.
func (c Adaptive) CheckSpan(_, _ float64, _ int) error { return nil }

// Stepper implements Controller.
func (c Adaptive) Stepper(tb *Tableau) Stepper {
	return &adaptiveStepper{Adaptive: c, order: float64(tb.Embedded + 1)}
}

type adaptiveStepper struct {
	Adaptive
	order     float64 // k
	direction float64
	size      float64 // of the next step, before it is cut short
	previous  float64 // error of the last step kept
}

// InitialStep implements Stepper (Hairer, Nørsett, Wanner, Solving ODEs I, section II.4, "Starting step
// size", which has all these numbers).
func (s *adaptiveStepper) InitialStep(t, direction float64, start Start) float64 {
	trial := 1e-6
	if start.State > 1e-5 && start.Rate > 1e-5 {
		trial = 0.01 * start.State / start.Rate
	}
	trial = s.bound(trial)
	steepest := max(start.Rate, start.SecondDerivative(trial))
	h := max(1e-6, trial*1e-3)
	if steepest > 1e-15 {
		h = math.Pow(0.01/steepest, 1/s.order)
	}
	s.size, s.previous = s.bound(min(100*trial, h)), 1
	return s.Resume(t, direction)
}

// Resume implements Stepper.
func (s *adaptiveStepper) Resume(t, direction float64) float64 {
	s.direction = direction
	return t + direction*s.size
}

func (s *adaptiveStepper) bound(h float64) float64 {
	if s.MaxStep > 0 {
		return min(h, s.MaxStep)
	}
	return h
}

// Adapt implements Stepper.
func (s *adaptiveStepper) Adapt(t, end, scaled float64) (bool, float64) {
	h := math.Abs(end - t)
	switch {
	case math.IsNaN(scaled) || math.IsInf(scaled, 0):
		s.size = stepRetreat * h
		return false, t + s.direction*s.size
	case scaled > 1:
		s.size = h * max(stepShrink, stepSafety*math.Pow(scaled, -1/s.order))
		return false, t + s.direction*s.size
	}
	factor := float64(stepGrow)
	if scaled > 0 {
		factor = stepSafety * math.Pow(scaled, -0.7/s.order) * math.Pow(s.previous, 0.4/s.order)
	}
	next := s.bound(h * min(stepGrow, max(stepShrink, factor)))
	if cut := h < s.size*(1-remainder); cut {
		// A step that was cut short says nothing against the size that it should have had.
		next = max(next, s.size)
	}
	s.size, s.previous = next, max(scaled, leastPrevious)
	return true, end + s.direction*s.size
}
