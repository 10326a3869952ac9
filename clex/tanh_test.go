package clex

import (
	"math"
	"testing"
)

func TestTanh(t *testing.T) {
	one := func(x float64) float64 {
		v := []float64{x}
		tanh(v)
		return v[0]
	}
	check := func(x float64) {
		got, want := one(x), math.Tanh(x)
		if math.Abs(got-want) > 4*0x1p-53*math.Abs(want) {
			t.Fatalf("tanh(%v) = %v, want %v", x, got, want)
		}
	}
	for x := -25.0; x <= 25; x += 0.00037 {
		check(x)
	}
	for e := -300.0; e < 300; e++ {
		check(math.Pow(10, e))
		check(-math.Pow(10, e))
	}
	for _, x := range []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1)} {
		if got, want := one(x), math.Tanh(x); got != want || math.Signbit(got) != math.Signbit(want) {
			t.Errorf("tanh(%v) = %v, want %v", x, got, want)
		}
	}
	if got := one(math.NaN()); !math.IsNaN(got) {
		t.Errorf("tanh(NaN) = %v", got)
	}
}

func TestActivations(t *testing.T) {
	for x := -800.0; x < 800; x += 0.13 {
		y, slope := []float64{x}, []float64{0}
		activate(SiLU, y, slope)
		want := x / (1 + math.Exp(-x))
		if math.Abs(y[0]-want) > 1e-15*max(1, math.Abs(x)) {
			t.Fatalf("silu(%v) = %v, want %v", x, y[0], want)
		}
		y[0] = x
		differentiate(SiLU, slope, y)
		sigma := 1 / (1 + math.Exp(-x))
		if want := sigma * (1 + x*(1-sigma)); math.Abs(slope[0]-want) > 1e-15*max(1, math.Abs(x)) {
			t.Fatalf("silu'(%v) = %v, want %v", x, slope[0], want)
		}
	}
}
