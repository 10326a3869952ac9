package clex

import (
	"fmt"
	"math"
	"slices"
)

// Scheme is a length-extension method of rotary position embeddings. Its frequencies move
// along a vector field in t, so that it draws as a trajectory.
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
	// UsesLength reports whether Encode looks at the length beside t: an encoding made for
	// one length is then not that of another, whatever t.
	UsesLength() bool
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

// UsesLength implements Scheme: most schemes know t alone.
func (s *spectrum) UsesLength() bool { return false }

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
	dst.InvFreq = slices.Grow(dst.InvFreq[:0], len(s.theta))[:len(s.theta)]
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
