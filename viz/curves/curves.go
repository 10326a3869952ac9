package curves

import (
	"fmt"
	"math"
	"sort"

	"clexlab/clex"
	"clexlab/viz/scene"
)

// Family is one scheme's curves: its inverse frequencies sampled over t.
type Family struct {
	// T are the samples, rising from 1.
	T []float64
	// Theta are the inverse frequencies in rad per token, (samples × pairs) row-major.
	Theta []float64
	// Pairs is d/2.
	Pairs int
}

// Sample reads scheme at n values of t from 1 to tMax: evenly where the axis of t is linear, in
// equal ratios where it is logarithmic.
func Sample(scheme clex.Scheme, tMax float64, n int) (*Family, error) {
	if n < 2 || !(tMax > 1) {
		return nil, fmt.Errorf("curves: %d samples from 1 to %v: want at least 2, and more than 1", n, tMax)
	}
	pairs := scheme.Rotary().Pairs()
	c := &Family{T: make([]float64, n), Theta: make([]float64, 0, n*pairs), Pairs: pairs}
	var e clex.Encoding
	for i := range c.T {
		// Bounded: rounding must not carry the last sample past what the scheme encodes.
		share := float64(i) / float64(n-1)
		c.T[i] = min(1+(tMax-1)*share, tMax)
		if tMax > scene.LinearTMax {
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
func (c *Family) Row(k int) []float64 { return c.Theta[k*c.Pairs:][:c.Pairs] }

// At is θ of a pair at t, between samples interpolated in log θ.
func (c *Family) At(pair int, t float64) float64 {
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
func (c *Family) Bounds() (low, high float64) {
	low, high = math.Inf(1), 0
	for _, v := range c.Theta {
		low, high = min(low, v), max(high, v)
	}
	return low, high
}
