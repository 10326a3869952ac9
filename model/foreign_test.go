package model_test

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"clexlab/model"
	"clexlab/model/modeltest"
)

// BenchmarkForeign measures whole models of the shapes that others have trained, with random weights as int8 rows: tokens a second of reading 256
// tokens (1,024 too where they take no minute) and of writing 16 behind them, and the memory that the program holds then.
// They take minutes, so that they run only where they are named: make benchforeign.
func BenchmarkForeign(b *testing.B) {
	if !strings.Contains(flag.Lookup("test.bench").Value.String(), "Foreign") {
		b.Skip("takes minutes: make benchforeign")
	}
	for _, s := range modeltest.Foreign {
		b.Run(s.Name, func(b *testing.B) {
			w := s.Weights()
			m, err := model.New(s.Config, w)
			if err != nil {
				b.Fatal(err)
			}
			const written = 16
			lengths := []int{256}
			if w.Parameters(s.Config) < 2e8 {
				lengths = append(lengths, 1024)
			}
			x, err := m.NewSequence(lengths[len(lengths)-1] + written)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				for _, n := range lengths {
					if err := x.Truncate(0); err != nil {
						b.Fatal(err)
					}
					start := time.Now()
					if err := x.Prefill(b.Context(), modeltest.RandomTokens(s.Config.Vocab, n), nil); err != nil {
						b.Fatal(err)
					}
					read := time.Now()
					for _, err := range model.Generate(b.Context(), x, model.Options{MaxTokens: written}) {
						if err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(n)/read.Sub(start).Seconds(), fmt.Sprintf("read-%d/s", n))
					b.ReportMetric(written/time.Since(read).Seconds(), fmt.Sprintf("written-at-%d/s", n))
				}
			}
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			b.ReportMetric(float64(memory.Sys)/1e6, "MB")
			b.ReportMetric(0, "ns/op")
		})
		runtime.GC()
	}
}
