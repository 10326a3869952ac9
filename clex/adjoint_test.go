package clex

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
)

// smallNetwork is a network with nothing at zero, small enough for finite differences.
func smallNetwork(t testing.TB, dims int, act Activation) *Network {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, uint64(dims)))
	n, err := NewNetwork(dims, 1, act, rng)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n.Down {
		n.Down[i] = 0.2 * rng.NormFloat64()
	}
	return n
}

func logFreq(dims int) []float64 {
	z := make([]float64, dims/2)
	Rotary{Dims: dims, Base: 10000}.LogFreq(z)
	return z
}

// TestFieldProducts compares JVP, VJP and the parameters' VJP with central differences.
func TestFieldProducts(t *testing.T) {
	for _, act := range []Activation{Tanh, SiLU} {
		n := smallNetwork(t, 10, act)
		f, err := n.Field()
		if err != nil {
			t.Fatal(err)
		}
		z, at := logFreq(10), 2.7
		rng := rand.New(rand.NewPCG(3, 4))
		v, w := make([]float64, 5), make([]float64, 5)
		for i := range v {
			v[i], w[i] = rng.NormFloat64(), rng.NormFloat64()
		}
		rate := make([]float64, 5)
		dot := func(z []float64) float64 {
			f.Rate(rate, at, z)
			var s float64
			for i, r := range rate {
				s += w[i] * r
			}
			return s
		}
		settings := &fd.Settings{Formula: fd.Central, Step: 1e-5}
		wantVJP := fd.Gradient(nil, dot, z, settings)
		gotVJP, gotJVP := make([]float64, 5), make([]float64, 5)
		f.VJP(gotVJP, at, z, w)
		near(t, "VJP "+act.String(), gotVJP, wantVJP, 1e-8)

		f.JVP(gotJVP, at, z, v)
		var left, right float64
		for i := range v {
			left += w[i] * gotJVP[i]
			right += wantVJP[i] * v[i]
		}
		near(t, "w·JVP(v) "+act.String(), []float64{left}, []float64{right}, 1e-8)

		grad := make([]float64, f.Params())
		again := make([]float64, 5)
		f.AccumulateVJP(again, grad, -2, at, z, w)
		near(t, "VJP with parameters", again, gotVJP, 1e-14)
		want := fd.Gradient(nil, func(p []float64) float64 {
			up, down := n.Split(p)
			other := *n
			other.Up, other.Down = up, down
			g, err := other.Field()
			if err != nil {
				t.Fatal(err)
			}
			g.Rate(rate, at, z)
			var s float64
			for i, r := range rate {
				s += w[i] * r
			}
			return -2 * s
		}, append(append([]float64(nil), n.Up...), n.Down...), settings)
		near(t, "parameters' VJP "+act.String(), grad, want, 1e-8)
	}
}

// gradients of Σ c_i·z_i(t) + ½·Σ z_i(t)², by every way there is.
func lossCotangent(c, z []float64) []float64 {
	g := make([]float64, len(z))
	for i := range g {
		g[i] = c[i] + z[i]
	}
	return g
}

