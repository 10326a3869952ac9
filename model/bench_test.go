package model

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"clexlab/clex"
	"clexlab/clex/clextest"
)

// benchModels have the shapes of the shipped sizes, with random weights.
var benchModels = []struct {
	name string
	cfg  Config
}{
	{"2M", Config{Architecture: LLaMA, Vocab: 2048, Dim: 192, HiddenDim: 512, Layers: 4, Heads: 4, KVHeads: 4, NormEps: 1e-5, TiedHead: true, Rotary: clextest.Rotary(48, 48, 256, clex.HalfSplit)}},
	{"8M", Config{Architecture: LLaMA, Vocab: 2048, Dim: 320, HiddenDim: 864, Layers: 6, Heads: 5, KVHeads: 5, NormEps: 1e-5, TiedHead: true, Rotary: clextest.Rotary(64, 64, 256, clex.HalfSplit)}},
}

// benchSequence is a sequence under a scheme at the t of its length.
func benchSequence(b *testing.B, m *Model, scheme string, length int) *Sequence {
	s := mustSequence(b, m, length)
	flow, err := clex.New(scheme, m.cfg.Rotary, clex.Options{})
	if err != nil {
		b.Fatal(err)
	}
	x := &Extension{Scheme: flow, Rule: clex.LengthRule{}}
	if _, err := x.Fit(context.Background(), s, length); err != nil {
		b.Fatal(err)
	}
	return s
}

func eachBench(b *testing.B, run func(b *testing.B, m *Model, scheme string, length int)) {
	for _, bench := range benchModels {
		w := RandomWeights(bench.cfg, 1, 1, false)
		for _, form := range []string{"f32", "int8"} {
			weights := w
			if form == "int8" {
				weights = Quantize(w)
			}
			m := mustModel(b, bench.cfg, weights)
			for _, scheme := range []string{"rope", "clex", "string"} {
				for _, length := range []int{256, 1024, 4096} {
					b.Run(fmt.Sprintf("%s/%s/%s/%d", bench.name, form, scheme, length), func(b *testing.B) { run(b, m, scheme, length) })
				}
			}
		}
	}
}

func BenchmarkPrefill(b *testing.B) {
	eachBench(b, func(b *testing.B, m *Model, scheme string, length int) {
		s := benchSequence(b, m, scheme, length)
		tokens := randomTokens(length, m.cfg.Vocab, 1)
		for b.Loop() {
			if err := s.Truncate(0); err != nil {
				b.Fatal(err)
			}
			mustPrefill(b, s, tokens, nil)
		}
		b.ReportMetric(float64(length)*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
	})
}

// BenchmarkDecode reads the last token of a context over and over.
func BenchmarkDecode(b *testing.B) {
	eachBench(b, func(b *testing.B, m *Model, scheme string, length int) {
		s := benchSequence(b, m, scheme, length)
		mustPrefill(b, s, randomTokens(length, m.cfg.Vocab, 1), nil)
		b.ReportAllocs()
		for b.Loop() {
			if err := s.Truncate(length - 1); err != nil {
				b.Fatal(err)
			}
			if err := s.Decode(1); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
	})
}

// BenchmarkSchemeCost is the time that CLEX takes over that of plain RoPE for the
// same text. They take turns, so that whatever else the machine does meets both,
// and the quickest turn of each counts. A second reader under plain RoPE tells how much
// two readers that do the same work differ.
func BenchmarkSchemeCost(b *testing.B) {
	bench := benchModels[0]
	m := mustModel(b, bench.cfg, Quantize(RandomWeights(bench.cfg, 1, 1, false)))
	for _, length := range []int{256, 1024, 4096} {
		tokens := randomTokens(length, bench.cfg.Vocab, 1)
		var s [3]*Sequence
		for i, scheme := range []string{"rope", "clex", "rope"} {
			s[i] = benchSequence(b, m, scheme, length)
			mustPrefill(b, s[i], tokens, nil)
		}
		for _, c := range []struct {
			name string
			from int
		}{{"prefill", 0}, {"decode", length - 1}} {
			b.Run(fmt.Sprintf("%s/%d", c.name, length), func(b *testing.B) {
				best := [3]time.Duration{math.MaxInt64, math.MaxInt64, math.MaxInt64}
				for b.Loop() {
					for i := range s {
						if err := s[i].Truncate(c.from); err != nil {
							b.Fatal(err)
						}
						start := time.Now()
						mustPrefill(b, s[i], tokens[c.from:], nil)
						best[i] = min(best[i], time.Since(start))
					}
				}
				over := func(i int) float64 { return 100 * (float64(best[i])/float64(best[0]) - 1) }
				b.ReportMetric(over(1), "%over-rope")
				b.ReportMetric(over(2), "%rope-over-rope")
			})
		}
	}
}
