package clex

import (
	"context"
	"fmt"
	"math"
	"testing"
)

// problem is an initial value problem whose solution is known in closed form.
type problem struct {
	name  string
	dim   int
	rate  func(dst []float64, t float64, z []float64)
	exact func(dst []float64, t float64)
}

func (p problem) Dim() int                                   { return p.dim }
func (p problem) Rate(dst []float64, t float64, z []float64) { p.rate(dst, t, z) }

var problems = []problem{
	{"oscillator", 2,
		func(dst []float64, _ float64, z []float64) { dst[0], dst[1] = z[1], -z[0] },
		func(dst []float64, t float64) { dst[0], dst[1] = math.Sin(t), math.Cos(t) }},
	{"chirp", 2,
		func(dst []float64, t float64, z []float64) { dst[0], dst[1] = 2*t*z[1], -2*t*z[0] },
		func(dst []float64, t float64) { dst[0], dst[1] = math.Sin(t*t), math.Cos(t*t) }},
}

// order is the slope of log error over log step, fitted to four halvings of a solve from 1 to 3: from 1/64 on, or
// from 1/16 where order 5 would soon leave nothing but rounding. With
// dense it is the slope of the largest error between the steps.
func order(p problem, tb *Tableau, dense bool) (float64, error) {
	var n, sx, sy, sxx, sxy float64
	first := 1. / 64
	if tb.Order > 4 {
		first = 1. / 16
	}
	for _, h := range []float64{first, first / 2, first / 4, first / 8} {
		z, want := make([]float64, p.dim), make([]float64, p.dim)
		p.exact(z, 1)
		tr, err := NewTrajectory(p, tb, Fixed{Step: h}, 1, z)
		if err != nil {
			return 0, err
		}
		if err := tr.Extend(context.Background(), 3); err != nil {
			return 0, err
		}
		at := []float64{3}
		if dense {
			at = nil
			for t := 1.0; t < 3; t += h / 7 {
				at = append(at, t)
			}
		}
		var worst float64
		for _, t := range at {
			if err := tr.At(z, t); err != nil {
				return 0, err
			}
			p.exact(want, t)
			for i := range z {
				worst = max(worst, math.Abs(z[i]-want[i]))
			}
		}
		x, y := math.Log(h), math.Log(worst)
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx), nil
}

func TestConvergenceOrder(t *testing.T) {
	for _, p := range problems {
		for _, tb := range Tableaus() {
			got, err := order(p, tb, false)
			if err != nil {
				t.Fatal(err)
			}
			if !(math.Abs(got-float64(tb.Order)) <= 0.1) {
				t.Errorf("%s on %s: measured order %.3f, want %d", tb.Name, p.name, got, tb.Order)
			}
			// Cubic Hermite and the interpolant of order 4 must not spoil a method of order up to 4.
			got, err = order(p, tb, true)
			if err != nil {
				t.Fatal(err)
			}
			if want := min(float64(tb.Order), 4); !(got >= want-0.15) {
				t.Errorf("%s on %s: order %.3f between the steps, want %v", tb.Name, p.name, got, want)
			}
		}
	}
}

func ExampleTableaus() {
	for _, tb := range Tableaus() {
		fmt.Printf("%-9s order %d, measured", tb.Name, tb.Order)
		for _, p := range problems {
			got, err := order(p, tb, false)
			if err != nil {
				fmt.Println(err)
			}
			fmt.Printf(" %.1f", got)
		}
		fmt.Println()
	}
	// Output:
	// euler     order 1, measured 1.0 1.0
	// midpoint  order 2, measured 2.0 2.0
	// bosh3     order 3, measured 3.0 3.0
	// rk4       order 4, measured 4.0 4.0
	// rk38      order 4, measured 4.0 4.0
	// dopri5    order 5, measured 5.0 5.0
}
