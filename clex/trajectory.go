package clex

import (
	"context"
	"fmt"
	"math"
	"sort"
)

// Trajectory is a solution z(t) that is integrated once and read at any t of its range by the
// solver's dense output: a search among the steps, then O(d). It grows in both
// directions without starting over. Reading is safe from many goroutines while none extends it.
type Trajectory struct {
	// MaxSteps bounds the attempted steps of one extension; 100 000 when made.
	MaxSteps int

	solver *Solver
	field  Term
	start  float64
	arms   [2]arm // forwards, backwards
	stats  Stats
}

// arm is the part of a trajectory on one side of its start.
type arm struct {
	pass  pass
	z     []float64 // state at pass.t
	ends  []float64 // where each step ends
	coefs []float64 // (steps × powers × dim)
}

// NewTrajectory makes a trajectory through z0 at t0 that covers no more than t0 yet.
func NewTrajectory(f Term, tb *Tableau, controller Controller, t0 float64, z0 []float64) (*Trajectory, error) {
	if f == nil {
		return nil, fmt.Errorf("clex: a trajectory wants a field")
	}
	s, err := NewSolver(f.Dim(), tb, controller)
	if err != nil {
		return nil, err
	}
	if err := s.check(f, &pass{t: t0, to: t0}, z0); err != nil {
		return nil, err
	}
	tr := &Trajectory{MaxSteps: s.MaxSteps, solver: s, field: f, start: t0}
	for i := range tr.arms {
		tr.arms[i] = arm{pass: pass{t: t0, stepper: controller.Stepper(tb)}, z: append([]float64(nil), z0...)}
	}
	return tr, nil
}

// Range is the closed range of t the trajectory covers.
func (tr *Trajectory) Range() (low, high float64) { return tr.arms[1].pass.t, tr.arms[0].pass.t }

// Stats adds up what all extensions cost. Its Steps are the trajectory's own.
func (tr *Trajectory) Stats() Stats { return tr.stats }

// Knots returns where accepted steps begin and end, in rising order of t.
func (tr *Trajectory) Knots() []float64 {
	var t []float64
	for i := len(tr.arms[1].ends) - 1; i >= 0; i-- {
		t = append(t, tr.arms[1].ends[i])
	}
	return append(append(t, tr.start), tr.arms[0].ends...)
}

// Extend integrates on until the range holds t; inside the range it does nothing. When it fails or
// ctx ends, the trajectory keeps the steps accepted so far, and a later call goes
// on from there.
func (tr *Trajectory) Extend(ctx context.Context, t float64) error {
	return tr.Watch(ctx, t, nil)
}

// Watch is Extend with a watcher of every attempted step.
func (tr *Trajectory) Watch(ctx context.Context, t float64, watch func(*Step) error) error {
	if math.IsNaN(t) || math.IsInf(t, 0) {
		return fmt.Errorf("clex: trajectory to t = %v: want a finite number", t)
	}
	low, high := tr.Range()
	a := &tr.arms[0]
	switch {
	case t >= low && t <= high:
		return nil
	case t < low:
		a = &tr.arms[1]
	}
	a.pass.to = t
	tr.solver.MaxSteps = tr.MaxSteps
	dim := len(a.z)
	stats, err := tr.solver.solve(ctx, tr.field, &a.pass, a.z, func(s *Step) error {
		if s.Accepted {
			a.ends = append(a.ends, s.To)
			n := len(a.coefs)
			if cap(a.coefs) < n+powers*dim {
				a.coefs = append(make([]float64, 0, 2*n+16*powers*dim), a.coefs...)
			}
			a.coefs = a.coefs[:n+powers*dim]
			s.coefficients(a.coefs[n:])
			copy(a.z, s.Z1)
		}
		if watch != nil {
			return watch(s)
		}
		return nil
	})
	if n := len(a.ends); n > 0 {
		a.pass.t = a.ends[n-1]
	}
	tr.stats.Evals += stats.Evals
	tr.stats.Accepted += stats.Accepted
	tr.stats.Rejected += stats.Rejected
	tr.stats.Error += stats.Error
	tr.stats.Steps = append(tr.stats.Steps, stats.Steps...)
	return err
}

// At writes z(t) into dst (length d/2). It returns an error when t is outside the range.
func (tr *Trajectory) At(dst []float64, t float64) error {
	low, high := tr.Range()
	if !(t >= low && t <= high) {
		return fmt.Errorf("clex: t = %v is outside the trajectory's range %v … %v", t, low, high)
	}
	a, sign := &tr.arms[0], 1.0
	if t < tr.start {
		a, sign = &tr.arms[1], -1
	}
	if len(dst) != len(a.z) {
		return fmt.Errorf("clex: %d values for a state of %d components", len(dst), len(a.z))
	}
	if len(a.ends) == 0 {
		copy(dst, a.z)
		return nil
	}
	i := sort.Search(len(a.ends), func(i int) bool { return sign*a.ends[i] >= sign*t })
	from := tr.start
	if i > 0 {
		from = a.ends[i-1]
	}
	n := powers * len(a.z)
	evaluate(dst, a.coefs[i*n:][:n], (t-from)/(a.ends[i]-from))
	return nil
}
