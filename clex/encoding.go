package clex

import (
	"fmt"
	"math"
	"slices"
)

// Encoding is what attention needs to know of a length-extension method at one
// length scaling factor: a scheme turned into data. A model rotates with it and
// never asks which method it came from.
type Encoding struct {
	// InvFreq holds the inverse frequencies θ_i in radians per token, length Rotary.Dims/2.
	InvFreq []float64
	// AttentionFactor multiplies the rotated components of queries and of keys, so logits
	// over them scale by its square (YaRN's attention factor). 1 when a method has none.
	AttentionFactor float64
	// LogN, if positive, is the trained window L of log-n scaling: the query that
	// sees n keys is multiplied by max(1, ln n / ln L), as Su Jianlin proposed it (Kexue 8823, 2021) and
	// Qwen runs it. CLEX's authors multiply all queries of a read by one ln n / ln L, n being
	// the keys after it, also where that is below 1, and only on their flash-attention path; the
	// last query of a text past the window gets the same from both. 0 switches it off.
	LogN int
	// Remap, if not nil, changes the relative positions themselves (STRING).
	Remap *Remap
}

// QueryScale is what log-n scaling multiplies a query by when it sees n keys:
// max(1, ln n / ln L), or 1 when it is off.
func (e *Encoding) QueryScale(n int) float64 {
	if e.LogN < 2 || n <= e.LogN {
		return 1
	}
	return math.Log(float64(n)) / math.Log(float64(e.LogN))
}

// Check returns an error that names what in e a model of geometry r cannot rotate with.
func (e *Encoding) Check(r Rotary) error {
	switch {
	case e == nil:
		return fmt.Errorf("clex: no encoding")
	case len(e.InvFreq) != r.Pairs():
		return fmt.Errorf("clex: the encoding has %d inverse frequencies, the model rotates %d pairs", len(e.InvFreq), r.Pairs())
	case !(e.AttentionFactor > 0) || math.IsInf(e.AttentionFactor, 0):
		return fmt.Errorf("clex: the encoding's attention factor is %v: want a finite number above 0", e.AttentionFactor)
	case e.LogN < 0 || e.LogN == 1:
		return fmt.Errorf("clex: the encoding's LogN is %d: want 0 or a window of at least 2", e.LogN)
	case e.Remap != nil && (e.Remap.Local < 0 || e.Remap.Local >= e.Remap.Shift):
		return fmt.Errorf("clex: the encoding's remap has Local %d and Shift %d: want 0 <= Local < Shift", e.Remap.Local, e.Remap.Shift)
	}
	if i := notFinite(e.InvFreq); i >= 0 {
		return fmt.Errorf("clex: inverse frequency %d of the encoding is %v", i, e.InvFreq[i])
	}
	return nil
}

// Equal reports whether e and o make the same attention.
func (e *Encoding) Equal(o *Encoding) bool {
	return e.RotatesKeysLike(o) && e.LogN == o.LogN && (e.Remap == nil) == (o.Remap == nil) && (e.Remap == nil || *e.Remap == *o.Remap)
}

// RotatesKeysLike reports whether keys rotated by o are those of e: log-n
// scaling and a remap turn queries alone.
func (e *Encoding) RotatesKeysLike(o *Encoding) bool {
	return e.AttentionFactor == o.AttentionFactor && slices.Equal(e.InvFreq, o.InvFreq)
}

// CopyFrom makes e a copy of o that shares nothing with it, in e's own storage.
func (e *Encoding) CopyFrom(o *Encoding) {
	remap := e.Remap
	e.InvFreq = append(e.InvFreq[:0], o.InvFreq...)
	e.AttentionFactor, e.LogN, e.Remap = o.AttentionFactor, o.LogN, nil
	if o.Remap != nil {
		if remap == nil {
			remap = new(Remap)
		}
		*remap = *o.Remap
		e.Remap = remap
	}
}

// Remap is STRING's change of relative positions (arXiv 2410.18745): a query at
// m and a key at n with m-n >= Shift rotate as if their distance were
// m-n-Shift+Local; nearer pairs keep their distance.
type Remap struct {
	// Shift is the distance S from which positions are shifted, in tokens.
	Shift int
	// Local is the local window W that stays in front of the shifted distances, 0 <= W < Shift.
	Local int
}

// Distance is the distance at which a query and a key that are distance tokens
// apart rotate. A nil Remap changes nothing.
func (r *Remap) Distance(distance int) int {
	if r == nil || distance < r.Shift {
		return distance
	}
	return distance - r.Shift + r.Local
}
