package train

import (
	"fmt"
	"math"
	"math/rand/v2"

	"clexlab/clex"
)

// Field is a CLEX field in training: the network in float64, its moments, and
// the solver that carries gradients back through the trajectory.
type Field struct {
	Network *clex.Network

	rotary   clex.Rotary
	adjoint  *clex.Adjoint
	z        []float64 // (d/2) log inverse frequencies
	pull     []float64 // (d/2) dL/dz
	gradient []float64 // Params, as clex.Network.Split says
	m, v     []float64
}

func newField(rotary clex.Rotary, r *Recipe) (*Field, error) {
	net, err := clex.NewNetwork(rotary.Dims, 1, clex.Tanh, rand.New(rand.NewPCG(r.Seed, 0x6669_656c_64)))
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	field, err := net.Field()
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	// The 3/8 rule is what the reference trains with (torchdiffeq's rk4).
	adjoint, err := clex.NewAdjoint(field, &clex.RK38, r.FieldStep, r.Scheme.TMax)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	n := net.Params()
	return &Field{
		Network: net, rotary: rotary, adjoint: adjoint, z: make([]float64, rotary.Dims/2), pull: make([]float64, rotary.Dims/2),
		gradient: make([]float64, n), m: make([]float64, n), v: make([]float64, n),
	}, nil
}

// solve integrates from 1 to t and leaves z(t) in f.z.
func (f *Field) solve(t float64) error {
	f.rotary.LogFreq(f.z)
	return f.adjoint.Forward(f.z, t)
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
	e.Gain, e.LogN, e.Remap = 1, 0, nil
	return nil
}

// step moves the network along the gradients that the shards left in frequency:
// dL/dz_i = θ_i·dL/dθ_i, and the adjoint carries it to the weights. It clips to
// norm 1 like the model's own step and follows the recipe's schedule with FieldRate.
func (f *Field) step(shards []*shard, rows []shardRows, step int, r *Recipe) error {
	clear(f.gradient)
	for k, s := range shards {
		if rows[k].t == 1 {
			continue
		}
		if err := f.solve(rows[k].t); err != nil {
			return fmt.Errorf("train: step %d: %w", step, err)
		}
		for i, z := range f.z {
			f.pull[i] = math.Exp(z) * s.frequency[i]
		}
		if err := f.adjoint.Backward(f.gradient, nil, f.pull); err != nil {
			return fmt.Errorf("train: step %d: %w", step, err)
		}
	}
	var squares float64
	for _, g := range f.gradient {
		squares += g * g
	}
	scale := min(1, 1/math.Sqrt(max(squares, 1e-300)))
	rate := r.rate(step, r.FieldRate)
	c1, c2 := 1/(1-math.Pow(beta1, float64(step+1))), 1/(1-math.Pow(beta2, float64(step+1)))
	move := func(w []float64, at int) {
		for i := range w {
			g := f.gradient[at+i] * scale
			f.m[at+i] += (1 - beta1) * (g - f.m[at+i])
			f.v[at+i] += (1 - beta2) * (g*g - f.v[at+i])
			w[i] -= rate * c1 * f.m[at+i] / (math.Sqrt(f.v[at+i]*c2) + epsilon)
		}
	}
	move(f.Network.Up, 0)
	move(f.Network.Down, len(f.Network.Up))
	return nil
}

// vector is everything of the field that a saved state keeps; nil for no field.
func (f *Field) vector() []float64 {
	if f == nil {
		return nil
	}
	var out []float64
	for _, part := range [][]float64{f.Network.Up, f.Network.Down, f.m, f.v} {
		out = append(out, part...)
	}
	return out
}

func (f *Field) setVector(v []float64) {
	if f == nil {
		return
	}
	for _, part := range [][]float64{f.Network.Up, f.Network.Down, f.m, f.v} {
		v = v[copy(part, v):]
	}
}
