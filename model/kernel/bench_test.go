package kernel

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// shapes are the weight matrices (outputs×inputs) of the shipped models of 2
// and 8 million parameters: query-key-value, output, gate-up, down, head.
var shapes = []struct {
	name       string
	rows, cols int
}{
	{"2M/qkv", 576, 192}, {"2M/o", 192, 192}, {"2M/gateup", 1024, 192}, {"2M/down", 192, 512}, {"2M/head", 2048, 192},
	{"8M/qkv", 960, 320}, {"8M/o", 320, 320}, {"8M/gateup", 1728, 320}, {"8M/down", 320, 864}, {"8M/head", 2048, 320},
}

func speed(b *testing.B, flops float64) {
	b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// BenchmarkMatrix multiplies a block of 128 tokens by each weight matrix, one thread.
func BenchmarkMatrix(b *testing.B) {
	const n = 128
	for _, z := range shapes {
		r := source(1)
		w, x, y := randoms(r, z.rows*z.cols), randoms(r, n*z.cols), make([]float32, n*z.rows)
		flops := 2 * n * float64(z.rows) * float64(z.cols)
		q, scale := make([]int8, len(w)), make([]float32, z.rows)
		for i := range z.rows {
			scale[i] = quantizeRow(q[i*z.cols:][:z.cols], w[i*z.cols:][:z.cols])
		}
		var ws Workspace
		p, p8 := Pack(z.rows, z.cols, w), PackInt8(z.rows, z.cols, q, scale)
		for _, c := range []struct {
			name string
			f    func()
		}{
			{"packed", func() { p.block(&ws, n, y, z.rows, x, z.cols) }},
			{"int8", func() { p8.block(&ws, n, y, z.rows, x, z.cols) }},
			{"gemm", func() { GEMM(&ws, false, true, n, z.rows, z.cols, x, z.cols, w, z.cols, false, y, z.rows) }},
			{"scalar", func() { GEMMScalar(&ws, false, true, n, z.rows, z.cols, x, z.cols, w, z.cols, false, y, z.rows) }},
			{"gonum", func() {
				blas32.Gemm(blas.NoTrans, blas.Trans, 1, blas32.General{Rows: n, Cols: z.cols, Stride: z.cols, Data: x},
					blas32.General{Rows: z.rows, Cols: z.cols, Stride: z.cols, Data: w}, 0, blas32.General{Rows: n, Cols: z.rows, Stride: z.rows, Data: y})
			}},
		} {
			b.Run(z.name+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					c.f()
				}
				speed(b, flops)
			})
		}
	}
}

// BenchmarkVector multiplies one token by each weight matrix: what decoding does.
func BenchmarkVector(b *testing.B) {
	for _, z := range shapes {
		r := source(1)
		w, x, y := randoms(r, z.rows*z.cols), randoms(r, z.cols), make([]float32, z.rows)
		q, scale := make([]int8, len(w)), make([]float32, z.rows)
		for i := range z.rows {
			scale[i] = quantizeRow(q[i*z.cols:][:z.cols], w[i*z.cols:][:z.cols])
		}
		var ws Workspace
		p, p8 := Pack(z.rows, z.cols, w), PackInt8(z.rows, z.cols, q, scale)
		for _, c := range []struct {
			name  string
			bytes int
			f     func()
		}{
			{"packed", 4 * len(w), func() { p.Mul(&ws, 1, y, z.rows, x, z.cols) }},
			{"int8", len(w), func() { p8.Mul(&ws, 1, y, z.rows, x, z.cols) }},
			{"scalar", 4 * len(w), func() { ScoresScalar(y, x, w, z.cols) }},
			{"gonum", 4 * len(w), func() {
				blas32.Gemv(blas.NoTrans, 1, blas32.General{Rows: z.rows, Cols: z.cols, Stride: z.cols, Data: w}, blas32.Vector{N: z.cols, Inc: 1, Data: x}, 0, blas32.Vector{N: z.rows, Inc: 1, Data: y})
			}},
			{"read", 4 * len(w), func() { sink += Max(w) }},
		} {
			b.Run(z.name+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(c.bytes))
				for b.Loop() {
					c.f()
				}
				speed(b, 2*float64(len(w)))
			})
		}
	}
}

var sink float32

// BenchmarkAttention is one head: decode is one query over n keys, prefill a
// block of 128 queries that ends at n keys.
func BenchmarkAttention(b *testing.B) {
	for _, d := range []int{48, 64} {
		for _, keys := range []int{256, 1024, 4096} {
			for _, rows := range []int{1, 128} {
				s := randomSpan(rows, keys, d, 0, 1)
				b.Run(fmt.Sprintf("d%d/keys%d/rows%d", d, keys, rows), func(b *testing.B) {
					var a Attention
					out := make([]float32, rows*d)
					b.ReportAllocs()
					for b.Loop() {
						a.Begin(rows, d)
						a.Over(s.Span)
						a.Finish(out, d, nil)
					}
					speed(b, 4*float64(d)*float64(rows)*(float64(keys)-float64(rows-1)/2))
				})
			}
		}
	}
}

func BenchmarkElementwise(b *testing.B) {
	const n = 512
	r := source(1)
	x, y, z := randoms(r, n), randoms(r, n), make([]float32, n)
	cos, sin := make([]float32, n/2), make([]float32, n/2)
	for i := range cos {
		s, c := math.Sincos(float64(i))
		cos[i], sin[i] = float32(c), float32(s)
	}
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"Exp", func() { Exp(z, x) }},
		{"ExpScalar", func() { ExpScalar(z, x) }},
		{"SiLUMul", func() { SiLUMul(z, x, y) }},
		{"SiLUMulScalar", func() { SiLUMulScalar(z, x, y) }},
		{"GELU", func() { GELU(z, x) }},
		{"GELUScalar", func() { GELUScalar(z, x) }},
		{"RMSNorm", func() { RMSNorm(z, x, y, 1e-5) }},
		{"RMSNormScalar", func() { RMSNormScalar(z, x, y, 1e-5) }},
		{"Rotary", func() { Rotary(x, cos, sin) }},
		{"RotaryScalar", func() { RotaryScalar(x, cos, sin) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(4 * n)
			for b.Loop() {
				c.f()
			}
		})
	}
}

// BenchmarkAttentionRow takes the parts of decoding with 1024 keys apart.
func BenchmarkAttentionRow(b *testing.B) {
	s := randomSpan(1, 1024, 48, 0, 1)
	var a Attention
	w := make([]float32, 1024)
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"Scores", func() { a.Scores(s.K, w, s.Q, 0) }},
		{"SoftmaxRow", func() { SoftmaxRow(w) }},
		{"Max", func() { sink += Max(w) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.f()
			}
		})
	}
}
