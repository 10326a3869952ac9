//go:build js && wasm

package gpu

import (
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"clexlab/model"
	"clexlab/model/modeltest"
)

// BenchmarkForeign measures the device on random weights of the shapes that others have trained. On an adapter that is only
// software it takes CLEXLAB_SLOW, the number of layers that are left of a model, and is left out without it.
func BenchmarkForeign(b *testing.B) {
	// As the page holds large files: in a heap that grows by little.
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	for _, s := range modeltest.Foreign {
		b.Run(s.Name, func(b *testing.B) { benchmarkForeign(b, s) })
	}
}

func benchmarkForeign(b *testing.B, s modeltest.ForeignShape) {
	d := open(b)
	if d.Adapter().Software {
		layers, err := strconv.Atoi(os.Getenv("CLEXLAB_SLOW"))
		if err != nil || layers < 1 {
			b.Skip("a software adapter takes minutes; CLEXLAB_SLOW=2 measures two layers")
		}
		s.Config.Layers = min(s.Config.Layers, layers)
	}
	// How often a prompt is read and how many tokens are written in one measurement.
	const reads, written, most = 4, 64, 1024
	start := time.Now()
	w := s.Weights()
	made := time.Now()
	m, err := New(b.Context(), d, s.Config, w)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Free(m.buffers...)
	if err := m.SelfTest(b.Context(), w); err != nil {
		b.Fatal(err)
	}
	x, err := m.NewSequence(b.Context(), most)
	if err != nil {
		b.Fatal(err)
	}
	defer x.Free()
	b.Logf("%d parameters in %d layers: weights made in %.1f s, on %s in %.1f s, %s",
		w.Parameters(s.Config), s.Config.Layers, made.Sub(start).Seconds(), d.Adapter().Label(), time.Since(made).Seconds(), m.Report())
	tokens := modeltest.RandomTokens(s.Config.Vocab, most)
	read := func(b *testing.B) {
		if err := x.Truncate(0); err != nil {
			b.Fatal(err)
		}
		if err := x.Prefill(b.Context(), tokens, nil); err != nil {
			b.Fatal(err)
		}
	}
	write := func(b *testing.B, n int) (count int) {
		if err := x.Truncate(n - written); err != nil {
			b.Fatal(err)
		}
		for _, err := range model.Generate(b.Context(), x, model.Options{MaxTokens: written, Alternatives: maxAlternatives}) {
			if err != nil {
				b.Fatal(err)
			}
			count++
		}
		return count
	}
	// The first time is not measured: drivers finish pipelines when they first run.
	read(b)
	label := d.Adapter().Label()
	b.Run(fmt.Sprintf("%s/prefill %d", label, most), func(b *testing.B) {
		start := time.Now()
		for range reads * b.N {
			read(b)
		}
		b.ReportMetric(float64(reads*b.N*most)/time.Since(start).Seconds(), "tokens/s")
	})
	for _, n := range []int{most, 256} { // each ends within what is read
		write(b, n)
		b.Run(fmt.Sprintf("%s/decode at %d", label, n), func(b *testing.B) {
			start, count := time.Now(), 0
			for range b.N {
				count += write(b, n)
			}
			b.ReportMetric(float64(count)/time.Since(start).Seconds(), "tokens/s")
		})
	}
}
