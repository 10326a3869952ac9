package clex

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// ErrBlowUp is returned, wrapped with where it happened, when a field or its
// solution leaves the finite numbers, or changes so fast that no step is short enough.
var ErrBlowUp = errors.New("the solution blows up")

// ErrTooManySteps is returned, wrapped with how far it came, when a solve takes more steps than allowed.
var ErrTooManySteps = errors.New("too many steps")

// defaultMaxSteps bounds every solve: many times what CLEX needs.
const defaultMaxSteps = 100_000

// shortestStep, relative to t, is where an adaptive solve gives up: shorter steps would be mostly
// rounding, and could jump over the pole they are closing in on.
const shortestStep = 1e-13

// Stats is what a solve cost and how good it thinks it is.
type Stats struct {
	// Evals counts evaluations of the field.
	Evals int
	// Accepted and Rejected count steps.
	Accepted, Rejected int
	// Error estimates the largest error of a component at the end: the accepted
	// steps' estimates added up. 0 where the method has none: see [Richardson].
	Error float64
	// Steps are all attempted steps, in order. They belong to the solver until its next solve.
	Steps []StepRecord
}

// StepRecord is one attempted step in the statistics.
type StepRecord struct {
	// T is where it starts, H its signed size.
	T, H float64
	// Error is the estimate in units of the tolerance.
	Error float64
	// Accepted is false for a step that was tried again shorter.
	Accepted bool
}

// Solver joins a method and a step controller, and owns the space to run them: once made, a
// solve allocates nothing but the record of its steps, which it keeps for the next. One goroutine
// at a time.
type Solver struct {
	// MaxSteps bounds attempted steps; 100 000 when made.
	MaxSteps int

	tb         *Tableau
	controller Controller
	stepper    Stepper
	dim        int
	fsal       bool
	stages     [][]float64 // (s × dim) k_i
	z          []float64   // state
	next       []float64   // state one step on
	y          []float64   // state of a stage
	errs       []float64   // estimated error of a step
	end        []float64   // rate at the end of a step
	norm       []float64   // scratch of the first step
	records    []StepRecord
	step       Step
}

// NewSolver makes a solver for states of length dim. It returns an error that names what is wrong
// with the method, the controller, or their combination.
func NewSolver(dim int, tb *Tableau, controller Controller) (*Solver, error) {
	if dim < 1 || dim > 1<<26 {
		return nil, fmt.Errorf("clex: a state of %d components", dim)
	}
	if tb == nil || controller == nil {
		return nil, errors.New("clex: a solver wants a method and a step controller")
	}
	if err := tb.Validate(); err != nil {
		return nil, err
	}
	if err := controller.Validate(tb); err != nil {
		return nil, err
	}
	s := &Solver{MaxSteps: defaultMaxSteps, tb: tb, controller: controller, stepper: controller.Stepper(tb), dim: dim, fsal: tb.FSAL()}
	buf := make([]float64, (tb.Stages()+6)*dim)
	take := func() []float64 {
		v := buf[:dim:dim]
		buf = buf[dim:]
		return v
	}
	for range tb.Stages() {
		s.stages = append(s.stages, take())
	}
	s.z, s.next, s.y, s.errs, s.end, s.norm = take(), take(), take(), take(), take(), take()
	return s, nil
}

// Tableau is the solver's method.
func (s *Solver) Tableau() *Tableau { return s.tb }

// Solve integrates f from t0 to t1, in either direction, starting at z (length dim), and
// writes the state at t1 into z. watch, if not nil, sees every attempted step; an
// error it returns, or the end of ctx, stops the solve. On any error z keeps the
// start, and the statistics tell how far the solve came.
func (s *Solver) Solve(ctx context.Context, f Term, t0 float64, z []float64, t1 float64, watch func(*Step) error) (Stats, error) {
	stats, err := s.solve(ctx, f, &pass{t: t0, to: t1, stepper: s.stepper}, z, watch)
	if err == nil {
		copy(z, s.z)
	}
	return stats, err
}

// pass is where a solve is going and how its stepper stands, so that it can be taken up again.
type pass struct {
	t, to   float64
	stepper Stepper
	begun   bool
}

