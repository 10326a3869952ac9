package clex

import (
	"fmt"
	"math"
)

// Pairing says which two components of a head rotate together.
type Pairing uint8

const (
	// HalfSplit pairs component i with i+d/2 (LLaMA and GPT-NeoX, "rotate_half").
	HalfSplit Pairing = iota
	// Interleaved pairs component 2i with 2i+1 (GPT-J, the RoFormer paper).
	Interleaved
)

// String returns "half-split" or "interleaved".
func (p Pairing) String() string {
	switch p {
	case HalfSplit:
		return "half-split"
	case Interleaved:
		return "interleaved"
	}
	return fmt.Sprintf("Pairing(%d)", uint8(p))
}

// Rotary is the geometry of a model's rotary position embedding: everything
// a scheme has to know of the model.
type Rotary struct {
	// HeadDim is the size of one attention head.
	HeadDim int
	// Dims is how many leading components of a head rotate: even, 2 … HeadDim.
	// GPT-NeoX rotates a part ("partial rotary"), LLaMA all.
	Dims int
	// Base is the rotary base b (rope_theta), > 1.
	Base float64
	// Window is the trained length L in tokens.
	Window int
	// Pairing is how components are paired.
	Pairing Pairing
}

const (
	maxHeadDim = 1 << 16
	maxTokens  = 1 << 40
)

// Validate returns an error that names the first field no rotary embedding
// can have: a head of impossible size, a rotated part of odd or impossible size, a base that
// is not a finite number above 1, a window without tokens, an unknown pairing.
func (r Rotary) Validate() error {
	switch {
	case r.HeadDim < 2 || r.HeadDim > maxHeadDim:
		return fmt.Errorf("clex: head size %d: want 2 … %d", r.HeadDim, maxHeadDim)
	case r.Dims < 2 || r.Dims%2 != 0 || r.Dims > r.HeadDim:
		return fmt.Errorf("clex: %d rotated dimensions: want an even number, 2 … %d (the head size)", r.Dims, r.HeadDim)
	case !(r.Base > 1) || math.IsInf(r.Base, 0):
		return fmt.Errorf("clex: rotary base %v: want a finite number above 1", r.Base)
	case r.Window < 1 || int64(r.Window) > maxTokens:
		return fmt.Errorf("clex: trained window of %d tokens: want at least 1", r.Window)
	case r.Pairing > Interleaved:
		return fmt.Errorf("clex: rotary pairing %d: want %d (half-split) or %d (interleaved)", r.Pairing, HalfSplit, Interleaved)
	}
	return nil
}

// Pairs is the number of rotating pairs, d/2: the length of every vector of frequencies.
func (r Rotary) Pairs() int { return r.Dims / 2 }

// InvFreq fills dst (length Pairs) with the plain inverse frequencies
// θ_i = b^(-2i/d) in radians per token (Su et al. 2021, RoFormer, section 3.2.2).
func (r Rotary) InvFreq(dst []float64) {
	for i := range dst[:r.Pairs()] {
		dst[i] = math.Pow(r.Base, -float64(2*i)/float64(r.Dims))
	}
}

// LogFreq fills dst (length Pairs) with log θ_i = -(2i/d)·ln b: where every
// trajectory starts at t = 1.
func (r Rotary) LogFreq(dst []float64) {
	lnBase := math.Log(r.Base)
	for i := range dst[:r.Pairs()] {
		dst[i] = -float64(2*i) / float64(r.Dims) * lnBase
	}
}

// Plain is the encoding of plain RoPE, in force where no scheme is.
func (r Rotary) Plain() Encoding {
	e := Encoding{InvFreq: make([]float64, r.Pairs()), AttentionFactor: 1}
	r.InvFreq(e.InvFreq)
	return e
}

// Rotate rotates the leading Dims components of one head x (length HeadDim) to
// position, in float64: the reference for every faster kernel. Components past
// Dims stay as they are. invFreq has length Pairs; factor multiplies what rotates.
func (r Rotary) Rotate(x []float64, position float64, invFreq []float64, factor float64) {
	pairs := r.Pairs()
	for i, theta := range invFreq[:pairs] {
		a, b := i, i+pairs
		if r.Pairing == Interleaved {
			a, b = 2*i, 2*i+1
		}
		sin, cos := math.Sincos(position * theta)
		x[a], x[b] = factor*(x[a]*cos-x[b]*sin), factor*(x[b]*cos+x[a]*sin)
	}
}
