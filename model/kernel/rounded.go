package kernel

import (
	"fmt"
	"math"
)

// Rounded are rows of numbers in 16 bits. Each row is rounded by the power of two that its largest value fits,
// so that a value moves by at most 2⁻¹⁵ of that, and what was read and is rounded again keeps every bit.
type Rounded struct {
	dim, rows int
	w         []int16 // rows×dim
	scale     []float32
}

// NewRounded makes room for rows of dim numbers, all zero.
func NewRounded(rows, dim int) Rounded {
	return Rounded{dim: dim, rows: rows, w: make([]int16, rows*dim), scale: make([]float32, rows)}
}

// Set writes one row.
func (r *Rounded) Set(row int, x []float32) {
	checkRows(row, 1, r.rows, len(x), r.dim)
	r.scale[row] = roundToPower(r.w[row*r.dim:][:r.dim], x)
}

// Read writes rows from row on to dst, which holds a whole number of them.
func (r *Rounded) Read(dst []float32, row int) {
	n := len(dst) / r.dim
	checkRows(row, n, r.rows, len(dst), r.dim)
	for i := range n {
		widenRow(dst[i*r.dim:][:r.dim], r.w[(row+i)*r.dim:], r.scale[row+i])
	}
}

func checkRows(from, n, rows, values, dim int) {
	if from < 0 || from+n > rows || n*dim != values {
		panic(fmt.Sprintf("kernel: %d values as %d rows of %d from row %d, of %d", values, n, dim, from, rows))
	}
}

// roundToPower rounds x to int16 and returns what they are to be multiplied with: a power of two, NaN where
// a value of x is not finite.
func roundToPower(dst []int16, x []float32) (scale float32) {
	peak := peakBits(x)
	if peak < int32(math.Float32bits(smallestPeak)) || peak >= 0x7f800000 {
		return roundRow(dst, x)
	}
	// What would round to 2¹⁵ takes the next power.
	exponent := (peak+1<<8)>>23 - 14
	roundTo(dst, x, math.Float32frombits(uint32((254-exponent)<<23)))
	return math.Float32frombits(uint32(exponent << 23))
}

// largestNorm is the largest Euclidean norm of a vector that roundByNorm leaves: a product of two is under 2³¹ by
// the inequality of Cauchy and Schwarz, each half unit of rounding included, and so is every part of it.
const largestNorm = 46000

// roundByNorm rounds x to int16 for exact products of two such vectors and returns what they are to be multiplied with.
// It is NaN where a value of x is not finite.
func roundByNorm(dst []int16, x []float32) (scale float32) {
	bits := peakBits(x)
	if bits < int32(math.Float32bits(smallestPeak)) || bits >= 0x7f800000 {
		return roundRow(dst, x)
	}
	peak := math.Float32frombits(uint32(bits))
	norm := peak * float32(math.Sqrt(float64(len(x))))
	if peak > 1e-15 && peak < 1e15 { // others' squares may leave the range of float32
		norm = float32(math.Sqrt(float64(Dot(x, x))))
	}
	scale = max(norm/largestNorm, peak/largestInt16)
	roundTo(dst, x, 1/scale)
	return scale
}

// roundTo rounds inverse·x.
func roundTo(dst []int16, x []float32, inverse float32) {
	if vectorised {
		roundVec(dst[:len(x)], x, inverse)
	} else {
		roundScalar(dst[:len(x)], x, inverse)
	}
}

// widenRow writes scale times each number of w to dst.
func widenRow(dst []float32, w []int16, scale float32) {
	if vectorised {
		widenVec(dst, w[:len(dst)], scale)
		return
	}
	for i, v := range w[:len(dst)] {
		dst[i] = scale * float32(v)
	}
}
