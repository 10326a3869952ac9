package clex

// Plain is rotary position embedding as trained, whatever t: the baseline that
// fails past its window (Su et al. 2021, arXiv 2104.09864).
type Plain struct{ interpolation }

// NewPlain makes the scheme "rope". It uses no option but LogN.
func NewPlain(r Rotary, o Options) (*Plain, error) {
	s, err := newSpectrum("rope", r, o)
	if err != nil {
		return nil, err
	}
	return &Plain{interpolation{s, make([]float64, r.Pairs())}}, nil
}
