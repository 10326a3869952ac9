package model

import (
	"context"
	"fmt"
	"math"

	"clexlab/clex"
)

// Extension lets the length scaling factor follow the length of a text, as CLEX
// does at inference (arXiv 2310.16450, section 3.4). One Extension may serve
// several sequences of one geometry, one at a time.
type Extension struct {
	// Scheme turns t into an encoding.
	Scheme clex.Scheme
	// T is the length scaling factor, at least 1, for a text of length tokens.
	T func(length int) float64
	// Reread reads the whole text again whenever t changes, so that all layers
	// are exact. Without it the cached keys are rotated anew and deeper layers keep what earlier
	// encodings made of them, which is what the reference implementation of CLEX does.
	Reread bool

	t        float64
	encoding clex.Encoding
}

// WindowRule is the paper's rule: t grows by 1 at each multiple of the trained
// window, t = ⌈n/L⌉, up to most.
func WindowRule(window int, most float64) func(length int) float64 {
	return func(length int) float64 {
		return max(1, min(most, math.Ceil(float64(length)/float64(window))))
	}
}

// Encoding returns t for a text of length tokens and the encoding that is made of it,
// which the next call may change. It does work only when t changes.
func (x *Extension) Encoding(length int) (t float64, e *clex.Encoding, err error) {
	if x.Scheme == nil || x.T == nil {
		return 0, nil, fmt.Errorf("model: an extension needs a Scheme and T")
	}
	if t = x.T(length); t != x.t {
		x.t = 0
		// A t serves every length up to t·L: methods that look at the length see
		// that one, so an encoding depends on t alone while t stands still.
		served := max(length, int(t*float64(x.Scheme.Rotary().Window)))
		if err := x.Scheme.Encode(&x.encoding, t, served); err != nil {
			return 0, nil, fmt.Errorf("model: t = %v for %d tokens: %w", t, length, err)
		}
		x.t = t
	}
	return t, &x.encoding, nil
}

// Fit puts the encoding for a text of length tokens in force in s and returns
// its t. Call it before Prefill with the length the text will have; Generate
// calls it for each token. It does work only when t changes.
func (x *Extension) Fit(ctx context.Context, s Session, length int) (t float64, err error) {
	t, e, err := x.Encoding(length)
	if err != nil || EqualEncodings(s.Encoding(), e) {
		return t, err
	}
	if err := s.SetEncoding(e); err != nil {
		return 0, err
	}
	if x.Reread {
		return t, s.Reread(ctx, nil)
	}
	return t, nil
}
