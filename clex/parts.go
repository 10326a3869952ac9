package clex

// Parts is NTK-by-parts interpolation (Peng et al. 2023, YaRN, arXiv 2309.00071,
// definition 2): dimensions that turn at least Options.TurnsHigh times (32) in the window
// stay, those that turn at most Options.TurnsLow times (1) are interpolated, and between the
// two the share is linear in the number of turns.
type Parts struct{ interpolation }

// NewParts makes the scheme "parts" from TurnsLow, TurnsHigh and LogN.
func NewParts(r Rotary, o Options) (*Parts, error) {
	s, err := newSpectrum("parts", r, o)
	if err != nil {
		return nil, err
	}
	low, high, err := o.turns(1, 32)
	if err != nil {
		return nil, err
	}
	p := &Parts{interpolation{spectrum: s}}
	p.turnsRamp(low, high)
	return p, nil
}
