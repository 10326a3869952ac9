package clex

import (
	"context"
	"encoding/binary"
	"math"
	"testing"
)

func FuzzScheme(f *testing.F) {
	f.Add(byte(0), 64, 64, 10000.0, 256, byte(0), 2.0, 512, 0.0, 0.0, 0.0, 0.0, 0, 0.0, true)
	f.Add(byte(8), 8, 8, 10000.0, 256, byte(1), 15.5, 0, 1.0, 32.0, 2.0, 0.3, 8, 16.0, false)
	f.Add(byte(5), 2, 2, 1.0000001, 1, byte(0), 1e300, 1, 1e-300, 1e300, 1e300, 0.999, 1, 1e300, true)
	f.Add(byte(3), 7, 5, math.Inf(1), -1, byte(9), math.NaN(), -1, -1.0, math.NaN(), 0.1, 2.0, -5, math.Inf(-1), false)
	f.Fuzz(func(t *testing.T, which byte, head, dims int, base float64, window int, pairing byte, at float64, length int, low, high, factor, discard float64, local int, tMax float64, logN bool) {
		if head > 512 {
			head %= 512
		}
		r := Rotary{HeadDim: head, Dims: dims, Base: base, Window: window, Pairing: Pairing(pairing)}
		m := Methods()[int(which)%len(Methods())]
		s, err := New(m.Name, r, Options{LogN: logN, TurnsLow: low, TurnsHigh: high, Factor: factor, Discard: discard, Local: local, TMax: tMax})
		if err != nil {
			return
		}
		var e Encoding
		if err := s.Encode(&e, at, length); err != nil {
			return
		}
		if len(e.InvFreq) != r.Pairs() || !(e.AttentionFactor >= 1) || math.IsInf(e.AttentionFactor, 0) {
			t.Fatalf("%s: %d frequencies, gain %v", m.Name, len(e.InvFreq), e.AttentionFactor)
		}
		for i, v := range e.InvFreq {
			if !(v > 0) || math.IsInf(v, 0) {
				t.Fatalf("%s: frequency %d is %v", m.Name, i, v)
			}
		}
		if q := e.QueryScale(length); !(q >= 1) || math.IsInf(q, 0) {
			t.Fatalf("query scale %v", q)
		}
	})
}

func floats(data []byte) []float64 {
	var v []float64
	for ; len(data) >= 8; data = data[8:] {
		v = append(v, math.Float64frombits(binary.LittleEndian.Uint64(data)))
	}
	return v
}

func FuzzNetwork(f *testing.F) {
	f.Add(2, 2, byte(0), 0.0, make([]byte, 32))
	f.Add(4, 1, byte(1), 500.0, []byte("abcdefghijklmnopqrstuvwxyz012345"))
	f.Add(3, -1, byte(7), math.NaN(), []byte{})
	f.Fuzz(func(t *testing.T, dims, hidden int, act byte, prior float64, data []byte) {
		if len(data) > 1<<10 {
			return
		}
		w := floats(data)
		half := len(w) / 2
		n := &Network{Dims: dims, Hidden: hidden, Act: Activation(act), PriorBase: prior, Up: w[:half], Down: w[half:]}
		s, err := NewCLEX(Rotary{HeadDim: dims, Dims: dims, Base: 10000, Window: 256}, Options{Network: n, TMax: 4, RTol: 1e-4})
		if err != nil {
			return
		}
		var e Encoding
		if err := s.Encode(&e, 3.7, 0); err != nil {
			return
		}
		for i, v := range e.InvFreq {
			if !(v > 0) || math.IsInf(v, 0) {
				t.Fatalf("frequency %d is %v", i, v)
			}
		}
		field, err := n.Field()
		if err != nil {
			t.Fatalf("the scheme took a network the field refuses: %v", err)
		}
		a, err := NewAdjoint(field, &RK38, 0.5, 4)
		if err != nil {
			t.Fatal(err)
		}
		z := make([]float64, dims/2)
		if a.Forward(z, 4) == nil && notFinite(z) >= 0 {
			t.Fatalf("forward returned %v", z)
		}
	})
}

func FuzzSolve(f *testing.F) {
	f.Add(byte(5), 0.1, 1e-6, 1e-6, 1.0, 1.0, 3.0)
	f.Add(byte(0), 1e-9, 0.0, math.NaN(), 1.0, 1e300, -3.0)
	f.Add(byte(2), math.Inf(1), 1e-14, 1e-300, 0.0, -1.0, 1e9)
	f.Fuzz(func(t *testing.T, which byte, step, rtol, atol, z0, from, to float64) {
		tb := Tableaus()[int(which)%len(Tableaus())]
		for _, c := range []Controller{Fixed{Step: step}, Adaptive{RTol: rtol, ATol: atol}} {
			tr, err := NewTrajectory(explode{}, tb, c, from, []float64{z0})
			if err != nil {
				continue
			}
			tr.MaxSteps = 500
			err = tr.Extend(context.Background(), to)
			got := []float64{0}
			for _, at := range tr.Knots() {
				if err := tr.At(got, at); err != nil {
					t.Fatal(err)
				}
				// A step may end near the largest number, where its polynomial has no room.
				if math.Abs(got[0]) < 1e100 && notFinite(got) >= 0 {
					t.Fatalf("z(%v) = %v", at, got[0])
				}
			}
			if low, high := tr.Range(); err == nil && (to < low || to > high) {
				t.Fatalf("range %v … %v does not hold %v", low, high, to)
			}
		}
	})
}

func FuzzLengthRule(f *testing.F) {
	f.Add(byte(0), 0.0, 0.0, 0.0, 300, 256)
	f.Add(byte(2), math.NaN(), -1.0, 0.5, -3, 0)
	f.Fuzz(func(t *testing.T, kind byte, fixed, tMin, tMax float64, length, window int) {
		at, err := LengthRule{Kind: RuleKind(kind), Fixed: fixed, TMin: tMin, TMax: tMax}.T(length, window)
		if err == nil && (!(at >= 1) || math.IsInf(at, 0)) {
			t.Fatalf("t = %v", at)
		}
	})
}

func FuzzNames(f *testing.F) {
	f.Add("tanh")
	f.Add("ceil")
	f.Fuzz(func(t *testing.T, name string) {
		if k, err := ParseRuleKind(name); err == nil && k.String() != name {
			t.Fatalf("%q read as %v", name, k)
		}
		if a, err := ParseActivation(name); err == nil && len(a.String()) != len(name) {
			t.Fatalf("%q read as %v", name, a)
		}
		if tb, err := TableauNamed(name); err == nil && tb.Name != name {
			t.Fatalf("%q read as %q", name, tb.Name)
		}
	})
}