// solve leaves the state it reached in s.z and its position in p.
func (s *Solver) solve(ctx context.Context, f Term, p *pass, z []float64, watch func(*Step) error) (Stats, error) {
	s.records = s.records[:0]
	var stats Stats
	if err := s.check(f, p, z); err != nil {
		return stats, err
	}
	copy(s.z, z)
	if p.t == p.to {
		return stats, nil
	}
	sign := 1.0
	if p.to < p.t {
		sign = -1
	}
	f.Rate(s.stages[0], p.t, s.z)
	stats.Evals++
	if i := notFinite(s.stages[0]); i >= 0 {
		return stats, fmt.Errorf("clex: rate %d is %v at t = %v: %w", i, s.stages[0][i], p.t, ErrBlowUp)
	}
	var end float64
	if p.begun {
		end = p.stepper.Resume(p.t, sign)
	} else {
		end, p.begun = p.stepper.InitialStep(p.t, sign, s.start(f, p.t, sign, &stats)), true
	}
	done, origin := ctx.Done(), p.t
	for {
		select {
		case <-done:
			return s.stop(stats), fmt.Errorf("clex: solve stopped at t = %v: %w", p.t, ctx.Err())
		default:
		}
		if stats.Accepted+stats.Rejected >= s.MaxSteps {
			return s.stop(stats), fmt.Errorf("clex: %d steps from t = %v came to %v on the way to %v: %w", s.MaxSteps, origin, p.t, p.to, ErrTooManySteps)
		}
		to, last := end, false
		if sign*(p.to-to) <= remainder*math.Abs(to-p.t) {
			to, last = p.to, true
		}
		if to == p.t || !last && math.Abs(to-p.t) <= shortestStep*max(1, math.Abs(p.t)) {
			return s.stop(stats), fmt.Errorf("clex: no step from t = %v is short enough: %w", p.t, ErrBlowUp)
		}
		scaled, largest := s.attempt(f, p.t, to)
		stats.Evals += s.tb.Stages() - 1
		var keep bool
		keep, end = p.stepper.Adapt(p.t, to, scaled)
		if keep && notFinite(s.next) >= 0 {
			i := notFinite(s.next)
			return s.stop(stats), fmt.Errorf("clex: component %d is %v at t = %v: %w", i, s.next[i], to, ErrBlowUp)
		}
		s.records = append(s.records, StepRecord{p.t, to - p.t, scaled, keep})
		if keep {
			stats.Accepted++
			stats.Error += largest
			s.endRate(f, to, last, watch != nil, &stats)
		} else {
			stats.Rejected++
		}
		if watch != nil {
			s.step = Step{p.t, to, s.z, s.next, scaled, keep, stats.Evals, s.tb, s.stages, s.end}
			if err := watch(&s.step); err != nil {
				return s.stop(stats), fmt.Errorf("clex: solve stopped at t = %v: %w", p.t, err)
			}
		}
		if keep {
			s.z, s.next = s.next, s.z
			s.stages[0], s.end = s.end, s.stages[0]
			p.t = to
		}
		if last && keep {
			return s.stop(stats), nil
		}
	}
}

func (s *Solver) check(f Term, p *pass, z []float64) error {
	switch {
	case f == nil || f.Dim() != s.dim:
		return fmt.Errorf("clex: solver for %d components given a field of another size", s.dim)
	case len(z) != s.dim:
		return fmt.Errorf("clex: solver for %d components given a state of %d", s.dim, len(z))
	case math.IsNaN(p.t-p.to) || math.IsInf(p.t, 0) || math.IsInf(p.to, 0):
		return fmt.Errorf("clex: solve from t = %v to %v: want finite ends", p.t, p.to)
	}
	if i := notFinite(z); i >= 0 {
		return fmt.Errorf("clex: component %d of the start is %v", i, z[i])
	}
	return s.controller.CheckSpan(p.t, p.to, s.MaxSteps)
}

func (s *Solver) stop(stats Stats) Stats {
	stats.Steps = s.records
	return stats
}
