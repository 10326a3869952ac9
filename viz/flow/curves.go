package flow

import (
	"fmt"
	"math"
	"sort"

	"clexlab/clex"
)

// Curves are a scheme's inverse frequencies sampled over t.
type Curves struct {
	// T are the samples, rising from 1.
	T []float64
	// Theta are the inverse frequencies in rad per token, (samples × pairs) row-major.
	Theta []float64
	// Pairs is d/2.
	Pairs int
}

// evenMost is the largest t_max whose samples are even: beyond it they stand in equal ratios, as
// curves bend most where t is small.
const evenMost = 16

// Sample reads scheme at n values of t from 1 to tMax.
func Sample(scheme clex.Scheme, tMax float64, n int) (*Curves, error) {
	if n < 2 || !(tMax > 1) {
		return nil, fmt.Errorf("flow: %d samples from 1 to %v: want at least 2, and more than 1", n, tMax)
	}
	pairs := scheme.Rotary().Pairs()
	c := &Curves{T: make([]float64, n), Theta: make([]float64, 0, n*pairs), Pairs: pairs}
	var e clex.Encoding
	for i := range c.T {
		// Bounded: rounding must not carry the last sample past what the scheme encodes.
		share := float64(i) / float64(n-1)
		c.T[i] = min(1+(tMax-1)*share, tMax)
		if tMax > evenMost {
			c.T[i] = min(math.Pow(tMax, share), tMax)
		}
		if err := scheme.Encode(&e, c.T[i], 0); err != nil {
			return nil, err
		}
		c.Theta = append(c.Theta, e.InvFreq...)
	}
	return c, nil
}

// Row is sample k's inverse frequencies.
func (c *Curves) Row(k int) []float64 { return c.Theta[k*c.Pairs:][:c.Pairs] }

// At is θ of a pair at t, between samples interpolated in log θ.
func (c *Curves) At(pair int, t float64) float64 {
	k := sort.SearchFloat64s(c.T, t)
	switch {
	case k == 0:
		return c.Row(0)[pair]
	case k == len(c.T):
		return c.Row(k - 1)[pair]
	}
	a, b := c.Row(k - 1)[pair], c.Row(k)[pair]
	s := (t - c.T[k-1]) / (c.T[k] - c.T[k-1])
	return a * math.Pow(b/a, s)
}

// Bounds is the smallest and largest θ.
func (c *Curves) Bounds() (low, high float64) {
	low, high = math.Inf(1), 0
	for _, v := range c.Theta {
		low, high = min(low, v), max(high, v)
	}
	return low, high
}
