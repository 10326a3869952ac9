package kernel

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// BenchmarkTrained times the products of training, of 512 rows: forwards, the gradient of the inputs and that of the weights;
// of attention a block of 64 queries with 256 keys. The quickest of 20 turns counts.
func BenchmarkTrained(b *testing.B) {
	const rows = 512
	for _, z := range shapes[:4] {
		r := source(1)
		w, dw, x, y := randoms(r, z.rows*z.cols), make([]float32, z.rows*z.cols), randoms(r, rows*z.cols), randoms(r, rows*z.rows)
		var ws Workspace
		for _, c := range []struct {
			name string
			f    func()
		}{
			{"forward", func() { GEMM(&ws, false, true, rows, z.rows, z.cols, x, z.cols, w, z.cols, false, y, z.rows) }},
			{"inputs", func() { GEMM(&ws, false, false, rows, z.cols, z.rows, y, z.rows, w, z.cols, false, x, z.cols) }},
			{"weights", func() { GEMM(&ws, true, false, z.rows, z.cols, rows, y, z.rows, x, z.cols, true, dw, z.cols) }},
		} {
			quickest(b, fmt.Sprintf("%s/%s", z.name, c.name), 2*rows*float64(len(w)), c.f)
		}
	}
	const queries, keys, dim, width = 64, 256, 48, 576
	r := source(2)
	q, k, p := randoms(r, keys*width), randoms(r, keys*width), randoms(r, queries*keys)
	var ws Workspace
	flops := 2. * queries * keys * dim
	quickest(b, "scores", flops, func() { GEMM(&ws, false, true, queries, keys, dim, q, width, k, width, false, p, keys) })
	quickest(b, "mixed", flops, func() { GEMM(&ws, false, false, queries, dim, keys, p, keys, k, width, false, q, width) })
	quickest(b, "keys", flops, func() { GEMM(&ws, true, false, keys, dim, queries, p, keys, q, width, true, k, width) })
}

func quickest(b *testing.B, name string, flops float64, f func()) {
	b.Run(name, func(b *testing.B) {
		f()
		times := int(max(1, 1e8/flops))
		best := time.Duration(math.MaxInt64)
		for range 20 * b.N {
			start := time.Now()
			for range times {
				f()
			}
			best = min(best, time.Since(start))
		}
		b.ReportMetric(flops*float64(times)/best.Seconds()/1e9, "GFLOP/s")
	})
}
