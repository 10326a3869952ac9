//go:build goexperiment.simd

package kernel

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"syscall/js"
	"testing"
	"time"
)

// withoutModule has f compute with the kernels in Go.
func withoutModule(f func()) {
	attached := module.attached
	module.attached = false
	defer func() { module.attached = attached }()
	f()
}

// needModule skips where nobody gave the program its memory.
func needModule(t *testing.T) {
	if js.Global().Get(memoryName).IsUndefined() {
		t.Skip("without its memory the program has no kernel module")
	}
	if err := Module(); err != nil {
		t.Fatal(err)
	}
}

func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s: value %d is %g in the module, %g in Go", what, i, got[i], want[i])
		}
	}
}

var write = flag.Bool("write", false, "write the kernel module anew")

func TestModuleFile(t *testing.T) {
	code := moduleBytes()
	if *write {
		if err := os.WriteFile("module.wasm", code, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(code, moduleCode) {
		t.Error("module.wasm is not what this program writes: run make kernels")
	}
}

// The answers that the module has to give are those of the kernels in Go.
func TestKnownAnswers(t *testing.T) {
	withoutModule(func() {
		for _, a := range answers() {
			if sum := bitSum(a.compute()); sum != a.sum {
				t.Errorf("%s: %#x is written down, Go gives %#x", a.kernel, a.sum, sum)
			}
		}
	})
}

// The module gives the bits of the kernels in Go, which other tests compare with float64.
func TestModuleGivesTheSameBits(t *testing.T) {
	needModule(t)
	r := source(5)
	for _, z := range [][3]int{{1, 1, 1}, {3, 5, 3}, {8, 4, 4}, {48, 192, 7}, {130, 300, 5}, {40, 600, 3}, {576, 192, 9}, {192, 512, 13}} {
		rows, cols, n := z[0], z[1], z[2]
		w, x := randoms(r, rows*cols), randoms(r, n*(cols+1))
		q, scale := make([]int8, rows*cols), make([]float32, rows)
		for i := range rows {
			scale[i] = quantizeRow(q[i*cols:][:cols], w[i*cols:][:cols])
		}
		for name, p := range map[string]*Packed{"float32": Pack(rows, cols, w), "int8": PackInt8(rows, cols, q, scale)} {
			for _, m := range []int{1, n} {
				var ws Workspace
				got, want := make([]float32, m*(rows+2)), make([]float32, m*(rows+2))
				p.Mul(&ws, m, got, rows+2, x, cols+1)
				withoutModule(func() { p.Mul(&ws, m, want, rows+2, x, cols+1) })
				sameBits(t, name, got, want)
			}
		}
	}
}

// All four forms of a product, over several blocks of each, and with rows and columns that fill no panel.
func TestModuleGivesTheSameBitsOfBlocks(t *testing.T) {
	needModule(t)
	r := source(6)
	for _, z := range [][3]int{{4, 8, 128}, {6, 40, 393}, {3, 17, 100}, {64, 256, 48}, {256, 48, 64}, {195, 24, 30}, {9, 1041, 7}, {401, 33, 258}} {
		m, n, k := z[0], z[1], z[2]
		for form := range 8 {
			transA, transB, add := form&1 != 0, form&2 != 0, form&4 != 0
			lda, ldb := k+3, n+5
			if transA {
				lda = m + 3
			}
			if transB {
				ldb = k + 5
			}
			a, b, got := randoms(r, (m+k)*lda), randoms(r, (n+k)*ldb), randoms(r, m*(n+2))
			want := append([]float32(nil), got...)
			var ws Workspace
			GEMM(&ws, transA, transB, m, n, k, a, lda, b, ldb, add, got, n+2)
			withoutModule(func() { GEMM(&ws, transA, transB, m, n, k, a, lda, b, ldb, add, want, n+2) })
			sameBits(t, fmt.Sprintf("GEMM %v %v %v %v", z, transA, transB, add), got, want)
		}
	}
}

func TestModuleAttendsWithTheSameBits(t *testing.T) {
	needModule(t)
	for _, z := range [][3]int{{1, 1, 8}, {1, 300, 48}, {1, 129, 64}, {2, 2, 8}, {7, 130, 48}, {64, 64, 64}, {33, 400, 24}, {128, 640, 48}, {9, 5, 16}, {5, 257, 128}} {
		s := randomSpan(z[0], z[1], z[2], z[0]%3, 9)
		for _, low := range []int{AllBefore, s.High - 1, s.High - 40, s.High - 130} {
			for _, high := range []int{s.High, s.High - 37, 1} {
				if low >= high {
					continue
				}
				part := s.Span
				part.Low, part.High = low, high
				attend := func() []float32 {
					var a Attention
					a.Begin(s.Rows, s.Dim)
					a.Over(part)
					a.Over(s.Span)
					out := make([]float32, s.Rows*s.Dim+s.Rows)
					a.Finish(out, s.Dim, out[s.Rows*s.Dim:])
					return out
				}
				got := attend()
				withoutModule(func() { sameBits(t, "attention", got, attend()) })
			}
		}
	}
}

// BenchmarkModule has the module and the kernels in Go take turns.
func BenchmarkModule(b *testing.B) {
	if Module() != nil {
		b.Skip(Module())
	}
	for _, z := range shapes[:5] {
		r := source(1)
		const n = 256
		w, x, y := randoms(r, z.rows*z.cols), randoms(r, n*z.cols), make([]float32, n*z.rows)
		q, scale := make([]int8, len(w)), make([]float32, z.rows)
		for i := range z.rows {
			scale[i] = quantizeRow(q[i*z.cols:][:z.cols], w[i*z.cols:][:z.cols])
		}
		var ws Workspace
		for name, p := range map[string]*Packed{"float32": Pack(z.rows, z.cols, w), "int8": PackInt8(z.rows, z.cols, q, scale)} {
			for _, m := range []int{1, n} {
				f := func() { p.Mul(&ws, m, y, z.rows, x, z.cols) }
				inTurns(b, fmt.Sprintf("%s/%s/rows%d", z.name, name, m), 2*float64(m*len(w)), f)
			}
		}
	}
	for _, keys := range []int{256, 1024, 4096} {
		for _, rows := range []int{1, 128} {
			s := randomSpan(rows, keys, 48, 0, 1)
			var a Attention
			out := make([]float32, rows*48)
			inTurns(b, fmt.Sprintf("attention/keys%d/rows%d", keys, rows), 4*48*float64(rows)*(float64(keys)-float64(rows-1)/2), func() {
				a.Begin(rows, 48)
				a.Over(s.Span)
				a.Finish(out, 48, nil)
			})
		}
	}
}

// inTurns reports the speed of the quickest turn of each; a turn takes some milliseconds, as a page's clock is coarse.
func inTurns(b *testing.B, name string, flops float64, f func()) {
	b.Run(name, func(b *testing.B) {
		f()
		times := int(max(1, 1e8/flops))
		best := [2]time.Duration{math.MaxInt64, math.MaxInt64}
		turn := func(i int) {
			start := time.Now()
			for range times {
				f()
			}
			best[i] = min(best[i], time.Since(start))
		}
		for range 20 * b.N {
			turn(0)
			withoutModule(func() { turn(1) })
		}
		speed := func(i int) float64 { return flops * float64(times) / best[i].Seconds() / 1e9 }
		b.ReportMetric(speed(0), "GFLOP/s")
		b.ReportMetric(speed(1), "GFLOP/s-in-Go")
	})
}
