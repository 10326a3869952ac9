package clex

import "math"

// NTK is NTK-aware scaling (bloc97 2023; YaRN, arXiv 2309.00071, definition 1):
// the base grows to b·t^(d/(d-2)), so that the lowest frequency is divided by t
// and the highest stays: θ_i(t) = θ_i·t^(-2i/(d-2)).
type NTK struct{ spectrum }

// NewNTK makes the scheme "ntk". It uses no option but LogN.
func NewNTK(r Rotary, o Options) (*NTK, error) {
	s, err := newSpectrum("ntk", r, o)
	if err != nil {
		return nil, err
	}
	return &NTK{s}, nil
}

// Encode implements Scheme.
func (n *NTK) Encode(dst *Encoding, t float64, length int) error {
	if err := n.begin(dst, t, length); err != nil {
		return err
	}
	n.stretch(dst, t)
	return n.finish(dst, t)
}

// Field implements Scheme: dz_i/dt = -(2i/(d-2))/t.
func (n *NTK) Field() VectorField { return newStretchField(n.rotary.Dims, 1) }

// stretch writes θ_i·α^(-2i/(d-2)).
func (s *spectrum) stretch(dst *Encoding, alpha float64) {
	lnAlpha := math.Log(alpha)
	for i, theta := range s.theta {
		dst.InvFreq[i] = theta * math.Exp(-stretchPower(i, s.rotary.Dims)*lnAlpha)
	}
}

// stretchPower is 2i/(d-2), the power of α in NTK-aware scaling. With a single
// pair there is only the highest frequency, which never moves.
func stretchPower(i, dims int) float64 {
	if i == 0 {
		return 0
	}
	return float64(2*i) / float64(dims-2)
}

// stretchField is NTK-aware scaling with α(t) = slope·t - (slope-1) as a field:
// dz_i/dt = -(2i/(d-2))·α'(t)/α(t).
type stretchField struct {
	stateless
	power []float64
	slope float64
}

func newStretchField(dims int, slope float64) *stretchField {
	f := &stretchField{power: make([]float64, dims/2), slope: slope}
	for i := range f.power {
		f.power[i] = stretchPower(i, dims)
	}
	return f
}

func (f *stretchField) Dim() int { return len(f.power) }

func (f *stretchField) Rate(dst []float64, t float64, _ []float64) {
	growth := f.slope / (f.slope*t - (f.slope - 1))
	for i, p := range f.power {
		dst[i] = -p * growth
	}
}
