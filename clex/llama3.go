package clex

// Llama3 is the frequency scaling of Llama 3.1 (Llama Team 2024, arXiv 2407.21783, as in the
// released code): NTK-by-parts with the ramp from Options.TurnsLow (low_freq_factor 1) to
// Options.TurnsHigh (high_freq_factor 4) turns in the window, and t as the factor.
type Llama3 struct{ interpolation }

// NewLlama3 makes the scheme "llama3" from TurnsLow, TurnsHigh and LogN.
func NewLlama3(r Rotary, o Options) (*Llama3, error) {
	s, err := newSpectrum("llama3", r, o)
	if err != nil {
		return nil, err
	}
	low, high, err := o.turns(1, 4)
	if err != nil {
		return nil, err
	}
	p := &Llama3{interpolation{spectrum: s}}
	p.turnsRamp(low, high)
	return p, nil
}
