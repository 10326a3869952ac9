package clex

// PI is position interpolation (Chen et al. 2023, arXiv 2306.15595, equation 4):
// positions, and so all frequencies, are divided by t. Models trained with
// sampled positions (PoSE, arXiv 2309.10400; E2-LLM, arXiv 2401.06951) use
// these frequencies too: what sets them apart lies in their weights.
type PI struct{ interpolation }

// NewPI makes the scheme "pi". It uses no option but LogN.
func NewPI(r Rotary, o Options) (*PI, error) {
	s, err := newSpectrum("pi", r, o)
	if err != nil {
		return nil, err
	}
	p := &PI{interpolation{s, make([]float64, r.Pairs())}}
	for i := range p.share {
		p.share[i] = 1
	}
	return p, nil
}
