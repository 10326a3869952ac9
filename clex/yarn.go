package clex

import "math"

// YaRN is "yet another RoPE extension" (Peng et al. 2023, arXiv 2309.00071) as its authors'
// code has it: a ramp that is linear in the index of the dimension, between the
// indices that turn β_fast = Options.TurnsHigh (32) and β_slow = Options.TurnsLow (1) times in
// the window, rounded outwards, and the attention factor 0.1·ln t + 1
// (equation 22) on queries and keys alike.
type YaRN struct {
	interpolation
	low, high float64
}

// NewYaRN makes the scheme "yarn" from TurnsLow, TurnsHigh and LogN.
func NewYaRN(r Rotary, o Options) (*YaRN, error) {
	s, err := newSpectrum("yarn", r, o)
	if err != nil {
		return nil, err
	}
	slow, fast, err := o.turns(1, 32)
	if err != nil {
		return nil, err
	}
	y := &YaRN{interpolation: interpolation{s, make([]float64, r.Pairs())}}
	y.low = max(math.Floor(dimensionOfTurns(r, fast)), 0)
	y.high = min(math.Ceil(dimensionOfTurns(r, slow)), float64(r.Dims-1))
	// The two ends can meet in a tiny window; the authors' code parts them by the same amount.
	width := max(y.high-y.low, 0.001)
	for i := range y.share {
		y.share[i] = min(max((float64(i)-y.low)/width, 0), 1)
	}
	return y, nil
}

// Ramp returns the dimension indices between which the share of interpolation
// rises from 0 to 1.
func (y *YaRN) Ramp() (low, high float64) { return y.low, y.high }

// Encode implements Scheme.
func (y *YaRN) Encode(dst *Encoding, t float64, length int) error {
	if err := y.encode(dst, t, length); err != nil {
		return err
	}
	dst.AttentionFactor = yarnAttentionFactor(t)
	return nil
}

// yarnAttentionFactor is the attention factor that YaRN's authors fitted (equation 22).
func yarnAttentionFactor(t float64) float64 { return 0.1*math.Log(t) + 1 }

// dimensionOfTurns is the real-valued index i at which L·b^(-2i/d)/2π equals n.
func dimensionOfTurns(r Rotary, n float64) float64 {
	return float64(r.Dims) * math.Log(float64(r.Window)/(n*2*math.Pi)) / (2 * math.Log(r.Base))
}
