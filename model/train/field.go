package train

import (
	"fmt"
	"math"
	"math/rand/v2"

	"clexlab/clex"
)

// Field is a CLEX field in training: the network in float64, its moments, and
// the solver that carries gradients back through the trajectory.
//
// dL/dz_i is θ_i·position·(…), so that one step of Adam, which moves all columns of W_down alike,
// turns the fast pairs by whole turns at far positions, where the gradient says nothing of so large
// a step, and leaves the slow ones where they are. A recipe's FieldTurn learns W_down as
// W̃·diag(s) instead, with s_i = min(1, FieldTurn/(θ_i(t_max)·t_max·L)): the network and its file stay
// what they are, only its steps are scaled.
type Field struct {
	Network *clex.Network

	rotary   clex.Rotary
	adjoint  *clex.Adjoint
	z        []float64 // (d/2) log inverse frequencies
	pull     []float64 // (d/2) dL/dz
	scale    []float64 // (d/2) s: how fast each column of W_down is learnt
	gradient []float64 // Params, as clex.Network.Split says
	m, v     []float64
	mean     []float64 // Params, the average of the weights; nil without one
}

func newField(rotary clex.Rotary, r *Recipe) (*Field, error) {
	net, err := clex.NewNetwork(rotary.Dims, 1, clex.Tanh, rand.New(rand.NewPCG(r.Seed, 0x6669_656c_64)))
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	if r.FieldConstant {
		saturate(net)
	}
	field, err := net.Field()
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	// The 3/8 rule is what the reference trains with (torchdiffeq's rk4).
	adjoint, err := clex.NewAdjoint(logTime{field}, &clex.RK38, r.FieldStep, stretched(r.Scheme.TMax))
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	n, pairs := net.Params(), rotary.Dims/2
	f := &Field{
		Network: net, rotary: rotary, adjoint: adjoint, z: make([]float64, pairs), pull: make([]float64, pairs), scale: make([]float64, pairs),
		gradient: make([]float64, n), m: make([]float64, n), v: make([]float64, n),
	}
	if r.Average != nil {
		f.mean = make([]float64, n)
	}
	if err := f.solve(r.Scheme.TMax); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	farthest := r.Scheme.TMax * float64(rotary.Window)
	for i, z := range f.z {
		f.scale[i] = 1
		if r.FieldTurn > 0 {
			f.scale[i] = min(1, r.FieldTurn/(math.Exp(z)*farthest))
		}
	}
	return f, nil
}

// saturate makes every hidden unit 1 for good: with the base and the head sizes of the models here the slowest pair's
// z + log θ^ntk(t) is below -10 for every t, so that tanh is 1 to the last bit and its derivative 0.
func saturate(n *clex.Network) {
	clear(n.Up)
	slowest := n.Up[len(n.Up)-n.Hidden:]
	for i := range slowest {
		slowest[i] = -4
	}
}

// solve integrates from 1 to t and leaves z(t) in f.z.
func (f *Field) solve(t float64) error {
	f.rotary.LogFreq(f.z)
	return f.adjoint.Forward(f.z, stretched(t))
}

// encode fills e for t.
func (f *Field) encode(e *clex.Encoding, t float64) error {
	if err := f.solve(t); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	e.InvFreq = e.InvFreq[:0]
	for _, z := range f.z {
		e.InvFreq = append(e.InvFreq, math.Exp(z))
	}
	e.AttentionFactor, e.LogN, e.Remap = 1, 0, nil
	return nil
}

// step moves the network along the shards' gradients by their frequencies:
// dL/dz_i = θ_i·dL/dθ_i, and the adjoint carries it to the weights. It clips to
// norm 1 like the model's own step and follows the recipe's schedule with FieldRate.
func (f *Field) step(b *Batch, frequency [][]float64, step int, r *Recipe) error {
	if r.FieldRate == 0 {
		return nil
	}
	clear(f.gradient)
	for k := range b.Shards {
		t := b.Shards[k].T
		if t == 1 {
			continue
		}
		if err := f.solve(t); err != nil {
			return fmt.Errorf("train: step %d: %w", step, err)
		}
		for i, z := range f.z {
			f.pull[i] = math.Exp(z) * frequency[k][i]
		}
		if err := f.adjoint.Backward(f.gradient, nil, f.pull); err != nil {
			return fmt.Errorf("train: step %d: %w", step, err)
		}
	}
	// By the chain rule the gradient of W̃ is that of W_down, column by column times s.
	_, down := f.Network.Split(f.gradient)
	for i := range down {
		down[i] *= f.scale[i%len(f.scale)]
	}
	var squares float64
	for _, g := range f.gradient {
		squares += g * g
	}
	scale := min(1, 1/math.Sqrt(max(squares, 1e-300)))
	rate := r.rate(step, r.FieldRate)
	c1, c2 := 1/(1-math.Pow(Beta1, float64(step+1))), 1/(1-math.Pow(Beta2, float64(step+1)))
	at := 0
	move := func(w *float64, s float64) {
		g := f.gradient[at] * scale
		f.m[at] += (1 - Beta1) * (g - f.m[at])
		f.v[at] += (1 - Beta2) * (g*g - f.v[at])
		*w -= s * rate * c1 * f.m[at] / (math.Sqrt(f.v[at]*c2) + Epsilon)
		at++
	}
	for i := range f.Network.Up {
		move(&f.Network.Up[i], 1)
	}
	for i := range f.Network.Down {
		move(&f.Network.Down[i], f.scale[i%len(f.scale)])
	}
	return nil
}

// average moves the mean by the given share of the way to the weights.
func (f *Field) average(share float64) {
	up, down := f.Network.Split(f.mean)
	for i, v := range f.Network.Up {
		up[i] += share * (v - up[i])
	}
	for i, v := range f.Network.Down {
		down[i] += share * (v - down[i])
	}
}

// averaged is the network with the mean of its weights.
func (f *Field) averaged() *clex.Network {
	n := f.Network.Clone()
	up, down := n.Split(f.mean)
	copy(n.Up, up)
	copy(n.Down, down)
	return n
}

// vector is everything of the field that a saved state keeps; nil for no field.
func (f *Field) vector() []float64 {
	if f == nil {
		return nil
	}
	var out []float64
	for _, part := range [][]float64{f.Network.Up, f.Network.Down, f.m, f.v, f.mean} {
		out = append(out, part...)
	}
	return out
}

func (f *Field) setVector(v []float64) {
	if f == nil {
		return
	}
	for _, part := range [][]float64{f.Network.Up, f.Network.Down, f.m, f.v, f.mean} {
		v = v[copy(part, v):]
	}
}
