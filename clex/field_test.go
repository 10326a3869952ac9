package clex

import (
	"context"
	"fmt"
	"math"
	"testing"
)

// TestFieldsReproduceSchemes solves each scheme's field and compares with the scheme itself.
func TestFieldsReproduceSchemes(t *testing.T) {
	r := Rotary{HeadDim: 48, Dims: 32, Base: 10000, Window: 256}
	for _, m := range Methods() {
		s, err := New(m.Name, r, Options{Factor: 1.5, RTol: 1e-11})
		if err != nil {
			t.Fatal(err)
		}
		var e Encoding
		for _, at := range []float64{1, 1.01, 2, 5.5, 16} {
			if err := s.Encode(&e, at, 0); err != nil {
				t.Fatal(err)
			}
			z := logFreq(32)
			solver, err := NewSolver(16, &DormandPrince, Adaptive{RTol: 1e-11, ATol: 1e-11})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := solver.Solve(context.Background(), s.Field(), 1, z, at, nil); err != nil {
				t.Fatal(err)
			}
			for i := range z {
				z[i] = math.Exp(z[i])
			}
			nearRel(t, fmt.Sprintf("%s at %v", m.Name, at), z, e.InvFreq, 1e-8)
		}
	}
}

// TestUntrainedIsNTK: with W_down = 0 CLEX is NTK-aware scaling with α = 2t-1, by every solver.
func TestUntrainedIsNTK(t *testing.T) {
	n := smallNetwork(t, 32, Tanh)
	clear(n.Down)
	f, err := n.Field()
	if err != nil {
		t.Fatal(err)
	}
	for _, tb := range Tableaus() {
		// h^p times the derivatives of ln(2t-1), which are (p-1)!·2^p at t = 1.
		tol := map[int]float64{1: 0.05, 2: 1e-3, 3: 1e-5, 4: 1e-6, 5: 1e-7}[tb.Order]
		s, err := NewSolver(16, tb, Fixed{Step: 0.01})
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []float64{1.5, 4, 16} {
			z, want := logFreq(32), logFreq(32)
			if _, err := s.Solve(context.Background(), f, 1, z, at, nil); err != nil {
				t.Fatal(err)
			}
			for i := range want {
				want[i] -= 2 * float64(i) / 30 * math.Log(2*at-1)
			}
			near(t, fmt.Sprintf("%s at %v", tb.Name, at), z, want, tol)
		}
	}
}

// TestPartsDefinition restates definition 2 of arXiv 2309.00071 with wavelengths.
func TestPartsDefinition(t *testing.T) {
	r := Rotary{HeadDim: 64, Dims: 64, Base: 10000, Window: 4096}
	s, err := NewParts(r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var e Encoding
	if err := s.Encode(&e, 8, 0); err != nil {
		t.Fatal(err)
	}
	for i, got := range e.InvFreq {
		wavelength := 2 * math.Pi * math.Pow(10000, float64(2*i)/64)
		ratio := 4096 / wavelength
		gamma := (ratio - 1) / 31
		if ratio < 1 {
			gamma = 0
		} else if ratio > 32 {
			gamma = 1
		}
		theta := math.Pow(10000, -float64(2*i)/64)
		nearRel(t, "parts", []float64{got}, []float64{(1-gamma)*theta/8 + gamma*theta}, 1e-12)
	}
}

// TestSchemesAtOne: every scheme has the plain frequencies, bit for bit, where nothing is extended; all but STRING, which does
// not depend on t, are the plain embedding.
func TestSchemesAtOne(t *testing.T) {
	r := Rotary{HeadDim: 64, Dims: 64, Base: 500000, Window: 256}
	plain := make([]float64, 32)
	r.InvFreq(plain)
	for _, m := range Methods() {
		s, err := New(m.Name, r, Options{LogN: true})
		if err != nil {
			t.Fatal(err)
		}
		var e Encoding
		if err := s.Encode(&e, 1, 256); err != nil {
			t.Fatal(err)
		}
		near(t, m.Name, e.InvFreq, plain, 0)
		shifted := m.Name == "string"
		if (e.AttentionFactor != 1) != shifted || e.LogN != 256 || (e.Remap != nil) != shifted {
			t.Errorf("%s at 1: attention factor %v, log-n %d, remap %v", m.Name, e.AttentionFactor, e.LogN, e.Remap)
		}
		if n := testing.AllocsPerRun(5, func() { _ = s.Encode(&e, 1, 256) }); n > 0 && m.Name != "string" {
			t.Errorf("%s: %v allocations to encode", m.Name, n)
		}
	}
}

func TestDynamicFollowsLength(t *testing.T) {
	r := Rotary{HeadDim: 8, Dims: 8, Base: 10000, Window: 256}
	d, err := New("dynamic", r, Options{Factor: 2})
	if err != nil {
		t.Fatal(err)
	}
	ntk, err := New("ntk", r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got, want Encoding
	for length, alpha := range map[int]float64{1: 1, 256: 1, 512: 3, 1024: 7, 640: 4} {
		if err := d.Encode(&got, 9, length); err != nil {
			t.Fatal(err)
		}
		if err := ntk.Encode(&want, alpha, 0); err != nil {
			t.Fatal(err)
		}
		nearRel(t, fmt.Sprint(length, " tokens"), got.InvFreq, want.InvFreq, 1e-13)
	}
}

func TestLengthRule(t *testing.T) {
	for _, c := range []struct {
		rule   LengthRule
		length int
		want   float64
	}{
		{LengthRule{}, 0, 1}, {LengthRule{}, 256, 1}, {LengthRule{}, 257, 2}, {LengthRule{}, 99999, 16},
		{LengthRule{TMax: 3.5}, 2000, 3.5},
		{LengthRule{Kind: ContinuousRule}, 384, 1.5}, {LengthRule{Kind: ContinuousRule}, 10, 1},
		{LengthRule{TMax: 256}, 99999, 256}, {LengthRule{TMin: 3}, 257, 3}, {LengthRule{TMin: 3}, 1000, 4},
		// t = max(t₀, n/L).
		{LengthRule{Kind: ContinuousRule, TMin: 4}, 10, 4}, {LengthRule{Kind: ContinuousRule, TMin: 4}, 1152, 4.5},
		{AtT(7.5), 10, 7.5}, {AtT(20), 10, 20},
	} {
		if got, err := c.rule.T(c.length, 256); err != nil || got != c.want {
			t.Errorf("%+v of %d tokens: %v, %v; want %v", c.rule, c.length, got, err, c.want)
		}
	}
}
