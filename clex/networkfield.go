package clex

import (
	"fmt"
	"math"
)

// DefaultPriorBase is the base the reference's prior has, whatever the model's is.
const DefaultPriorBase = 10000

// NetworkField is CLEX's vector field (arXiv 2310.16450, section 3.2, as in the authors' code). Its prior is
// NTK-aware scaling with α(t) = 2t-1, 1 for t < 1:
//
//	dz/dt = ξ(t) + act((z + log θ^ntk(t))·W_up)·W_down
//	ξ_i(t) = -2·(2i/(d-2))/α(t)
//	log θ^ntk_i(t) = -(2i/d)·(ln b + d/(d-2)·ln α(t))
//
// It reads the network's weights where they are, so that an optimizer may change them
// between solves. It keeps scratch space: one goroutine at a time.
type NetworkField struct {
	net    *Network
	power  []float64 // (d/2) 2i/(d-2)
	prior  []float64 // (d/2) log θ^ntk at t = 1
	x      []float64 // (d/2) what the network sees
	hidden []float64 // (λd) before, then after the activation
	slope  []float64 // (λd) the activation's derivative
	back   []float64 // (λd) cotangent or tangent of the hidden layer
}

// Field makes the network's vector field.
func (n *Network) Field() (*NetworkField, error) {
	if n == nil {
		return nil, fmt.Errorf("clex: no network")
	}
	if err := n.Validate(); err != nil {
		return nil, err
	}
	pairs := n.Dims / 2
	buf := make([]float64, 3*pairs+3*n.Hidden)
	take := func(k int) []float64 {
		s := buf[:k:k]
		buf = buf[k:]
		return s
	}
	f := &NetworkField{
		net: n, power: take(pairs), prior: take(pairs), x: take(pairs),
		hidden: take(n.Hidden), slope: take(n.Hidden), back: take(n.Hidden),
	}
	base := n.PriorBase
	if base == 0 {
		base = DefaultPriorBase
	}
	Rotary{Dims: n.Dims, Base: base}.LogFreq(f.prior)
	for i := range f.power {
		f.power[i] = stretchPower(i, n.Dims)
	}
	return f, nil
}

// Network is the network the field reads.
func (f *NetworkField) Network() *Network { return f.net }

// Dim implements Term: d/2.
func (f *NetworkField) Dim() int { return len(f.power) }

// Params implements Parametric: W_up, then W_down.
func (f *NetworkField) Params() int { return f.net.Params() }

func priorAlpha(t float64) float64 { return max(2*t-1, 1) }

// Rate implements Term.
func (f *NetworkField) Rate(dst []float64, t float64, z []float64) {
	alpha := f.project(t, z)
	activate(f.net.Act, f.hidden, f.slope)
	growth := -2 / alpha
	for i, p := range f.power {
		dst[i] = p * growth
	}
	addRows(dst, f.hidden, f.net.Down)
}

// project writes (z + log θ^ntk(t))·W_up into hidden and returns α(t).
func (f *NetworkField) project(t float64, z []float64) float64 {
	alpha := priorAlpha(t)
	lnAlpha := math.Log(alpha)
	for i, p := range f.power {
		f.x[i] = z[i] + f.prior[i] - p*lnAlpha
	}
	clear(f.hidden)
	addRows(f.hidden, f.x, f.net.Up)
	return alpha
}

// JVP implements VectorField: ((v·W_up) ⊙ act')·W_down.
func (f *NetworkField) JVP(dst []float64, t float64, z, v []float64) {
	f.project(t, z)
	differentiate(f.net.Act, f.slope, f.hidden)
	clear(f.back)
	addRows(f.back, v, f.net.Up)
	for j, s := range f.slope {
		f.back[j] *= s
	}
	clear(dst)
	addRows(dst, f.back, f.net.Down)
}

// VJP implements VectorField: ((w·W_downᵀ) ⊙ act')·W_upᵀ.
func (f *NetworkField) VJP(dst []float64, t float64, z, w []float64) {
	f.project(t, z)
	differentiate(f.net.Act, f.slope, f.hidden)
	f.pull(dst, w)
}

// pull writes the cotangent of x into dst and leaves that of the hidden layer,
// before the activation, in back.
func (f *NetworkField) pull(dst, w []float64) {
	rowDots(f.back, f.net.Down, w)
	for j, s := range f.slope {
		f.back[j] *= s
	}
	rowDots(dst, f.net.Up, f.back)
}

// AccumulateVJP implements Parametric: ∂/∂W_down = actᵀ·w, ∂/∂W_up = xᵀ·((w·W_downᵀ) ⊙ act').
func (f *NetworkField) AccumulateVJP(dst, grad []float64, scale, t float64, z, w []float64) {
	f.project(t, z)
	differentiate(f.net.Act, f.slope, f.hidden)
	f.pull(dst, w)
	up, down := f.net.Split(grad)
	addOuter(up, scale, f.x, f.back)
	addOuter(down, scale, f.hidden, w)
}

// activate applies the activation to x, and uses scratch of the same length. σ(v) is (1 + tanh(v/2))/2.
func activate(act Activation, x, scratch []float64) {
	if act == Tanh {
		tanh(x)
		return
	}
	for i, v := range x {
		scratch[i] = v / 2
	}
	tanh(scratch)
	for i, th := range scratch {
		x[i] *= 0.5 + 0.5*th
	}
}

// differentiate applies the activation to x and writes its derivative into slope.
func differentiate(act Activation, slope, x []float64) {
	if act == Tanh {
		tanh(x)
		for i, y := range x {
			slope[i] = 1 - y*y
		}
		return
	}
	for i, v := range x {
		slope[i] = v / 2
	}
	tanh(slope)
	for i, th := range slope {
		v, sigma := x[i], 0.5+0.5*th
		x[i] = v * sigma
		slope[i] = sigma * (1 + v*(1-sigma))
	}
}
