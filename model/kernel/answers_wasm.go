//go:build goexperiment.simd

package kernel

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
)

// answer is what a kernel has to compute from fixed numbers.
type answer struct {
	kernel  string
	compute func() []float32
	// sum is that of the bits that the kernels in Go give, which the tests compute.
	sum uint32
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
	k, v := NewKeys(keys, dim), NewValues(keys, dim)
	k.Set(0, fixedValues(keys*dim, 3))
	for i := range keys {
		v.Set(i, w[i*dim:][:dim])
	}
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
			over.Over(Span{Q: x, StrideQ: dim, K: &k, V: &v, Rows: n, Keys: keys, Dim: dim, Low: AllBefore, High: keys - n + 1})
			y := make([]float32, n*dim)
			over.Finish(y, dim, nil)
			return y
		}
	}
	floats, ints := Pack(outputs, inputs, w), PackInt8(outputs, inputs, q, fixedValues(outputs, 4))
	return []answer{
		{"products with a row", products(floats, 1), 0xfab75288},
		{"products with rows", products(floats, rows), 0x220af370},
		{"products of integers with a row", products(ints, 1), 0x53611769},
		{"products of integers with rows", products(ints, rows), 0x4ed6a15b},
		{"blocks", func() []float32 {
			y := make([]float32, rows*outputs)
			GEMM(&ws, false, true, rows, outputs, inputs, x, inputs, w, inputs, false, y, outputs)
			return y
		}, 0x220af370},
		{"transposed blocks", func() []float32 {
			y := make([]float32, outputs*inputs)
			GEMM(&ws, true, false, outputs, inputs, rows, w, outputs, x, inputs, false, y, inputs)
			return y
		}, 0x456b53b9},
		{"attention of a row", attention(1), 0x298e370d},
		{"attention of rows", attention(rows), 0xb0dd1009},
	}
}

// fixedValues are n numbers between -1 and 1, the same everywhere.
func fixedValues(n int, seed uint64) []float32 {
	x, source := make([]float32, n), rand.NewPCG(seed, 0)
	for i := range x {
		x[i] = float32(int32(source.Uint64()>>32)>>8) / (1 << 23)
	}
	return x
}

// bitSum is the checksum of the values' bits.
func bitSum(x []float32) uint32 {
	var bits []byte
	for _, v := range x {
		bits = binary.LittleEndian.AppendUint32(bits, math.Float32bits(v))
	}
	return crc32.ChecksumIEEE(bits)
}
