package clex

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// Activation is the nonlinearity of CLEX's network.
type Activation uint8

const (
	// Tanh is the reference's default.
	Tanh Activation = iota
	// SiLU is x·σ(x).
	SiLU
)

// String returns the name config.json uses: "tanh" or "silu".
func (a Activation) String() string {
	switch a {
	case Tanh:
		return "tanh"
	case SiLU:
		return "silu"
	}
	return fmt.Sprintf("Activation(%d)", uint8(a))
}

// ParseActivation reads what String writes.
func ParseActivation(name string) (Activation, error) {
	switch strings.ToLower(name) {
	case "tanh":
		return Tanh, nil
	case "silu":
		return SiLU, nil
	}
	return 0, fmt.Errorf("clex: no activation is called %q: want tanh or silu", name)
}

// Network is the trained part of CLEX's field (arXiv 2310.16450, equation 13; the reference's
// ode_up_proj and ode_down_proj): act((z + log θ^ntk(t))·W_up)·W_down.
type Network struct {
	// Dims is d, the number of rotated components of a head.
	Dims int
	// Hidden is λd, the width between the projections.
	Hidden int
	// Up is W_up, (Dims/2 × Hidden), row-major.
	Up []float64
	// Down is W_down, (Hidden × Dims/2), row-major.
	Down []float64
	// Act is the nonlinearity.
	Act Activation
	// PriorBase is the base of the prior log θ^ntk that the network sees. 0 means
	// 10000, which the reference uses whatever the model's base is.
	PriorBase float64
}

// NewNetwork makes a network as the reference starts it: W_up uniform in
// ±1/√(λd) (Kaiming with a = √5), W_down zero, so that CLEX is NTK-aware scaling with α(t) = 2t-1.
func NewNetwork(dims, lambda int, act Activation, rng *rand.Rand) (*Network, error) {
	if lambda < 1 || lambda > maxHeadDim {
		return nil, fmt.Errorf("clex: projection factor λ = %d: want 1 … %d", lambda, maxHeadDim)
	}
	if err := checkDims(dims); err != nil {
		return nil, err
	}
	if int64(lambda)*int64(dims)*int64(dims) > 1<<28 {
		return nil, fmt.Errorf("clex: a network of λ = %d over %d dimensions is too large", lambda, dims)
	}
	if rng == nil {
		return nil, fmt.Errorf("clex: a new network wants a source of random numbers")
	}
	n := &Network{Dims: dims, Hidden: lambda * dims, Act: act}
	n.Up = make([]float64, dims/2*n.Hidden)
	n.Down = make([]float64, len(n.Up))
	bound := 1 / math.Sqrt(float64(n.Hidden))
	for i := range n.Up {
		n.Up[i] = bound * (2*rng.Float64() - 1)
	}
	return n, n.Validate()
}

func checkDims(dims int) error {
	if dims < 2 || dims%2 != 0 || dims > maxHeadDim {
		return fmt.Errorf("clex: network for %d dimensions: want an even number, 2 … %d", dims, maxHeadDim)
	}
	return nil
}

// Validate returns an error that names the first thing wrong: a size, a shape
// that does not fit it, a weight that is not finite, an unknown activation.
func (n *Network) Validate() error {
	if err := checkDims(n.Dims); err != nil {
		return err
	}
	if n.Hidden < 1 || n.Hidden > maxHeadDim*maxHeadDim {
		return fmt.Errorf("clex: network of hidden width %d: want at least 1", n.Hidden)
	}
	if n.Act > SiLU {
		return fmt.Errorf("clex: activation %d: want %d (tanh) or %d (silu)", n.Act, Tanh, SiLU)
	}
	if n.PriorBase != 0 && (!(n.PriorBase > 1) || math.IsInf(n.PriorBase, 0)) {
		return fmt.Errorf("clex: base %v of the network's prior: want a finite number above 1, or 0 for 10000", n.PriorBase)
	}
	pairs := n.Dims / 2
	if err := checkWeights("W_up", n.Up, pairs, n.Hidden); err != nil {
		return err
	}
	return checkWeights("W_down", n.Down, n.Hidden, pairs)
}

func checkWeights(name string, w []float64, rows, cols int) error {
	if len(w) != rows*cols {
		return fmt.Errorf("clex: %s has %d weights: want %d × %d = %d", name, len(w), rows, cols, rows*cols)
	}
	for i, v := range w {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("clex: %s[%d][%d] is %v", name, i/cols, i%cols, v)
		}
	}
	return nil
}

// Params is the number of weights: W_up's, then W_down's.
func (n *Network) Params() int { return len(n.Up) + len(n.Down) }

// Split views a flat vector of Params values as the parts that belong to W_up and W_down.
func (n *Network) Split(params []float64) (up, down []float64) {
	return params[:len(n.Up):len(n.Up)], params[len(n.Up):n.Params()]
}

// Clone returns a copy that shares nothing.
func (n *Network) Clone() *Network {
	c := *n
	c.Up = append([]float64(nil), n.Up...)
	c.Down = append([]float64(nil), n.Down...)
	return &c
}
