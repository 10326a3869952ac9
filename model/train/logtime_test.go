package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"clexlab/clex"
)

// TestLogTime: where training's solve ends is where Dormand–Prince at a tight tolerance ends over t itself,
// closely enough that no pair is a hundredth of a radian off at the farthest position; and the gradient by
// the network is that of central differences through it.
func TestLogTime(t *testing.T) {
	r, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		t.Fatal(err)
	}
	r.Model = Shape{Vocab: 64, Dim: 8, HiddenDim: 8, Layers: 1, Heads: 1, KVHeads: 1, HeadDim: 48, Base: 10000, Window: 256, TiedHead: true}
	r.Scheme.TMax, r.FieldStep, r.FieldTurn = 256, 0.1, 1
	f, err := newField(r.Model.Config().Rotary, r)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range f.Network.Down {
		f.Network.Down[i] = 0.0005 * f.scale[i%len(f.scale)] * rng.NormFloat64()
	}
	scheme, err := clex.New("clex", r.Model.Config().Rotary, clex.Options{Network: f.Network, TMax: 256, RTol: 1e-11})
	if err != nil {
		t.Fatal(err)
	}
	for _, factor := range []float64{1.5, 4, 64, 256} {
		var want, got clex.Encoding
		if err := scheme.Encode(&want, factor, 0); err != nil {
			t.Fatal(err)
		}
		if err := f.encode(&got, factor); err != nil {
			t.Fatal(err)
		}
		for i, theta := range want.InvFreq {
			if e := math.Abs(got.InvFreq[i]-theta) * factor * 256; e > 0.01 {
				t.Errorf("t = %v, pair %d: %v rad off at the farthest position", factor, i, e)
			}
		}
	}

	pull := make([]float64, len(f.z))
	for i := range pull {
		pull[i] = rng.NormFloat64()
	}
	loss := func() (sum float64) {
		if err := f.solve(37); err != nil {
			t.Fatal(err)
		}
		for i, z := range f.z {
			sum += pull[i] * z
		}
		return sum
	}
	loss()
	clear(f.gradient)
	if err := f.adjoint.Backward(f.gradient, nil, pull); err != nil {
		t.Fatal(err)
	}
	_, down := f.Network.Split(f.gradient)
	for range 20 {
		i := rng.IntN(len(down))
		w := &f.Network.Down[i]
		old := *w
		*w = old + 1e-5
		up := loss()
		*w = old - 1e-5
		want := (up - loss()) / 2e-5
		*w = old
		if math.Abs(down[i]-want) > 1e-5*(1+math.Abs(want)) {
			t.Errorf("weight %d: gradient %v, want %v", i, down[i], want)
		}
	}
}

// A constant field adds the sums of W_down's columns to its prior, whatever z and t are, and nothing moves W_up.
func TestConstantField(t *testing.T) {
	r, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		t.Fatal(err)
	}
	r.Model = Shape{Vocab: 64, Dim: 8, HiddenDim: 8, Layers: 1, Heads: 1, KVHeads: 1, HeadDim: 48, Base: 10000, Window: 256, TiedHead: true}
	r.Scheme.TMax, r.FieldStep, r.FieldConstant = 64, 0.1, true
	f, err := newField(r.Model.Config().Rotary, r)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, 7))
	pairs := len(f.z)
	constant := make([]float64, pairs)
	for i := range f.Network.Down {
		f.Network.Down[i] = 1e-4 * rng.NormFloat64()
		constant[i%pairs] += f.Network.Down[i]
	}
	prior := func(factor float64) []float64 { // NTK-aware scaling with α = 2t - 1: dz_i/dt = -2i/(d-2)·2/(2t-1)
		rate := make([]float64, pairs)
		for i := range rate {
			rate[i] = -2 * float64(i) / float64(2*pairs-2) * 2 / (2*factor - 1)
		}
		return rate
	}
	field, err := f.Network.Field()
	if err != nil {
		t.Fatal(err)
	}
	got, z := make([]float64, pairs), make([]float64, pairs)
	for _, factor := range []float64{1, 1.5, 8, 64} {
		if err := f.solve(factor); err != nil {
			t.Fatal(err)
		}
		copy(z, f.z)
		field.Rate(got, factor, z)
		for i, p := range prior(factor) {
			if e := math.Abs(got[i] - p - constant[i]); e > 1e-12 {
				t.Errorf("t = %v, pair %d: rate %v, want %v + %v", factor, i, got[i], p, constant[i])
			}
		}
	}
	for i := range f.pull {
		f.pull[i] = 1
	}
	if err := f.adjoint.Backward(f.gradient, nil, f.pull); err != nil {
		t.Fatal(err)
	}
	up, down := f.Network.Split(f.gradient)
	for i, g := range up {
		if g != 0 {
			t.Fatalf("W_up[%d] has a gradient of %v", i, g)
		}
	}
	if down[0] == 0 {
		t.Error("W_down has no gradient")
	}
}