func TestAdjointsAgree(t *testing.T) {
	const dims, step, at = 8, 0.13, 3.3 // the last of the steps is cut short
	c := []float64{0.3, -1, 0.5, 2}
	for _, act := range []Activation{Tanh, SiLU} {
		for _, tb := range []*Tableau{&Euler, &Midpoint, &BogackiShampine, &RK4, &RK38, &DormandPrince} {
			t.Run(fmt.Sprintf("%s/%v", tb.Name, act), func(t *testing.T) {
				n := smallNetwork(t, dims, act)
				params := append(append([]float64(nil), n.Up...), n.Down...)
				n.Up, n.Down = n.Split(params)
				f, err := n.Field()
				if err != nil {
					t.Fatal(err)
				}
				solver, err := NewSolver(dims/2, tb, Fixed{Step: step})
				if err != nil {
					t.Fatal(err)
				}
				// The independent side: the solver's own solution, and gonum's differences of it.
				loss := func(p, start []float64) float64 {
					m := *n
					m.Up, m.Down = n.Split(p)
					g, err := m.Field()
					if err != nil {
						t.Fatal(err)
					}
					z := append([]float64(nil), start...)
					if _, err := solver.Solve(context.Background(), g, 1, z, at, nil); err != nil {
						t.Fatal(err)
					}
					var l float64
					for i, v := range z {
						l += c[i]*v + v*v/2
					}
					return l
				}
				start := logFreq(dims)
				a, err := NewAdjoint(f, tb, step, 16)
				if err != nil {
					t.Fatal(err)
				}
				z := append([]float64(nil), start...)
				if err := a.Forward(z, at); err != nil {
					t.Fatal(err)
				}
				grad, gradStart := make([]float64, n.Params()), make([]float64, dims/2)
				if err := a.Backward(grad, gradStart, lossCotangent(c, z)); err != nil {
					t.Fatal(err)
				}
				settings := &fd.Settings{Formula: fd.Central, Step: 1e-5}
				// Central differences: h² of truncation and ε/h of rounding, times a loss of about 100.
				near(t, "∂loss/∂W", grad, fd.Gradient(nil, func(p []float64) float64 { return loss(p, start) }, params, settings), 1e-7)
				near(t, "∂loss/∂z(1)", gradStart, fd.Gradient(nil, func(s []float64) float64 { return loss(params, s) }, start, settings), 1e-7)
			})
		}
	}
}

// TestContinuousAdjoint compares the two adjoints where both solve to high accuracy.
func TestContinuousAdjoint(t *testing.T) {
	for _, act := range []Activation{Tanh, SiLU} {
		n := smallNetwork(t, 8, act)
		f, err := n.Field()
		if err != nil {
			t.Fatal(err)
		}
		a, err := NewAdjoint(f, &RK38, 0.01, 4)
		if err != nil {
			t.Fatal(err)
		}
		z := logFreq(8)
		if err := a.Forward(z, 4); err != nil {
			t.Fatal(err)
		}
		g := lossCotangent([]float64{0.3, -1, 0.5, 2}, z)
		discrete, discreteStart := make([]float64, n.Params()), make([]float64, 4)
		if err := a.Backward(discrete, discreteStart, g); err != nil {
			t.Fatal(err)
		}
		ca, err := NewContinuousAdjoint(f, &DormandPrince, Adaptive{RTol: 1e-11, ATol: 1e-11})
		if err != nil {
			t.Fatal(err)
		}
		cont, contStart := make([]float64, n.Params()), make([]float64, 4)
		if _, err := ca.Backward(context.Background(), cont, contStart, z, g, 4); err != nil {
			t.Fatal(err)
		}
		near(t, "∂loss/∂W "+act.String(), cont, discrete, 1e-7)
		near(t, "∂loss/∂z(1) "+act.String(), contStart, discreteStart, 1e-7)
	}
}

// TestAdjointAddsUp checks that gradients add up over calls and that nothing is allocated.
func TestAdjointAddsUp(t *testing.T) {
	n := smallNetwork(t, 16, Tanh)
	f, err := n.Field()
	if err != nil {
		t.Fatal(err)
	}
	a, err := NewAdjoint(f, &RK38, 0.25, 16)
	if err != nil {
		t.Fatal(err)
	}
	start, z, w := logFreq(16), make([]float64, 8), make([]float64, 8)
	once, twice := make([]float64, n.Params()), make([]float64, n.Params())
	run := func(grad []float64) {
		copy(z, start)
		if err := a.Forward(z, 5.1); err != nil {
			t.Fatal(err)
		}
		for i := range w {
			w[i] = 1 / float64(i+1)
		}
		if err := a.Backward(grad, nil, w); err != nil {
			t.Fatal(err)
		}
	}
	run(once)
	run(twice)
	run(twice)
	var size float64
	for i, g := range once {
		size = max(size, math.Abs(g))
		once[i] = 2 * g
	}
	if size < 1e-3 {
		t.Fatalf("largest gradient is %v: nothing to compare", size)
	}
	near(t, "two calls", twice, once, 1e-13)
	if n := testing.AllocsPerRun(3, func() { run(once) }); n != 0 {
		t.Errorf("%v allocations in a forward and backward, want none", n)
	}
}
