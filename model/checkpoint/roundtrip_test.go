package checkpoint

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"

	"clexlab/clex"
	"clexlab/model"
)

// testConfigs are one of each form, with everything that changes a tensor's name or shape.
var testConfigs = map[string]model.Config{
	"llama": {
		Architecture: model.LLaMA, Vocab: 19, Dim: 8, HiddenDim: 12, Layers: 2, Heads: 4, KVHeads: 2, NormEps: 1e-5,
		Rotary: clex.Rotary{HeadDim: 6, Dims: 6, Base: 500000, Window: 32},
	},
	"tied": {
		Architecture: model.LLaMA, Vocab: 19, Dim: 8, HiddenDim: 12, Layers: 1, Heads: 2, KVHeads: 2, NormEps: 1e-6, TiedHead: true,
		Rotary: clex.Rotary{HeadDim: 4, Dims: 4, Base: 10000, Window: 256},
	},
	"qwen3": {
		Architecture: model.LLaMA, Vocab: 19, Dim: 8, HiddenDim: 12, Layers: 2, Heads: 4, KVHeads: 2, NormEps: 1e-6, HeadNorm: true, Activation: model.ReLU,
		Rotary: clex.Rotary{HeadDim: 6, Dims: 6, Base: 1e6, Window: 32},
	},
	"neox": {
		Architecture: model.NeoX, Vocab: 19, Dim: 24, HiddenDim: 32, Layers: 2, Heads: 2, KVHeads: 2, NormEps: 1e-5, SequentialResidual: true,
		Rotary: clex.Rotary{HeadDim: 12, Dims: 4, Base: 10000, Window: 64},
	},
	"phi": {
		Architecture: model.NeoX, Vocab: 11, Dim: 32, HiddenDim: 24, Layers: 2, Heads: 4, KVHeads: 2, NormEps: 1e-5, Activation: model.TanhGELU,
		Rotary: clex.Rotary{HeadDim: 8, Dims: 6, Base: 10000, Window: 64},
	},
}

func testCheckpoint(t testing.TB, form string, withNetwork bool) *Checkpoint {
	config := testConfigs[form]
	c := &Checkpoint{Config: config, Metadata: map[string]string{"format": "pt", "source": "test"}}
	c.Weights = model.RandomWeights(config, 7, 4, true)
	if config.HeadNorm {
		for i := range c.Weights.Layers { // as Qwen 3 is, whose MLP has no biases
			l := &c.Weights.Layers[i]
			l.Gate.Bias, l.Up.Bias, l.Down.Bias = nil, nil, nil
		}
	}
	if form == "phi" { // whose head has a bias, and whose attention and MLP share a norm
		c.Weights.HeadBias = slices.Clone(c.Weights.Layers[0].Up.Bias[:config.Vocab])
		for i := range c.Weights.Layers {
			c.Weights.Layers[i].MLPNorm = c.Weights.Layers[i].AttentionNorm
		}
	}
	if withNetwork {
		n, err := clex.NewNetwork(config.Rotary.Dims, 2, clex.SiLU, rand.New(rand.NewPCG(1, 2)))
		if err != nil {
			t.Fatal(err)
		}
		for i := range n.Up {
			n.Up[i] = float64(float32(n.Up[i]))
			n.Down[i] = float64(float32(0.1 * math.Sin(float64(i))))
		}
		c.CLEX = n
		c.Scaling = CLEXScaling(n, 16)
	}
	return c
}

func TestWriteThenRead(t *testing.T) {
	for form := range testConfigs {
		for _, withNetwork := range []bool{false, true} {
			for _, p := range []Precision{F32, F16, I8} {
				t.Run(form+p.String(), func(t *testing.T) {
					c := testCheckpoint(t, form, withNetwork)
					dir := t.TempDir()
					if err := Write(dir, c, p); err != nil {
						t.Fatal(err)
					}
					got, err := Read(context.Background(), os.DirFS(dir), nil)
					if err != nil {
						t.Fatal(err)
					}
					if got.Config != c.Config || !reflect.DeepEqual(got.Scaling, c.Scaling) || !reflect.DeepEqual(got.CLEX, c.CLEX) {
						t.Errorf("got %+v %+v, want %+v %+v", got.Config, got.Scaling, c.Config, c.Scaling)
					}
					want := c.Weights
					if p == I8 {
						want = model.Quantize(want)
					}
					compareWeights(t, got.Weights, want, p)
				})
			}
		}
	}
}

// compareWeights wants equality, but for binary16's relative 2^-11 (and 2^-25 where it is subnormal).
func compareWeights(t *testing.T, got, want *model.Weights, p Precision) {
	t.Helper()
	if p != F16 {
		if !reflect.DeepEqual(got, want) {
			t.Error("weights differ")
		}
		return
	}
	var walk func(path string, a, b reflect.Value)
	walk = func(path string, a, b reflect.Value) {
		switch a.Kind() {
		case reflect.Pointer:
			walk(path, a.Elem(), b.Elem())
		case reflect.Struct:
			for i := range a.NumField() {
				walk(path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
			}
		case reflect.Slice:
			if a.Len() != b.Len() {
				t.Fatalf("%s: %d values, want %d", path, a.Len(), b.Len())
			}
			for i := range a.Len() {
				walk(path, a.Index(i), b.Index(i))
			}
		case reflect.Float32:
			if x, y := a.Float(), b.Float(); math.Abs(x-y) > math.Abs(y)*0x1p-11+0x1p-25 {
				t.Fatalf("%s: %v, want %v", path, x, y)
			}
		}
	}
	walk("", reflect.ValueOf(got), reflect.ValueOf(want))
}
