package model_test

import (
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"clexlab/model"
	"clexlab/model/modeltest"
)

// BenchmarkForeign measures whole models of the shapes that others have trained, with random weights as int8 rows: tokens a second of reading 256
// tokens (1,024 too where they take no minute) and of writing 16 behind them, and the memory that the program holds then.
// They take minutes, so that they run only where they are named: make benchforeign, a program for each shape, as WebAssembly gives no memory back.
func BenchmarkForeign(b *testing.B) {
	if !strings.Contains(flag.Lookup("test.bench").Value.String(), "Foreign") {
		b.Skip("takes minutes: make benchforeign")
	}
	// As the page holds large files: once, in a heap that grows by little.
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	for _, s := range modeltest.Foreign {
		b.Run(s.Name, func(b *testing.B) {
			w := s.Weights()
			parameters := w.Parameters(s.Config)
			m, err := model.NewReleasing(s.Config, w)
			if err != nil {
				b.Fatal(err)
			}
			const written = 16
			lengths := []int{256}
			if parameters < 2e8 {
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
