package clex

import (
	"context"
	"fmt"
	"testing"
)

func benchField(b *testing.B) (*NetworkField, []float64) {
	_, nets := goldenNetworks(b)
	n := nets[2]
	// Head size 64 with λ = 1, as the paper has it: half of the golden λ = 2 network.
	half := &Network{Dims: 64, Hidden: 64, Act: n.Act}
	for i := range 32 {
		half.Up = append(half.Up, n.Up[i*n.Hidden:][:64]...)
	}
	half.Down = append(half.Down, n.Down[:64*32]...)
	f, err := half.Field()
	if err != nil {
		b.Fatal(err)
	}
	z := make([]float64, 32)
	Rotary{Dims: 64, Base: 10000}.LogFreq(z)
	return f, z
}

func BenchmarkRate(b *testing.B) {
	f, z := benchField(b)
	dst := make([]float64, len(z))
	b.ReportAllocs()
	for b.Loop() {
		f.Rate(dst, 2, z)
	}
}

func benchmarkSolve(b *testing.B, tb *Tableau, c Controller) {
	f, start := benchField(b)
	s, err := NewSolver(len(start), tb, c)
	if err != nil {
		b.Fatal(err)
	}
	z := make([]float64, len(start))
	var stats Stats
	b.ReportAllocs()
	for b.Loop() {
		copy(z, start)
		if stats, err = s.Solve(context.Background(), f, 1, z, 16, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(stats.Evals), "evals/op")
}

// Targets: 0.5 ms on amd64, 1 ms in wasm.
func BenchmarkDormandPrince(b *testing.B) {
	benchmarkSolve(b, &DormandPrince, Adaptive{RTol: 1e-6, ATol: 1e-6})
}

// Target: 30 ms in wasm.
func BenchmarkRK38Step001(b *testing.B) { benchmarkSolve(b, &RK38, Fixed{Step: 0.01}) }

// One training step at t = 16 with the reference's method.
func BenchmarkAdjoint(b *testing.B) {
	f, start := benchField(b)
	for _, step := range []float64{0.05, 0.25} {
		b.Run(fmt.Sprint("step=", step), func(b *testing.B) {
			a, err := NewAdjoint(f, &RK38, step, 16)
			if err != nil {
				b.Fatal(err)
			}
			z, grad := make([]float64, len(start)), make([]float64, f.Params())
			b.ReportAllocs()
			for b.Loop() {
				copy(z, start)
				if err := a.Forward(z, 16); err != nil {
					b.Fatal(err)
				}
				if err := a.Backward(grad, nil, start); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncodeCLEX(b *testing.B) {
	f, _ := benchField(b)
	s, err := NewCLEX(Rotary{HeadDim: 64, Dims: 64, Base: 10000, Window: 256}, Options{Network: f.Network()})
	if err != nil {
		b.Fatal(err)
	}
	var e Encoding
	t := 1.0
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Encode(&e, t, 0); err != nil {
			b.Fatal(err)
		}
		if t += 0.37; t > 16 {
			t -= 15
		}
	}
}

func BenchmarkTanh(b *testing.B) {
	x := make([]float64, 64)
	for b.Loop() {
		for i := range x {
			x[i] = float64(i)/16 - 2
		}
		activate(Tanh, x, nil)
	}
}
