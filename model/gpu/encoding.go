package gpu

import (
	"math"

	"clexlab/clex"
)

// noShift is a distance that no pair reaches.
const noShift = math.MaxUint32

// encodingWords is the size of the uniform.
const encodingWords = 8 + 4*mostPairs

// packEncoding turns an encoding into the uniform that every kernel sees: 8
// words, then 4 for each rotary pair. It is all that travels when t changes.
func packEncoding(dst []uint32, e *clex.Encoding, headDim int) []uint32 {
	var logN float32
	if e.LogN > 1 {
		logN = float32(1 / math.Log(float64(e.LogN)))
	}
	shift, local := uint32(noShift), uint32(0)
	if e.Remap != nil {
		shift, local = uint32(e.Remap.Shift), uint32(e.Remap.Local)
	}
	dst = append(dst[:0], math.Float32bits(float32(e.AttentionFactor)), math.Float32bits(logN), shift, local,
		uint32(len(e.InvFreq)), math.Float32bits(float32(1/math.Sqrt(float64(headDim)))), 0, 0)
	for _, theta := range e.InvFreq {
		high, low := Turns(theta)
		dst = append(dst, high, low, 0, 0)
	}
	return dst
}

// Turns is an angular frequency in radians per token as a fraction of a turn in
// 64 bits. Whole turns do not matter, so the product with a position may overflow and stays exact.
func Turns(theta float64) (high, low uint32) {
	t := theta / (2 * math.Pi)
	t = math.Ldexp(t-math.Floor(t), 32)
	whole := math.Floor(t)
	return uint32(uint64(whole)), uint32(uint64(math.Ldexp(t-whole, 32)))
}
