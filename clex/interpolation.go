package clex

// interpolation is the family of schemes that divide a share of each frequency
// by t: θ_i(t) = θ_i·(1 - m_i + m_i/t). The share m is 0 for a frequency that
// stays and 1 for one that is stretched as position interpolation does.
type interpolation struct {
	spectrum
	share []float64 // (d/2) m_i, 0 … 1
}

// encode writes the form 1 - m·(1-1/t), which is exactly 1 at t = 1.
func (s *interpolation) encode(dst *Encoding, t float64, length int) error {
	if err := s.begin(dst, t, length); err != nil {
		return err
	}
	drop := 1 - 1/t
	for i, theta := range s.theta {
		m := s.share[i]
		if m == 1 {
			dst.InvFreq[i] = theta / t
			continue
		}
		dst.InvFreq[i] = theta * (1 - m*drop)
	}
	return s.finish(dst, t)
}

// Encode implements Scheme.
func (s *interpolation) Encode(dst *Encoding, t float64, length int) error {
	return s.encode(dst, t, length)
}

// Field implements Scheme: dz_i/dt = -m_i / (t·((1-m_i)·t + m_i)), the derivative of
// log(1 - m_i + m_i/t).
func (s *interpolation) Field() VectorField { return &interpolationField{share: s.share} }

// Share returns m_i, the share of frequency i that is divided by t.
func (s *interpolation) Share(i int) float64 { return s.share[i] }

type interpolationField struct {
	stateless
	share []float64
}

func (f *interpolationField) Dim() int { return len(f.share) }

func (f *interpolationField) Rate(dst []float64, t float64, _ []float64) {
	for i, m := range f.share {
		dst[i] = -m / (t * ((1-m)*t + m))
	}
}

// turnsRamp fills share by how often dimension i turns in the trained window,
// r_i = L·θ_i/2π: 1 up to low turns, 0 from high turns on, linear in r between.
func (s *interpolation) turnsRamp(low, high float64) {
	s.share = make([]float64, len(s.theta))
	for i, theta := range s.theta {
		kept := (turns(theta, s.rotary.Window) - low) / (high - low)
		s.share[i] = 1 - min(max(kept, 0), 1)
	}
}
