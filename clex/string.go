package clex

import (
	"fmt"
	"math"
)

// STRING is "shifted rotary position embedding" (An et al. 2024, arXiv 2410.18745, section 4, and the
// authors' code): frequencies stay plain, but the S largest distances of the window, rarely seen in
// training, are given up. A pair at distance d >= S rotates at d - S + W, W a small local window that
// keeps shifted pairs from looking like neighbours. As the map of attention gets
// flatter, cos and sin are multiplied by the attention factor 0.1·ln 2 + 1, which stands in the code
// (replace_with_string of its LLaMA and Qwen forms) and not in the paper. Nothing of it depends
// on t; texts past L + S - W tokens meet untrained distances again.
type STRING struct {
	interpolation
	remap Remap
}

// stringAttentionFactor is YaRN's rule at t = 2, whatever the length.
var stringAttentionFactor = yarnAttentionFactor(2)

// NewSTRING makes the scheme "string" from Discard (S = L/3 when 0), Local (W; when 0: 128
// as in the code, at most an eighth of the window) and LogN.
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
	shift := int(math.Round(discard * float64(r.Window)))
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
	dst.AttentionFactor, dst.Remap = stringAttentionFactor, &remap
	return nil
}
