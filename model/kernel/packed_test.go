package kernel

import (
	"fmt"
	"math"
	"sync/atomic"
	"testing"
)

func checkPacked(t *testing.T, tile tiling, rows, cols, n, pad int, seed uint64) {
	t.Helper()
	r := source(seed)
	w := randoms(r, rows*cols)
	q, scale, exact := make([]int8, rows*cols), make([]float32, rows), make([]float32, rows*cols)
	for i := range rows {
		scale[i] = quantizeRow(q[i*cols:(i+1)*cols], w[i*cols:(i+1)*cols])
		for j := range cols {
			at := i*cols + j
			exact[at] = scale[i] * float32(q[at])
			if math.Abs(float64(exact[at]-w[at])) > 0.501*float64(scale[i]) {
				t.Fatalf("quantised weight %g is %g at scale %g", w[at], exact[at], scale[i])
			}
		}
	}
	ldx, ldy := cols+pad, rows+pad
	x := randoms(r, n*ldx)
	for name, c := range map[string]struct {
		p *Packed
		w []float32
	}{"float32": {packFor(tile, rows, cols, w), w}, "int8": {packInt8For(tile, rows, cols, q, scale), exact}} {
		var ws Workspace
		y := make([]float32, n*ldy)
		for i := range y {
			y[i] = 42
		}
		c.p.Mul(&ws, n, y, ldy, x, ldx)
		weights := make([]float64, rows)
		for j := range weights {
			for _, v := range c.w[j*cols:][:cols] {
				weights[j] += math.Abs(float64(v))
			}
		}
		one := make([]float32, rows)
		for i := range n {
			c.p.Mul(&ws, 1, one, rows, x[i*ldx:], ldx)
			peak := 0.0
			for _, v := range x[i*ldx:][:cols] {
				peak = max(peak, math.Abs(float64(v)))
			}
			for j := range ldy {
				got := y[i*ldy+j]
				if j >= rows {
					if got != 42 {
						t.Fatalf("%s %dx%d wrote past row %d", name, rows, cols, i)
					}
					continue
				}
				if got != one[j] {
					t.Fatalf("%s %dx%d: output %d of row %d is %g among %d rows and %g alone", name, rows, cols, j, i, got, n, one[j])
				}
				want, size := naiveGEMM(false, true, n, rows, cols, x, ldx, c.w, cols, i, j)
				allowed := 1e-6 * (size + 1)
				if name == "int8" {
					// Each activation is moved by half a step at most.
					allowed += weights[j] * peak / 32767 / 2
				}
				near(t, fmt.Sprintf("%s %dx%d row %d output %d", name, rows, cols, i, j), got, want, 1, allowed)
			}
		}
	}
}

func TestPacked(t *testing.T) {
	for _, z := range [][3]int{{1, 1, 1}, {3, 5, 2}, {64, 48, 1}, {65, 47, 5}, {48, 192, 7}, {130, 300, 4}, {40, 600, 3}, {100, 385, 150}, {576, 192, 9}, {192, 512, 3}} {
		for _, tile := range []tiling{currentTiling(), scalarTiling} {
			checkPacked(t, tile, z[0], z[1], z[2], z[0]%3, uint64(z[1]))
		}
	}
}

func FuzzPacked(f *testing.F) {
	f.Add(uint16(66), uint16(130), uint8(5), uint8(1), uint64(2))
	f.Fuzz(func(t *testing.T, rows, cols uint16, n, pad uint8, seed uint64) {
		z := fuzzedSizes(seed, [3]int{int(rows), int(cols), int(n)}, [3]int{300, 700, 100})
		checkPacked(t, currentTiling(), z[0], z[1], z[2], int(pad%5), seed)
	})
}

func TestFor(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 1000} {
		seen := make([]atomic.Int32, n)
		For(n, func(i int) {
			For(3, func(j int) { seen[i].Add(1) })
		})
		for i := range seen {
			if seen[i].Load() != 3 {
				t.Fatalf("For(%d): index %d ran %d of 3 times", n, i, seen[i].Load())
			}
		}
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	r := source(1)
	const rows, cols = 70, 100
	p := Pack(rows, cols, randoms(r, rows*cols))
	x, y, c := randoms(r, 8*cols), make([]float32, 8*rows), make([]float32, 64)
	w := randoms(r, rows*cols)
	var ws Workspace
	for name, f := range map[string]func(){
		"GEMM":               func() { GEMM(&ws, false, true, 8, rows, cols, x, cols, w, cols, false, y, rows) },
		"Packed.Mul row":     func() { p.Mul(&ws, 1, y, rows, x, cols) },
		"Packed.Mul rows":    func() { p.Mul(&ws, 8, y, rows, x, cols) },
		"Softmax and vector": func() { SoftmaxRow(y); Exp(c, c); RMSNorm(c, c, c, 1e-5); GELU(c, c) },
	} {
		f()
		if a := testing.AllocsPerRun(20, f); a != 0 {
			t.Errorf("%s allocates %v times a call", name, a)
		}
	}
}

// quantizeRow rounds a row to int8 with one scale.
func quantizeRow(q []int8, w []float32) (scale float32) {
	for _, v := range w {
		scale = max(scale, v/127, -v/127)
	}
	for i, v := range w {
		q[i] = int8(math.RoundToEven(float64(v) / max(float64(scale), math.SmallestNonzeroFloat32)))
	}
	return scale
}
