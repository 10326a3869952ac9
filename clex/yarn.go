package clex

import (
	"fmt"
	"math"
)

// YaRN is "yet another RoPE extension" (Peng et al. 2023, arXiv 2309.00071) as its authors'
// code has it: a ramp that is linear in the index of the dimension, between the
// indices that turn β_fast = Options.TurnsHigh (32) and β_slow = Options.TurnsLow (1) times in
// the window, rounded outwards, and the attention factor 0.1·ln t + 1
// (equation 22) on queries and keys alike.
type YaRN struct {
	interpolation
	low, high float64
	factor    func(t float64) float64
}

// NewYaRN makes the scheme "yarn" from TurnsLow, TurnsHigh, KeepFractions, AttentionFactor, MScale,
// MScaleAllDim and LogN.
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
	if y.factor, err = o.attentionFactor(); err != nil {
		return nil, err
	}
	y.low, y.high = dimensionOfTurns(r, fast), dimensionOfTurns(r, slow)
	if !o.KeepFractions {
		y.low, y.high = math.Floor(y.low), math.Ceil(y.high)
	}
	y.low, y.high = max(y.low, 0), min(y.high, float64(r.Dims-1))
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
	if dst.AttentionFactor = y.factor(t); !(dst.AttentionFactor > 0) || math.IsInf(dst.AttentionFactor, 0) {
		return fmt.Errorf("clex: yarn: attention factor %v at t = %v", dst.AttentionFactor, t)
	}
	return nil
}

// attentionFactor is the rule that the options ask for.
func (o Options) attentionFactor() (func(t float64) float64, error) {
	for _, v := range []float64{o.AttentionFactor, o.MScale, o.MScaleAllDim} {
		if !(v >= 0) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("clex: yarn: attention factor %v, mscale %v and %v: want finite numbers from 0", o.AttentionFactor, o.MScale, o.MScaleAllDim)
		}
	}
	switch {
	case o.AttentionFactor != 0:
		return func(float64) float64 { return o.AttentionFactor }, nil
	case o.MScale != 0 && o.MScaleAllDim != 0:
		return func(t float64) float64 { return (0.1*o.MScale*math.Log(t) + 1) / (0.1*o.MScaleAllDim*math.Log(t) + 1) }, nil
	}
	return yarnAttentionFactor, nil
}

// yarnAttentionFactor is the attention factor that YaRN's authors fitted (equation 22).
func yarnAttentionFactor(t float64) float64 { return 0.1*math.Log(t) + 1 }

// dimensionOfTurns is the real-valued index i at which L·b^(-2i/d)/2π equals n.
func dimensionOfTurns(r Rotary, n float64) float64 {
	return float64(r.Dims) * math.Log(float64(r.Window)/(n*2*math.Pi)) / (2 * math.Log(r.Base))
}
