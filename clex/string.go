package clex

import (
	"fmt"
	"math"
)

// STRING is "shifted rotary position embedding" (An et al. 2024, arXiv 2410.18745,
// section 4): frequencies stay plain, but the largest distances of the window, rarely
// seen in training, are given up. A pair at distance D = L - discarded or more rotates
// at its distance minus D plus a small local window W. It does not depend on t; texts past
// L + D - W tokens meet untrained distances again.
type STRING struct {
	interpolation
	remap Remap
}

// NewSTRING makes the scheme "string" from Discard (1/3 when 0), Local (when 0: 128
// as in the paper, at most an eighth of the window) and LogN.
func NewSTRING(r Rotary, o Options) (*STRING, error) {
	s, err := newSpectrum("string", r, o)
	if err != nil {
		return nil, err
	}
	discard := o.Discard
	if discard == 0 {
		discard = 1.0 / 3
	}
	if !(discard > 0 && discard < 1) {
		return nil, fmt.Errorf("clex: string: discarded share %v of the window: want a number between 0 and 1", discard)
	}
	shift := r.Window - int(math.Round(discard*float64(r.Window)))
	local := o.Local
	if local == 0 {
		local = min(128, r.Window/8)
	}
	if local < 0 || local >= shift {
		return nil, fmt.Errorf("clex: string: local window of %d tokens: want 0 … %d, less than the distance shifted from", local, shift-1)
	}
	return &STRING{interpolation{s, make([]float64, r.Pairs())}, Remap{Shift: shift, Local: local}}, nil
}

// Encode implements Scheme.
func (s *STRING) Encode(dst *Encoding, t float64, length int) error {
	if err := s.encode(dst, t, length); err != nil {
		return err
	}
	remap := s.remap
	dst.Remap = &remap
	return nil
}
