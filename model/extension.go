package model

import (
	"context"
	"fmt"

	"clexlab/clex"
)

// Extension lets the length scaling factor follow the length of a text, as CLEX
// does at inference (arXiv 2310.16450, section 3.4). One Extension may serve
// several sequences of one geometry, one at a time. Rule and IgnoreLength may change between calls.
type Extension struct {
	// Scheme turns t into an encoding.
	Scheme clex.Scheme
	// Rule says which t a text is read at.
	Rule clex.LengthRule
	// IgnoreLength has schemes that look at the length see t·L whatever the length is: t is
	// held by hand, and the encoding is the one that is shown at that t.
	IgnoreLength bool
	// Reread reads the whole text again whenever the encoding changes, so that all layers
	// are exact. Without it the cached keys are rotated anew and deeper layers keep what earlier
	// encodings made of them, which is what the reference implementation of CLEX does.
	Reread bool

	made     request // of encoding; the zero request has none
	encoding clex.Encoding
}

// request is what an encoding of a scheme depends on.
type request struct {
	t float64
	// length is what the scheme sees, 0 where it does not look.
	length int
}

func (x *Extension) request(length int) (request, error) {
	if x.Scheme == nil {
		return request{}, fmt.Errorf("model: an extension needs a Scheme")
	}
	window := x.Scheme.Rotary().Window
	t, err := x.Rule.T(length, window)
	if err != nil {
		return request{}, fmt.Errorf("model: %w", err)
	}
	r := request{t: t}
	if x.Scheme.UsesLength() && !x.IgnoreLength {
		// A t serves every length up to t·L, so that an encoding stands still as long as it can.
		r.length = max(length, int(t*float64(window)))
	}
	return r, nil
}

// Encoding returns t for a text of length tokens and the encoding that is made of it,
// which the next call may change. It does work only when the encoding changes.
func (x *Extension) Encoding(length int) (t float64, e *clex.Encoding, err error) {
	r, err := x.request(length)
	if err != nil {
		return 0, nil, err
	}
	if r != x.made {
		x.made = request{}
		if err := x.Scheme.Encode(&x.encoding, r.t, r.length); err != nil {
			return 0, nil, fmt.Errorf("model: t = %v for %d tokens: %w", r.t, length, err)
		}
		x.made = r
	}
	return r.t, &x.encoding, nil
}

// Same reports whether texts of a and of b tokens have the same t and encoding.
func (x *Extension) Same(a, b int) (bool, error) {
	ra, err := x.request(a)
	if err != nil {
		return false, err
	}
	rb, err := x.request(b)
	return ra == rb, err
}

// Fit puts the encoding for a text of length tokens in force in s and returns
// its t. Call it before Prefill with the length the text will have; Generate
// calls it for each token. It does work only when the encoding changes.
func (x *Extension) Fit(ctx context.Context, s Session, length int) (t float64, err error) {
	t, e, err := x.Encoding(length)
	if err != nil || s.Encoding().Equal(e) {
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
