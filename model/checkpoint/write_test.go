package checkpoint

import (
	"bytes"
	"encoding/json/v2"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"clexlab/clex"
	"clexlab/model"
)

func TestWriteRefuses(t *testing.T) {
	for _, c := range []struct {
		name, form string
		network    bool
		precision  Precision
		spoil      func(c *Checkpoint)
		want       []string
	}{
		{"NaN", "llama", false, F32, func(c *Checkpoint) { c.Weights.Layers[1].Q.F32[5] = float32(math.NaN()) }, []string{"Layers[1].Q"}},
		{"beyond F16", "llama", false, F16, func(c *Checkpoint) { c.Weights.Layers[1].Down.F32[13] = 65520 }, []string{"model.layers.1.mlp.down_proj.weight", "row 1", "value 1", "65520", "F16"}},
		{"no weights", "llama", false, F32, func(c *Checkpoint) { c.Weights = nil }, []string{"weights"}},
		{"another shape", "llama", false, F32, func(c *Checkpoint) { c.Config.HiddenDim++ }, []string{"Layers[0]"}},
		{"unknown precision", "llama", false, 9, func(*Checkpoint) {}, []string{"precision 9"}},
		{"clex without network", "llama", true, F32, func(c *Checkpoint) { c.CLEX = nil }, []string{"CLEX"}},
		{"network without clex", "llama", true, F32, func(c *Checkpoint) { c.Scaling = nil }, []string{"CLEX"}},
		{"another λ", "llama", true, F32, func(c *Checkpoint) { c.Scaling.ParamFactor = 3 }, []string{"λ 3"}},
		{"another activation", "llama", true, F32, func(c *Checkpoint) { c.Scaling.Act = clex.Tanh }, []string{"act tanh"}},
		{"a network beyond float32", "llama", true, F32, func(c *Checkpoint) { c.CLEX.Up[1] = 1e300 }, []string{"ode_up_proj", "value 1"}},
		{"interleaved pairs", "llama", false, F32, func(c *Checkpoint) { c.Config.Rotary.Pairing = clex.Interleaved }, []string{ConfigFile, "Rotary.Pairing"}},
		{"partial rotary", "llama", false, F32, func(c *Checkpoint) { c.Config.Rotary.Dims = 2 }, []string{ConfigFile, "Rotary.Dims"}},
		{"a scaling that cannot be read back", "llama", false, F32, func(c *Checkpoint) { c.Scaling = &Scaling{Type: "linear", Factor: 0.5} }, []string{ConfigFile, "rope_scaling.factor"}},
		{"an infinite factor", "llama", false, F32, func(c *Checkpoint) { c.Scaling = &Scaling{Type: "linear", Factor: math.Inf(1)} }, []string{ConfigFile}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ck := testCheckpoint(t, c.form, c.network)
			dir := t.TempDir()
			if err := Write(dir, ck, F32); err != nil {
				t.Fatal(err)
			}
			before := readFolder(t, dir)
			c.spoil(ck)
			wantError(t, Write(dir, ck, c.precision), c.want...)
			// What was there is there still, and nothing beside it.
			if after := readFolder(t, dir); !reflect.DeepEqual(after, before) {
				t.Error("a failed write changed the folder")
			}
		})
	}
}

func readFolder(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(data)
	}
	return files
}

