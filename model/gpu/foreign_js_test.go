//go:build js && wasm

package gpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"clexlab/clex"
	"clexlab/model"
)

// foreign are the shapes of models that others have trained.
var foreign = []shape{
	{"SmolLM2-135M", model.Config{Architecture: model.LLaMA, Vocab: 49152, Dim: 576, HiddenDim: 1536, Layers: 30, Heads: 9, KVHeads: 3, NormEps: 1e-5, TiedHead: true,
		Rotary: clex.Rotary{HeadDim: 64, Dims: 64, Base: 1e5, Window: 2048}}, noBias, true},
	{"Qwen3-0.6B", model.Config{Architecture: model.LLaMA, Vocab: 151936, Dim: 1024, HiddenDim: 3072, Layers: 28, Heads: 16, KVHeads: 8, NormEps: 1e-6, TiedHead: true, HeadNorm: true,
		Rotary: clex.Rotary{HeadDim: 128, Dims: 128, Base: 1e6, Window: 40960}}, noBias, true},
}

// randomInt8 draws int8 weights for a shape with a tied head, without biases: the speed is that of any others, and
// they are never in float32, which would take four times the memory.
func randomInt8(c model.Config) *model.Weights {
	r := rand.New(rand.NewPCG(11, 11))
	noise := make([]int8, 1<<20)
	for i := range noise {
		noise[i] = int8(r.Uint32())
	}
	matrix := func(rows, cols int) model.Matrix {
		m := model.Matrix{Rows: rows, Cols: cols, I8: make([]int8, rows*cols)}
		for rest := m.I8; len(rest) > 0; { // stretches of the same noise: a draw for each would take half a minute
			rest = rest[copy(rest, noise[r.IntN(len(noise)/2):]):]
		}
		// Uniform numbers of 8 bits have a standard deviation of 256/√12; those of a row's products shall have 1.
		m.Scale = slices.Repeat([]float32{float32(math.Sqrt(12/float64(cols)) / 256)}, rows)
		return m
	}
	linear := func(rows, cols int) model.Linear { return model.Linear{Matrix: matrix(rows, cols)} }
	norm := func(n int) model.Norm { return model.Norm{Weight: slices.Repeat([]float32{1}, n)} }
	d := c.Rotary.HeadDim
	w := &model.Weights{Embedding: matrix(c.Vocab, c.Dim), FinalNorm: norm(c.Dim)}
	for range c.Layers {
		l := model.Layer{
			AttentionNorm: norm(c.Dim), MLPNorm: norm(c.Dim),
			Q: linear(c.Heads*d, c.Dim), K: linear(c.KVHeads*d, c.Dim), V: linear(c.KVHeads*d, c.Dim), O: linear(c.Dim, c.Heads*d),
			Gate: linear(c.HiddenDim, c.Dim), Up: linear(c.HiddenDim, c.Dim), Down: linear(c.Dim, c.HiddenDim),
		}
		if c.HeadNorm {
			l.QNorm, l.KNorm = norm(d), norm(d)
		}
		w.Layers = append(w.Layers, l)
	}
	return w
}

// BenchmarkForeign measures the device on random weights of the shapes that others have trained. On an adapter that is only
// software it takes CLEXLAB_SLOW, the number of layers that are left of a model, and is left out without it.
func BenchmarkForeign(b *testing.B) {
	for _, s := range foreign {
		b.Run(s.name, func(b *testing.B) { benchmarkForeign(b, s) })
	}
}

func benchmarkForeign(b *testing.B, s shape) {
	d := open(b)
	if d.Adapter().Software {
		layers, err := strconv.Atoi(os.Getenv("CLEXLAB_SLOW"))
		if err != nil || layers < 1 {
			b.Skip("a software adapter takes minutes; CLEXLAB_SLOW=2 measures two layers")
		}
		s.cfg.Layers = min(s.cfg.Layers, layers)
	}
	// How often a prompt is read and how many tokens are written in one measurement.
	const reads, written, most = 4, 64, 1024
	start := time.Now()
	w := randomInt8(s.cfg)
	made := time.Now()
	m, err := New(b.Context(), d, s.cfg, w)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Free(m.buffers...)
	x, err := m.NewSequence(b.Context(), most)
	if err != nil {
		b.Fatal(err)
	}
	defer x.Free()
	b.Logf("%d parameters in %d layers: weights made in %.1f s, on %s in %.1f s, %s",
		w.Parameters(s.cfg), s.cfg.Layers, made.Sub(start).Seconds(), d.Adapter().Label(), time.Since(made).Seconds(), m.Report())
	tokens := s.tokens(most)
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
