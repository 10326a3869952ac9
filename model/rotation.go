package model

import (
	"math"

	"clexlab/clex"
	"clexlab/model/kernel"
)

// rotation is the position encoding in force for one sequence: a private copy
// of the encoding and the sines and cosines of the positions read so far.
type rotation struct {
	encoding clex.Encoding
	// cos and sin have one row of len(InvFreq) values per position, without the attention factor;
	// rows [0, filled) are valid.
	cos, sin []float32
	filled   int
}

// set copies e and reports whether rotated keys are still those of e.
func (r *rotation) set(e *clex.Encoding) (sameKeys bool) {
	sameKeys = r.encoding.RotatesKeysLike(e)
	r.encoding.CopyFrom(e)
	if !sameKeys {
		r.filled = 0
	}
	return sameKeys
}

// anchorEvery is after how many positions angles start from an exact sine and
// cosine again. Between anchors the pair is turned by θ in float64, which is
// many times cheaper than math.Sincos and off by less than 64 roundings of 2⁻⁵³.
const anchorEvery = 64

// fill makes rows [0, n) valid.
func (r *rotation) fill(n int) {
	half := len(r.encoding.InvFreq)
	for i, theta := range r.encoding.InvFreq {
		stepSin, stepCos := math.Sincos(theta)
		// An anchor may lie before the first missing row: a row's value must not
		// depend on how many rows were filled at once.
		var sin, cos float64
		for p := r.filled / anchorEvery * anchorEvery; p < n; p++ {
			if p%anchorEvery == 0 {
				sin, cos = math.Sincos(float64(p) * theta)
			}
			r.sin[p*half+i], r.cos[p*half+i] = float32(sin), float32(cos)
			sin, cos = sin*stepCos+cos*stepSin, cos*stepCos-sin*stepSin
		}
	}
	r.filled = max(r.filled, n)
}

// queryFactor is what multiplies the whole query at a position: the softmax
// scale 1/√HeadDim and log-n scaling.
func (r *rotation) queryFactor(position, headDim int) float32 {
	return float32(r.encoding.QueryScale(position+1) / math.Sqrt(float64(headDim)))
}

// rotate writes the head src, rotated to a position and multiplied, to dst:
// rotated components by AttentionFactor·factor, the rest by factor.
func (r *rotation) rotate(dst, src []float32, position int, factor float32) {
	half := len(r.encoding.InvFreq)
	kernel.RotaryTo(dst, src, r.cos[position*half:(position+1)*half], r.sin[position*half:(position+1)*half])
	if factor != 1 {
		kernel.Scale(factor, dst)
	}
	if r.encoding.AttentionFactor != 1 {
		kernel.Scale(float32(r.encoding.AttentionFactor), dst[:2*half])
	}
}
