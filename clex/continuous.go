package clex

import (
	"context"
	"fmt"
)

// ContinuousAdjoint is the gradient of a loss on z(t) by the adjoint method of Chen, Rubanova,
// Bettencourt, Duvenaud 2018 (Neural Ordinary Differential Equations, arXiv 1806.07366, algorithm 1):
// the state z, the adjoint a = ∂loss/∂z and the parameters' gradient g are solved
// backwards in t together,
//
//	dz/dt = f,  da/dt = -aᵀ·∂f/∂z,  dg/dt = -aᵀ·∂f/∂p,
//
// so that it needs no memory of the forward solve. It is exact in the limit of small
// steps, not for the steps taken: see [Adjoint] for that.
type ContinuousAdjoint struct {
	solver *Solver
	field  augmented
	z      []float64 // (2·dim + params) z, a, g
}

// NewContinuousAdjoint makes one that solves with tb under a controller.
func NewContinuousAdjoint(f Parametric, tb *Tableau, controller Controller) (*ContinuousAdjoint, error) {
	if f == nil {
		return nil, fmt.Errorf("clex: an adjoint wants a field")
	}
	n := 2*f.Dim() + f.Params()
	s, err := NewSolver(n, tb, controller)
	if err != nil {
		return nil, err
	}
	return &ContinuousAdjoint{solver: s, field: augmented{f: f, dim: f.Dim()}, z: make([]float64, n)}, nil
}

// Backward goes from z(t), given in end, back to 1. cotangent is ∂loss/∂z(t). It adds
// ∂loss/∂parameters to grad, and writes ∂loss/∂z(1) into start unless that is nil.
func (c *ContinuousAdjoint) Backward(ctx context.Context, grad, start, end, cotangent []float64, t float64) (Stats, error) {
	dim := c.field.dim
	switch {
	case len(grad) != c.field.f.Params():
		return Stats{}, fmt.Errorf("clex: gradient of %d parameters, field has %d", len(grad), c.field.f.Params())
	case len(end) != dim || len(cotangent) != dim || start != nil && len(start) != dim:
		return Stats{}, fmt.Errorf("clex: adjoint of %d components given %d, %d and %d", dim, len(end), len(cotangent), len(start))
	}
	if err := checkT(t); err != nil {
		return Stats{}, err
	}
	copy(c.z, end)
	copy(c.z[dim:], cotangent)
	clear(c.z[2*dim:])
	stats, err := c.solver.Solve(ctx, &c.field, t, c.z, 1, nil)
	if err != nil {
		return stats, err
	}
	for i, g := range c.z[2*dim:] {
		grad[i] += g
	}
	if start != nil {
		copy(start, c.z[dim:2*dim])
	}
	return stats, nil
}

// augmented is the field of z, a and g together.
type augmented struct {
	f   Parametric
	dim int
}

func (a *augmented) Dim() int { return 2*a.dim + a.f.Params() }

func (a *augmented) Rate(dst []float64, t float64, z []float64) {
	n := a.dim
	a.f.Rate(dst[:n], t, z[:n])
	grad := dst[2*n:]
	clear(grad)
	a.f.AccumulateVJP(dst[n:2*n], grad, -1, t, z[:n], z[n:2*n])
	for i, v := range dst[n : 2*n] {
		dst[n+i] = -v
	}
}