func writeThenRead(t *testing.T, c *Checkpoint, p Precision) *Checkpoint {
	t.Helper()
	config, err := c.MarshalConfig(p)
	if err != nil {
		t.Fatal(err)
	}
	var weights bytes.Buffer
	if err := c.WriteWeights(&weights, p); err != nil {
		t.Fatal(err)
	}
	got, err := ReadParts(config, weights.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// From I8 back to floats, every weight is byte times scale; as I8 again it is the same bytes.
func TestScaledBytesWrittenAgain(t *testing.T) {
	for form := range testConfigs {
		c := testCheckpoint(t, form, false)
		c.Weights = model.Quantize(c.Weights)
		if got := writeThenRead(t, c, I8); !reflect.DeepEqual(got.Weights, c.Weights) {
			t.Errorf("%s: I8 weights change on the way to disk and back", form)
		}
		floats := writeThenRead(t, c, F32).Weights
		for i := range c.Weights.Layers {
			from, to := &c.Weights.Layers[i], &floats.Layers[i]
			for name, m := range map[string][2]*model.Matrix{
				"Q": {&from.Q.Matrix, &to.Q.Matrix}, "K": {&from.K.Matrix, &to.K.Matrix}, "V": {&from.V.Matrix, &to.V.Matrix},
				"O": {&from.O.Matrix, &to.O.Matrix}, "Up": {&from.Up.Matrix, &to.Up.Matrix}, "Down": {&from.Down.Matrix, &to.Down.Matrix},
			} {
				for j, q := range m[0].I8 {
					if want := float32(q) * m[0].Scale[j/m[0].Cols]; m[1].F32[j] != want {
						t.Fatalf("%s: layer %d %s: value %d is %v, want %v", form, i, name, j, m[1].F32[j], want)
					}
				}
			}
		}
	}
}

func TestBiasOfSomeLayersIsZeroInTheOthers(t *testing.T) {
	c := testCheckpoint(t, "llama", false)
	c.Weights.Layers[0].K.Bias = nil
	c.Weights.Layers[1].Gate.Bias = nil
	kept := slices.Clone(c.Weights.Layers[1].K.Bias)
	got := writeThenRead(t, c, F32).Weights
	if b := got.Layers[0].K.Bias; !slices.Equal(b, make([]float32, len(kept))) {
		t.Errorf("the missing bias is %v, want zeros", b)
	}
	if b := got.Layers[1].K.Bias; !slices.Equal(b, kept) {
		t.Errorf("the other layer's bias is %v, want %v", b, kept)
	}
	if b := got.Layers[1].Gate.Bias; !slices.Equal(b, make([]float32, c.Config.HiddenDim)) {
		t.Errorf("the missing bias is %v, want zeros", b)
	}
}

// The share rotary_pct must give back every number of rotated components.
func TestPartialRotarySurvives(t *testing.T) {
	sizes := []int{80, 96, 120, 128, 255, 256}
	for headDim := 2; headDim < 50; headDim++ {
		sizes = append(sizes, headDim)
	}
	for _, headDim := range sizes {
		for dims := 2; dims <= headDim; dims += 2 {
			s := &settings{biases: biases{qkv: true, o: true, mlp: true}, config: model.Config{
				Architecture: model.NeoX, Vocab: 3, Dim: headDim, HiddenDim: 4, Layers: 1, Heads: 1, KVHeads: 1, NormEps: 1e-5,
				Rotary: clex.Rotary{HeadDim: headDim, Dims: dims, Base: 10000, Window: 8},
			}}
			text, err := marshalConfig(s, "float32")
			if err != nil {
				t.Fatal(err)
			}
			again, err := parseConfig(text)
			if err != nil {
				t.Fatal(err)
			}
			if again.config != s.config {
				t.Fatalf("%d of %d come back as %d", dims, headDim, again.config.Rotary.Dims)
			}
		}
	}
}

// The rope_scaling block has the reference's six members, and log_scale is written out.
func TestWrittenCLEXBlockIsTheReferences(t *testing.T) {
	network, err := clex.NewNetwork(6, 1, clex.Tanh, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	c := testCheckpoint(t, "llama", false)
	c.CLEX, c.Scaling = network, CLEXScaling(network, 16)
	text, err := c.MarshalConfig(F32)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Scaling  map[string]any `json:"rope_scaling"`
		LogScale *bool          `json:"log_scale"`
		Window   int            `json:"max_position_embeddings"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"type": "clex", "max_factor": 16.0, "param_factor": 1.0, "act": "tanh", "factor": 1.0, "time_dt": 0.01}
	if !reflect.DeepEqual(got.Scaling, want) {
		t.Errorf("the block is %v, want %v", got.Scaling, want)
	}
	if got.LogScale == nil || *got.LogScale {
		t.Error("log_scale of a model without log-n must be written as false")
	}
	if got.Window != c.Config.Rotary.Window {
		t.Errorf("max_position_embeddings is %d, want %d", got.Window, c.Config.Rotary.Window)
	}
}

// What a file with original_max_position_embeddings says of both windows survives.
func TestBothWindowsSurvive(t *testing.T) {
	for _, scaling := range []Scaling{
		{Type: "yarn", Factor: 4, OriginalWindow: 32, Extended: 100, BetaFast: 16, BetaSlow: 2, AttentionFactor: 1.25},
		{Type: "linear", Factor: 2, OriginalWindow: 32, Extended: 64, LogN: true},
		{Type: "dynamic", Factor: 2, OriginalWindow: 32, Extended: 64},
		{Type: "llama3", Factor: 8, OriginalWindow: 32, Extended: 256, LowFreqFactor: 1, HighFreqFactor: 4},
		{Type: "longrope", Factor: 2, OriginalWindow: 32, Extended: 64, ShortFactor: []float64{1, 1, 1}, LongFactor: []float64{1, 2, 3.5}, AttentionFactor: 1.1},
	} {
		c := testCheckpoint(t, "llama", false)
		c.Scaling = &scaling
		got := writeThenRead(t, c, F32)
		if !reflect.DeepEqual(got.Scaling, c.Scaling) || got.Config != c.Config {
			t.Errorf("%+v %+v comes back as %+v %+v", scaling, c.Config, got.Scaling, got.Config)
		}
		// Without Extended, the file asks for the window times the factor.
		want := int(math.Ceil(32 * scaling.Factor))
		scaling.Extended = 0
		if got := writeThenRead(t, c, F32); got.Scaling.Extended != want || got.Config.Rotary.Window != 32 {
			t.Errorf("%s: windows %d and %d, want 32 and %d", scaling.Type, got.Config.Rotary.Window, got.Scaling.Extended, want)
		}
	}
}
