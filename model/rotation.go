package model

import (
	"fmt"
	"math"
	"slices"

	"clexlab/clex"
	"clexlab/model/kernel"
)

// rotation is the position encoding in force for one sequence: a private copy
// of the encoding and the sines and cosines of the positions read so far.
type rotation struct {
	encoding clex.Encoding
	remap    clex.Remap
	// cos and sin have one row of len(InvFreq) values per position, without the attention factor;
	// rows [0, filled) are valid.
	cos, sin []float32
	filled   int
}

// CheckEncoding reports what in e a model with this rotary geometry cannot use.
func CheckEncoding(e *clex.Encoding, r clex.Rotary) error {
	if e == nil {
		return fmt.Errorf("model: the encoding is nil")
	}
	if len(e.InvFreq) != r.Dims/2 {
		return fmt.Errorf("model: the encoding has %d inverse frequencies, the model rotates %d pairs", len(e.InvFreq), r.Dims/2)
	}
	for i, f := range e.InvFreq {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("model: inverse frequency %d of the encoding is %v", i, f)
		}
	}
	if !(e.AttentionFactor > 0) || math.IsInf(e.AttentionFactor, 0) {
		return fmt.Errorf("model: the attention factor of the encoding is %v, want a finite number above 0", e.AttentionFactor)
	}
	if e.LogN < 0 || e.LogN == 1 {
		return fmt.Errorf("model: LogN of the encoding is %d, want 0 or a window of at least 2", e.LogN)
	}
	if m := e.Remap; m != nil && (m.Local < 0 || m.Local >= m.Shift) {
		return fmt.Errorf("model: the remap of the encoding has Local %d and Shift %d, want 0 <= Local < Shift", m.Local, m.Shift)
	}
	return nil
}

// EqualEncodings reports whether a and b make the same attention.
func EqualEncodings(a, b *clex.Encoding) bool {
	same := a.AttentionFactor == b.AttentionFactor && a.LogN == b.LogN && (a.Remap == nil) == (b.Remap == nil)
	return same && (b.Remap == nil || *b.Remap == *a.Remap) && slices.Equal(a.InvFreq, b.InvFreq)
}

// set copies e and reports whether rotated keys are still those of e.
func (r *rotation) set(e *clex.Encoding) (sameKeys bool) {
	sameKeys = r.encoding.AttentionFactor == e.AttentionFactor && slices.Equal(r.encoding.InvFreq, e.InvFreq)
	r.encoding.InvFreq = append(r.encoding.InvFreq[:0], e.InvFreq...)
	r.encoding.AttentionFactor, r.encoding.LogN, r.encoding.Remap = e.AttentionFactor, e.LogN, nil
	if e.Remap != nil {
		r.remap = *e.Remap
		r.encoding.Remap = &r.remap
	}
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
// scale 1/√HeadDim and log-n scaling, max(1, ln n / ln L) for a query that sees n keys.
func (r *rotation) queryFactor(position, headDim int) float32 {
	f := 1 / math.Sqrt(float64(headDim))
	if r.encoding.LogN > 0 {
		f *= max(1, math.Log(float64(position+1))/math.Log(float64(r.encoding.LogN)))
	}
	return float32(f)
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
