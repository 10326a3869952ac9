//go:build goexperiment.simd

package kernel

import (
	"fmt"
	"math"
)

// answer is what a kernel has to compute from fixed numbers.
type answer struct {
	kernel  string
	compute func() []float32
	// sum is that of the bits that the kernels in Go give, which the tests compute.
	sum uint64
}

// knownAnswers has the module compute what is known.
func knownAnswers() error {
	for _, a := range answers() {
		if got := bitSum(a.compute()); got != a.sum {
			return fmt.Errorf("the kernel module's %s give other values than Go's: %#x for %#x", a.kernel, got, a.sum)
		}
	}
	return nil
}

func answers() []answer {
	const rows, inputs, outputs, dim, keys = 6, 393, 40, 24, 150
	x, w := fixedValues(rows*inputs, 1), fixedValues(outputs*inputs, 2)
	q := make([]int8, len(w))
	for i := range q {
		q[i] = int8(127 * w[i])
	}
	k := NewKeys(keys, dim)
	k.Set(0, fixedValues(keys*dim, 3))
	var ws Workspace
	var over Attention
	products := func(p *Packed, n int) func() []float32 {
		return func() []float32 {
			y := make([]float32, n*outputs)
			p.Mul(&ws, n, y, outputs, x, inputs)
			return y
		}
	}
	attention := func(n int) func() []float32 {
		return func() []float32 {
			over.Begin(n, dim)
			over.Over(Span{Q: x, StrideQ: dim, K: &k, V: w, StrideV: dim, Rows: n, Keys: keys, Dim: dim, Low: AllBefore, High: keys - n + 1})
			y := make([]float32, n*dim)
			over.Finish(y, dim, nil)
			return y
		}
	}
	floats, ints := Pack(outputs, inputs, w), PackInt8(outputs, inputs, q, fixedValues(outputs, 4))
	return []answer{
		{"products with a row", products(floats, 1), 0x371a98872fce94f1},
		{"products with rows", products(floats, rows), 0x435e421070fea52f},
		{"products of integers with a row", products(ints, 1), 0xe60695af1b27d3df},
		{"products of integers with rows", products(ints, rows), 0x9105ec5ac1e9612b},
		{"blocks", func() []float32 {
			y := make([]float32, rows*rows)
			GEMM(&ws, false, true, rows, rows, inputs, x, inputs, x, inputs, false, y, rows)
			return y
		}, 0xc8eff6723ac0c93f},
		{"attention of a row", attention(1), 0x5f3b3182fa7a5d79},
		{"attention of rows", attention(rows), 0x5397dea57a576a6d},
	}
}

// fixedValues are n numbers between -1 and 1, the same everywhere.
func fixedValues(n int, seed uint32) []float32 {
	x := make([]float32, n)
	for i := range x {
		seed = 1664525*seed + 1013904223
		x[i] = float32(int32(seed)>>8) / (1 << 23)
	}
	return x
}

// bitSum is the FNV-1a sum of the values' bits, 32 at a time.
func bitSum(x []float32) uint64 {
	sum := uint64(14695981039346656037)
	for _, v := range x {
		sum = (sum ^ uint64(math.Float32bits(v))) * 1099511628211
	}
	return sum
}
