package clex

import (
	"fmt"
	"math"
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
	// sees n keys is multiplied by max(1, ln n / ln L). 0 switches it off.
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

// Remap is STRING's change of relative positions (arXiv 2410.18745): a query at
// m and a key at n with m-n >= Shift rotate as if their distance were
// m-n-Shift+Local; nearer pairs keep their distance.
type Remap struct {
	// Shift is the distance D from which positions are shifted, in tokens.
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

// Scheme is a length-extension method of rotary position embeddings.
type Scheme interface {
	// Name is the short stable identifier used in links, tables and files ("clex", "yarn").
	Name() string
	// Rotary is the geometry the scheme was made for.
	Rotary() Rotary
	// Encode fills dst for length scaling factor t >= 1 and a text of length tokens,
	// reusing dst's storage. It returns an error that names a bad value and then
	// leaves dst unusable. Length 0 means unknown: a text of t·L tokens. The
	// schemes of this package never change after they are made: goroutines may
	// share one, each with a dst of its own.
	Encode(dst *Encoding, t float64, length int) error
}

// Flow is a scheme whose frequencies move along a vector field in t, so that it
// draws as a trajectory. Every scheme of this package is one.
type Flow interface {
	Scheme
	// Field returns a new field with dz/dt of z = log θ, for one goroutine.
	Field() VectorField
}

// spectrum is what all schemes hold: geometry, plain frequencies, log-n scaling.
type spectrum struct {
	name   string
	rotary Rotary
	theta  []float64 // (d/2) plain inverse frequencies
	logN   int
}

func newSpectrum(name string, r Rotary, o Options) (spectrum, error) {
	s := spectrum{name: name, rotary: r}
	if err := r.Validate(); err != nil {
		return s, err
	}
	if o.LogN {
		if r.Window < 2 {
			return s, fmt.Errorf("clex: log-n scaling over a window of %d tokens: want at least 2", r.Window)
		}
		s.logN = r.Window
	}
	s.theta = make([]float64, r.Pairs())
	r.InvFreq(s.theta)
	return s, nil
}

// Name implements Scheme.
func (s *spectrum) Name() string { return s.name }

// Rotary implements Scheme.
func (s *spectrum) Rotary() Rotary { return s.rotary }

func (s *spectrum) begin(dst *Encoding, t float64, length int) error {
	if dst == nil {
		return fmt.Errorf("clex: %s: no encoding to fill", s.name)
	}
	if err := checkT(t); err != nil {
		return err
	}
	if length < 0 || int64(length) > maxTokens {
		return fmt.Errorf("clex: %s: a text of %d tokens", s.name, length)
	}
	n := len(s.theta)
	if cap(dst.InvFreq) < n {
		dst.InvFreq = make([]float64, n)
	}
	dst.InvFreq = dst.InvFreq[:n]
	dst.AttentionFactor, dst.LogN, dst.Remap = 1, s.logN, nil
	return nil
}

// finish refuses frequencies that left the floating-point range.
func (s *spectrum) finish(dst *Encoding, t float64) error {
	for i, f := range dst.InvFreq {
		if !(f > 0) || math.IsInf(f, 0) {
			return fmt.Errorf("clex: %s: inverse frequency %d is %v at t = %v", s.name, i, f, t)
		}
	}
	return nil
}

func checkT(t float64) error {
	if !(t >= 1) || math.IsInf(t, 0) {
		return fmt.Errorf("clex: length scaling factor t = %v: want a finite number, at least 1", t)
	}
	return nil
}
