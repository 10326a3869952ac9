package curves

import (
	"context"
	"fmt"
	"math"
	"time"

	"clexlab/clex"
)

const (
	// DefaultSolver and DefaultTolerance are used where none is chosen; DefaultStep is the reference's time_dt.
	DefaultSolver    = "dopri5"
	DefaultTolerance = 1e-6
	DefaultStep      = 0.01
	// minSpacing is the least distance in t between points of the curve that are kept, up to
	// linearUpTo; beyond it the distance grows with t, as an axis that goes far has equal ratios there.
	minSpacing = 1.0 / 16
	linearUpTo = 4
)

// spacing is the least distance between points of the curve that are kept, at t.
func spacing(t float64) float64 { return minSpacing * max(1, t/linearUpTo) }

// Live integrates one scheme's field from 1 to t, again from the start each time it is asked, and keeps
// the points it came through.
type Live struct {
	// Solver is the tableau's name.
	Solver string
	// Curve are the points of the last solve; its last one is t.
	Curve Family
	// Stats is what it cost, Took how long it ran.
	Stats clex.Stats
	Took  time.Duration
	// Adaptive tells whether the solver chooses its own steps.
	Adaptive bool

	solver *clex.Solver
	field  clex.VectorField
	// start is log θ at t = 1, after just beyond it: a file may list other frequencies there.
	start, after []float64
	z            []float64
	// from, to and between are room for interpolate.
	from, to, between []float64

	keep func(*clex.Step) error
}

// NewLive makes a live solve of scheme by the tableau called solver ("" for
// DefaultSolver). Embedded pairs adapt their steps to tolerance, the others go by step. Zeros are defaults.
func NewLive(scheme clex.Scheme, solver string, step, tolerance float64) (*Live, error) {
	if solver == "" {
		solver = DefaultSolver
	}
	if step == 0 {
		step = DefaultStep
	}
	if tolerance == 0 {
		tolerance = DefaultTolerance
	}
	tableau, err := clex.TableauNamed(solver)
	if err != nil {
		return nil, err
	}
	control := clex.Controller(clex.Fixed{Step: step})
	adaptive := tableau.Embedded > 0
	if adaptive {
		control = clex.Adaptive{RTol: tolerance, ATol: tolerance}
	}
	pairs := scheme.Rotary().Pairs()
	s, err := clex.NewSolver(pairs, tableau, control)
	if err != nil {
		return nil, err
	}
	s.MaxSteps = 20_000
	l := &Live{Solver: solver, Adaptive: adaptive, solver: s, field: scheme.Field(), z: make([]float64, pairs)}
	if l.start, err = logFreq(scheme, 1); err != nil {
		return nil, err
	}
	if l.after, err = logFreq(scheme, math.Nextafter(1, 2)); err != nil {
		return nil, err
	}
	l.from, l.to, l.between = make([]float64, pairs), make([]float64, pairs), make([]float64, pairs)
	l.Curve.Pairs = pairs
	l.keep = func(s *clex.Step) error {
		last := l.Curve.T[len(l.Curve.T)-1]
		switch {
		case !s.Accepted || s.To-last < spacing(last):
		case s.To-s.From > 1.5*spacing(s.From):
			l.interpolate(s)
		default:
			l.add(s.To, s.Z1)
		}
		return nil
	}
	return l, nil
}

// logFreq is log θ of every pair at t.
func logFreq(scheme clex.Scheme, t float64) ([]float64, error) {
	var e clex.Encoding
	if err := scheme.Encode(&e, t, 0); err != nil {
		return nil, err
	}
	for i, theta := range e.InvFreq {
		e.InvFreq[i] = math.Log(theta)
	}
	return e.InvFreq, nil
}

// interpolate adds points inside a long step, on the cubic through both ends with the
// field's own slopes there: straight lines would show corners that the solution does not have.
func (l *Live) interpolate(s *clex.Step) {
	h := s.To - s.From
	l.field.Rate(l.from, s.From, s.Z0)
	l.field.Rate(l.to, s.To, s.Z1)
	n := int(math.Ceil(h / spacing(s.From)))
	for k := 1; k <= n; k++ {
		x := float64(k) / float64(n)
		a, b := x*x*(3-2*x), h*x*(1-x)
		for i, z0 := range s.Z0 {
			l.between[i] = z0 + a*(s.Z1[i]-z0) + b*((1-x)*l.from[i]-x*l.to[i])
		}
		l.add(s.From+x*h, l.between)
	}
}

func (l *Live) add(t float64, z []float64) {
	l.Curve.T = append(l.Curve.T, t)
	for _, v := range z {
		l.Curve.Theta = append(l.Curve.Theta, math.Exp(v))
	}
}

// Solve integrates from 1 to t. On an error the curve ends where the solve stopped.
func (l *Live) Solve(t float64) error {
	if !(t >= 1) || math.IsInf(t, 0) {
		return fmt.Errorf("curves: t = %v: want a finite number, at least 1", t)
	}
	begun := time.Now()
	copy(l.z, l.start)
	if t > 1 {
		copy(l.z, l.after)
	}
	l.Curve.T, l.Curve.Theta = l.Curve.T[:0], l.Curve.Theta[:0]
	l.add(1, l.z)
	var err error
	l.Stats, err = l.solver.Solve(context.Background(), l.field, 1, l.z, t, l.keep)
	if err == nil && t > l.Curve.T[len(l.Curve.T)-1] {
		l.add(t, l.z)
	}
	l.Took = time.Since(begun)
	return err
}

// Theta is the spectrum at the end of the last solve, in rad per token.
func (l *Live) Theta() []float64 { return l.Curve.Row(len(l.Curve.T) - 1) }

// Slope is dz/dt of one pair at t when its θ is moved to theta while all the others stay on
// the curves: a slice through the field that the picture has room for.
func Slope(field clex.Term, curves *Family, t float64, pair int, theta float64, z, rate []float64) float64 {
	for i := range z {
		z[i] = math.Log(curves.At(i, t))
	}
	z[pair] = math.Log(theta)
	field.Rate(rate, t, z)
	return rate[pair]
}

// Nearest is the pair whose θ at t is closest to theta in ratio.
func Nearest(curves *Family, t, theta float64) int {
	best, least := 0, math.Inf(1)
	for i := range curves.Pairs {
		if d := math.Abs(math.Log(curves.At(i, t) / theta)); d < least {
			best, least = i, d
		}
	}
	return best
}
