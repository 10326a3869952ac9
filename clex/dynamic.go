package clex

import (
	"fmt"
	"math"
)

// DynamicNTK is NTK-aware scaling whose base follows the text (emozilla 2023; "dynamic"
// in Hugging Face transformers): for a text of n > L tokens the base is
// b·(s·n/L - (s-1))^(d/(d-2)), and b before, with a factor s of its own beside the length. It
// reads the length and not t; where the length is unknown, n = t·L. With s = 1 it would be
// [NTK] at t = n/L, without anything dynamic about it; with s = 2, the default as in
// transformers' examples, it is [CLEX] before training at that t.
type DynamicNTK struct {
	spectrum
	factor float64
}

const defaultGrowth = 2

// NewDynamicNTK makes the scheme "dynamic" from Factor (2 when 0) and LogN.
func NewDynamicNTK(r Rotary, o Options) (*DynamicNTK, error) {
	s, err := newSpectrum("dynamic", r, o)
	if err != nil {
		return nil, err
	}
	factor := o.Factor
	if factor == 0 {
		factor = defaultGrowth
	}
	if !(factor >= 1) || math.IsInf(factor, 0) {
		return nil, fmt.Errorf("clex: dynamic: factor %v: want a finite number, at least 1", factor)
	}
	return &DynamicNTK{s, factor}, nil
}

// Encode implements Scheme.
func (n *DynamicNTK) Encode(dst *Encoding, t float64, length int) error {
	if err := n.begin(dst, t, length); err != nil {
		return err
	}
	grown := t
	if length > 0 {
		grown = max(1, float64(length)/float64(n.rotary.Window))
	}
	n.stretch(dst, n.factor*grown-(n.factor-1))
	return n.finish(dst, t)
}

// UsesLength implements Scheme.
func (n *DynamicNTK) UsesLength() bool { return true }

// Field implements Scheme for a text of t·L tokens: dz_i/dt = -(2i/(d-2))·α'(t)/α(t).
func (n *DynamicNTK) Field() VectorField { return newStretchField(n.rotary.Dims, n.factor) }
