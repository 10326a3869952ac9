package clex

import (
	"context"
	"fmt"
	"math"
)

const (
	// DefaultTMax is the largest t that CLEX's reference code trains and reads at.
	DefaultTMax = 16
	defaultRTol = 1e-8
	// clexMaxSteps keeps a hostile checkpoint from holding up its loader for more than about a
	// second; trained networks need well under a hundred steps.
	clexMaxSteps = 10_000
)

// CLEX is continuous length extrapolation (Chen et al. 2023, arXiv 2310.16450): z = log θ moves
// with a trained field, from the plain frequencies at t = 1. The scheme integrates once, when it
// is made, with Dormand–Prince 5(4), and then reads any t in [1, TMax] off the
// trajectory. Between integers the paper trains nothing: continuous t is our extension.
type CLEX struct {
	spectrum
	net        *Network
	trajectory *Trajectory
	start      []float64 // (d/2) z(1)
	tMax       float64
}

// NewCLEX makes the scheme "clex" from Network, TMax, RTol and LogN. It copies the network. A
// network that sends a frequency out of the floating-point range before TMax is an error.
func NewCLEX(r Rotary, o Options) (*CLEX, error) {
	s, err := newSpectrum("clex", r, o)
	if err != nil {
		return nil, err
	}
	c := &CLEX{spectrum: s, tMax: o.TMax, start: make([]float64, r.Pairs())}
	if c.tMax == 0 {
		c.tMax = DefaultTMax
	}
	if !(c.tMax >= 1) || math.IsInf(c.tMax, 0) {
		return nil, fmt.Errorf("clex: largest t %v: want a finite number, at least 1", c.tMax)
	}
	rtol := o.RTol
	if rtol == 0 {
		rtol = defaultRTol
	}
	field := VectorField(newStretchedPrior(r.Dims))
	if o.Network != nil {
		if o.Network.Dims != r.Dims {
			return nil, fmt.Errorf("clex: network for %d dimensions, model rotates %d", o.Network.Dims, r.Dims)
		}
		c.net = o.Network.Clone()
		if field, err = c.net.Field(); err != nil {
			return nil, err
		}
	}
	r.LogFreq(c.start)
	control := Adaptive{RTol: rtol, ATol: rtol}
	if c.trajectory, err = NewTrajectory(field, &DormandPrince, control, 1, c.start); err != nil {
		return nil, err
	}
	c.trajectory.MaxSteps = clexMaxSteps
	if err := c.trajectory.Extend(context.Background(), c.tMax); err != nil {
		return nil, err
	}
	return c, nil
}

// newStretchedPrior is CLEX's field before training: NTK-aware scaling with α(t) = 2t-1.
func newStretchedPrior(dims int) *stretchField { return newStretchField(dims, 2) }

// TMax is the largest t the scheme encodes.
func (c *CLEX) TMax() float64 { return c.tMax }

// Network returns a copy of the scheme's network, or nil before training.
func (c *CLEX) Network() *Network {
	if c.net == nil {
		return nil
	}
	return c.net.Clone()
}

// Stats is what integrating from 1 to TMax cost.
func (c *CLEX) Stats() Stats { return c.trajectory.Stats() }

// Encode implements Scheme for t up to TMax. At t = 1 it is exactly the plain frequencies.
func (c *CLEX) Encode(dst *Encoding, t float64, length int) error {
	if err := c.begin(dst, t, length); err != nil {
		return err
	}
	if t > c.tMax {
		return fmt.Errorf("clex: length scaling factor t = %v is above the largest, %v", t, c.tMax)
	}
	if err := c.trajectory.At(dst.InvFreq, t); err != nil {
		return err
	}
	for i, z := range dst.InvFreq {
		dst.InvFreq[i] = c.theta[i] * math.Exp(z-c.start[i])
	}
	return c.finish(dst, t)
}

// Field implements Scheme.
func (c *CLEX) Field() VectorField {
	if c.net == nil {
		return newStretchedPrior(c.rotary.Dims)
	}
	f, err := c.net.Field()
	if err != nil {
		// NewCLEX made the same field from the same network.
		panic(err)
	}
	return f
}
