package model

import (
	"context"
	"fmt"
	"testing"

	"clexlab/clex"
	"clexlab/clex/clextest"
)

// benchModels have the shapes of the shipped sizes, with random weights.
var benchModels = []struct {
	name string
	cfg  Config
}{
	{"2M", Config{Form: LLaMA, Vocab: 2048, Width: 192, Hidden: 512, Layers: 4, Heads: 4, KVHeads: 4, NormEps: 1e-5, TiedHead: true, Rotary: clextest.Rotary(48, 48, 256, clex.HalfSplit)}},
	{"8M", Config{Form: LLaMA, Vocab: 2048, Width: 320, Hidden: 864, Layers: 6, Heads: 5, KVHeads: 5, NormEps: 1e-5, TiedHead: true, Rotary: clextest.Rotary(64, 64, 256, clex.HalfSplit)}},
}

// benchSequence is a sequence under a scheme at the t of its length.
func benchSequence(b *testing.B, m *Model, scheme string, length int) *Sequence {
	s := mustSequence(b, m, length)
	flow, err := clex.New(scheme, m.cfg.Rotary, clex.Options{})
	if err != nil {
		b.Fatal(err)
	}
	x := &Extension{Scheme: flow, T: WindowRule(m.cfg.Rotary.Window, 16)}
	if _, err := x.Fit(context.Background(), s, length); err != nil {
		b.Fatal(err)
	}
	return s
}

func eachBench(b *testing.B, run func(b *testing.B, m *Model, scheme string, length int)) {
	for _, bench := range benchModels {
		w := randomWeights(bench.cfg, 1, 1, false)
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
