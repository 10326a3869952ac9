package clex

import (
	"fmt"
	"math"
)

// Listed are frequencies that somebody chose pair by pair and wrote down: LongRoPE's (Ding et al. 2024,
// arXiv 2402.13753) as checkpoints hold them, one list for texts within the trained window and one for longer ones.
type Listed struct {
	interpolation
	short, long []float64
	attention   float64
}

// NewListed makes the scheme "longrope": frequency i is divided by Short[i] in texts of up to r.Window tokens and by Long[i] in longer
// ones, d/2 positive divisors each; AttentionFactor multiplies queries and keys, 0 for 1. LogN is read too.
func NewListed(r Rotary, o Options) (*Listed, error) {
	s, err := newSpectrum("longrope", r, o)
	if err != nil {
		return nil, err
	}
	if o.Short == nil && o.Long == nil {
		return nil, fmt.Errorf("clex: longrope: no lists of divisors: they come from a model's file")
	}
	for name, list := range map[string][]float64{"short": o.Short, "long": o.Long} {
		if len(list) != r.Pairs() {
			return nil, fmt.Errorf("clex: longrope: the %s list has %d divisors for %d pairs", name, len(list), r.Pairs())
		}
		for i, v := range list {
			if !(v > 0) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("clex: longrope: divisor %d of the %s list is %v: want a finite number above 0", i, name, v)
			}
		}
	}
	attention := o.AttentionFactor
	if attention == 0 {
		attention = 1
	}
	if !(attention > 0) || math.IsInf(attention, 0) {
		return nil, fmt.Errorf("clex: longrope: attention factor %v: want a finite number above 0", attention)
	}
	return &Listed{interpolation{s, make([]float64, r.Pairs())}, o.Short, o.Long, attention}, nil
}

// Encode implements Scheme. Where the length is unknown it is t·L.
func (s *Listed) Encode(dst *Encoding, t float64, length int) error {
	if err := s.begin(dst, t, length); err != nil {
		return err
	}
	list := s.short
	if length > s.rotary.Window || length == 0 && t > 1 {
		list = s.long
	}
	for i, theta := range s.theta {
		dst.InvFreq[i] = theta / list[i]
	}
	dst.AttentionFactor = s.attention
	return s.finish(dst, t)
}

// UsesLength implements Scheme.
func (s *Listed) UsesLength() bool { return true }
