package checkpoint

import (
	"bytes"
	"reflect"
	"runtime"
	"testing"

	"clexlab/clex"
	"clexlab/model"
)

// weightsOf is what a checkpoint's safetensors file holds.
func weightsOf(t *testing.T, c *Checkpoint, p Precision) (config, weights []byte) {
	t.Helper()
	config, err := c.MarshalConfig(p)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.WriteWeights(&b, p); err != nil {
		t.Fatal(err)
	}
	return config, b.Bytes()
}

// TestInt8AsItArrives: the weights are those that rounding the whole model gives.
func TestInt8AsItArrives(t *testing.T) {
	for form := range testConfigs {
		for _, p := range []Precision{F32, F16, I8} {
			config, data := weightsOf(t, testCheckpoint(t, form, true), p)
			whole, err := ReadParts(config, data)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Loader{Int8: true}.ReadParts(config, data)
			if err != nil {
				t.Fatal(err)
			}
			if want := model.Quantize(whole.Weights); !reflect.DeepEqual(got.Weights, want) || !reflect.DeepEqual(got.CLEX, whole.CLEX) {
				t.Errorf("%s in %v: rounded while read is not rounded after", form, p)
			}
		}
	}
	for _, p := range []Precision{F32, F16, I8} {
		c, tok := ggufModel(t, clex.HalfSplit)
		s, err := c.SchemeNamed("ntk")
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := c.WriteGGUF(&file, tok, s, 4, p); err != nil {
			t.Fatal(err)
		}
		size := int64(file.Len())
		whole, _, err := ReadGGUF(t.Context(), bytes.NewReader(file.Bytes()), size, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := Loader{Int8: true}.ReadGGUF(t.Context(), &file, size)
		if err != nil || !reflect.DeepEqual(got.Weights, model.Quantize(whole.Weights)) {
			t.Errorf("GGUF in %v: %v", p, err)
		}
	}
	// Scales of a matrix whose values the file has as floats are still refused.
	_, err := Loader{Int8: true}.ReadParts([]byte(tinyConfig), handFile(append(tinyTensors(), handF32("lm_head.weight.scale", counting(1), 3))...))
	wantError(t, err, "lm_head.weight", "is not I8")
}

// TestInt8Memory: a read takes what the int8 model takes, and a tenth.
func TestInt8Memory(t *testing.T) {
	cfg := model.Config{
		Architecture: model.LLaMA, Vocab: 2000, Dim: 512, HiddenDim: 1024, Layers: 4, Heads: 8, KVHeads: 8, NormEps: 1e-5,
		Rotary: clex.Rotary{HeadDim: 64, Dims: 64, Base: 10000, Window: 256},
	}
	c := &Checkpoint{Config: cfg, Weights: model.RandomWeights(cfg, 1, 1, false)}
	config, data := weightsOf(t, c, F16)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := Loader{Int8: true}.ReadParts(config, data)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	need := got.Weights.Parameters(cfg)
	if used := after.TotalAlloc - before.TotalAlloc; used > uint64(need)*11/10 {
		t.Errorf("%d bytes were allocated for %d weights", used, need)
	}
}
