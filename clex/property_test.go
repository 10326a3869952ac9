package clex

import (
	"context"
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func drawNetwork(t *rapid.T) (*NetworkField, []float64) {
	dims := 2 * rapid.IntRange(1, 6).Draw(t, "pairs")
	n := &Network{Dims: dims, Hidden: rapid.IntRange(1, 2*dims).Draw(t, "hidden"), Act: Activation(rapid.IntRange(0, 1).Draw(t, "act"))}
	// Weights small enough that a solution 1 → 8 stays tame: |dz/dt| of a few units.
	weight := rapid.Float64Range(-0.2, 0.2)
	n.Up = rapid.SliceOfN(weight, dims/2*n.Hidden, dims/2*n.Hidden).Draw(t, "up")
	n.Down = rapid.SliceOfN(rapid.Float64Range(-0.1, 0.1), len(n.Up), len(n.Up)).Draw(t, "down")
	f, err := n.Field()
	if err != nil {
		t.Fatal(err)
	}
	return f, logFreq(dims)
}

func solveBy(t testing.TB, f Term, tb *Tableau, c Controller, from float64, z []float64, to float64) []float64 {
	s, err := NewSolver(f.Dim(), tb, c)
	if err != nil {
		t.Fatal(err)
	}
	z = append([]float64(nil), z...)
	if _, err := s.Solve(context.Background(), f, from, z, to, nil); err != nil {
		t.Fatal(err)
	}
	return z
}

type fatal interface{ Fatalf(string, ...any) }

func within(t fatal, what string, got, want []float64, tol float64) {
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tol*max(1, math.Abs(want[i]))) {
			t.Fatalf("%s: component %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func TestPropertySolves(t *testing.T) {
	tight := Adaptive{RTol: 1e-10, ATol: 1e-10}
	rapid.Check(t, func(rt *rapid.T) {
		f, start := drawNetwork(rt)
		a := rapid.Float64Range(1, 8).Draw(rt, "a")
		b := rapid.Float64Range(1, 8).Draw(rt, "b")
		atA := solveBy(t, f, &DormandPrince, tight, 1, start, a)
		atB := solveBy(t, f, &DormandPrince, tight, 1, start, b)
		within(rt, "1 → a → 1", solveBy(t, f, &DormandPrince, tight, a, atA, 1), start, 1e-6)
		within(rt, "1 → a → b", solveBy(t, f, &DormandPrince, tight, a, atA, b), atB, 1e-6)
		within(rt, "rk38", solveBy(t, f, &RK38, Fixed{Step: 0.02}, 1, start, b), atB, 1e-5)
		within(rt, "rk4", solveBy(t, f, &RK4, Fixed{Step: 0.02}, 1, start, b), atB, 1e-5)
		within(rt, "bosh3", solveBy(t, f, &BogackiShampine, Adaptive{RTol: 1e-7, ATol: 1e-7}, 1, start, b), atB, 1e-4)
		tr, err := NewTrajectory(f, &DormandPrince, tight, a, atA)
		if err != nil {
			rt.Fatal(err)
		}
		for _, end := range []float64{b, 1, 8} {
			if err := tr.Extend(context.Background(), end); err != nil {
				rt.Fatal(err)
			}
		}
		got := make([]float64, len(start))
		for _, p := range []struct {
			t    float64
			want []float64
		}{{a, atA}, {b, atB}, {1, start}} {
			if err := tr.At(got, p.t); err != nil {
				rt.Fatal(err)
			}
			within(rt, "trajectory", got, p.want, 1e-6)
		}
	})
}

// TestPropertyWavelengths: no closed-form scheme shortens a wavelength as t grows, nor lets two cross.
func TestPropertyWavelengths(t *testing.T) {
	var names []string
	for _, m := range Methods() {
		if m.Name != "clex" {
			names = append(names, m.Name)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		dims := 2 * rapid.IntRange(1, 64).Draw(t, "pairs")
		r := Rotary{HeadDim: dims, Dims: dims, Base: rapid.Float64Range(2, 1e6).Draw(t, "base"), Window: rapid.IntRange(64, 8192).Draw(t, "window")}
		s, err := New(rapid.SampledFrom(names).Draw(t, "name"), r, Options{})
		if err != nil {
			t.Fatal(err)
		}
		at := rapid.Float64Range(1, 64).Draw(t, "t")
		later := at + rapid.Float64Range(0, 64).Draw(t, "more")
		var near, far Encoding
		if err := errors.Join(s.Encode(&near, at, 0), s.Encode(&far, later, 0)); err != nil {
			t.Fatal(err)
		}
		for i, theta := range near.InvFreq {
			if far.InvFreq[i] > theta*(1+1e-14) {
				t.Fatalf("%s: wavelength %d shrinks from t = %v to %v", s.Name(), i, at, later)
			}
			if i > 0 && theta > near.InvFreq[i-1]*(1+1e-14) {
				t.Fatalf("%s: wavelengths %d and %d cross at t = %v", s.Name(), i-1, i, at)
			}
		}
	})
}
