package checkpoint

import (
	"context"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"
	"testing/fstest"

	"clexlab/clex"
	"clexlab/model"
)

func readGolden(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// checkF32 compares the values of a tensor with base, base+1, …
func checkF32(t *testing.T, name string, got []float32, base float32, n int) {
	t.Helper()
	want := make([]float32, n)
	for i := range want {
		want[i] = base + float32(i)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s is %v, want %v", name, got, want)
	}
}

func checkMatrix(t *testing.T, name string, m *model.Matrix, base float32, rows, cols int) {
	t.Helper()
	if m.Rows != rows || m.Cols != cols {
		t.Errorf("%s is %d×%d, want %d×%d", name, m.Rows, m.Cols, rows, cols)
	}
	checkF32(t, name, m.F32, base, rows*cols)
}

func TestGoldenLLaMA(t *testing.T) {
	tensors := append(tinyTensors(),
		handF32("model.clex_layer.proj_func.ode_up_proj", counting(1300), 1, 2),
		handF32("model.clex_layer.proj_func.ode_down_proj", counting(1400), 2, 1),
		// Buffers of older files are skipped, whatever their type.
		handF32("model.layers.0.self_attn.rotary_emb.inv_freq", counting(1), 1),
	)
	c, err := Read(context.Background(), fstest.MapFS{
		ConfigFile:  {Data: readGolden(t, "llama_clex.json")},
		WeightsFile: {Data: handFile(tensors...)},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := model.Config{
		Architecture: model.LLaMA, Vocab: 3, Dim: 4, HiddenDim: 6, Layers: 1, Heads: 2, KVHeads: 1, NormEps: 1e-5,
		Rotary: clex.Rotary{HeadDim: 2, Dims: 2, Base: 10000, Window: 4096, Pairing: clex.HalfSplit},
	}
	if c.Config != want {
		t.Errorf("config is %+v, want %+v", c.Config, want)
	}
	w := c.Weights
	l := &w.Layers[0]
	checkMatrix(t, "embedding", &w.Embedding, 100, 3, 4)
	checkF32(t, "attention norm", l.AttentionNorm.Weight, 200, 4)
	checkMatrix(t, "Q", &l.Q.Matrix, 300, 4, 4)
	checkMatrix(t, "K", &l.K.Matrix, 400, 2, 4)
	checkMatrix(t, "V", &l.V.Matrix, 500, 2, 4)
	checkMatrix(t, "O", &l.O.Matrix, 600, 4, 4)
	checkF32(t, "MLP norm", l.MLPNorm.Weight, 700, 4)
	checkMatrix(t, "gate", &l.Gate.Matrix, 800, 6, 4)
	checkMatrix(t, "up", &l.Up.Matrix, 900, 6, 4)
	checkMatrix(t, "down", &l.Down.Matrix, 1000, 4, 6)
	checkF32(t, "final norm", w.FinalNorm.Weight, 1100, 4)
	checkMatrix(t, "head", &w.Head, 1200, 3, 4)
	if l.Q.Bias != nil || l.Gate.Bias != nil || l.AttentionNorm.Bias != nil {
		t.Error("a bias appeared that the file does not have")
	}
	scaling := &Scaling{Type: "clex", Factor: 1, MaxFactor: 16, ParamFactor: 1, Act: clex.Tanh, TimeStep: 0.01, LogN: true}
	if !reflect.DeepEqual(c.Scaling, scaling) {
		t.Errorf("scaling is %+v, want %+v", c.Scaling, scaling)
	}
	network := &clex.Network{Dims: 2, Hidden: 2, Up: []float64{1300, 1301}, Down: []float64{1400, 1401}, Act: clex.Tanh}
	if !reflect.DeepEqual(c.CLEX, network) {
		t.Errorf("network is %+v, want %+v", c.CLEX, network)
	}
	// What says nothing about the computation is kept, and nothing else.
	extra := []string{"attention_dropout", "bos_token_id", "eos_token_id", "initializer_range", "pad_token_id", "pretraining_tp", "transformers_version", "use_cache"}
	if got := slices.Sorted(maps.Keys(c.Extra)); !slices.Equal(got, extra) {
		t.Errorf("extra keys are %q, want %q", got, extra)
	}
	// The block goes back to disk with the reference's members.
	text, err := c.MarshalConfig(F32)
	if err != nil {
		t.Fatal(err)
	}
	again, err := parseConfig(text)
	if err != nil {
		t.Fatal(err)
	}
	if again.config != c.Config || !reflect.DeepEqual(again.scaling, c.Scaling) || !reflect.DeepEqual(again.extra, c.Extra) {
		t.Errorf("the config comes back as %+v %+v %v", again.config, again.scaling, again.extra)
	}
}

func TestGoldenNeoX(t *testing.T) {
	const (
		width, heads, headDim = 8, 2, 4
		l                     = "gpt_neox.layers.0."
	)
	// In the fused tensor, rows go [head][q, k, v][dimension]. The value of a
	// row's element names all four: head, part, dimension and column.
	fused := func(part, head, dim, col int) float32 {
		return float32(part*1000 + head*100 + dim*10 + col)
	}
	var weight, bias []float32
	for head := range heads {
		for part := range 3 {
			for dim := range headDim {
				for col := range width {
					weight = append(weight, fused(part, head, dim, col))
				}
				bias = append(bias, fused(part, head, dim, 9))
			}
		}
	}
	at := func(x []float32) func(int) float32 { return func(i int) float32 { return x[i] } }
	file := handFile(
		handF32("gpt_neox.embed_in.weight", counting(100), 3, width),
		handF32(l+"input_layernorm.weight", counting(200), width),
		handF32(l+"input_layernorm.bias", counting(250), width),
		handF32(l+"post_attention_layernorm.weight", counting(300), width),
		handF32(l+"post_attention_layernorm.bias", counting(350), width),
		handTensor{l + "attention.bias", "BOOL", []int{1, 1, 2, 2}, make([]byte, 4)},
		handF32(l+"attention.masked_bias", counting(-1e9)),
		handF32(l+"attention.rotary_emb.inv_freq", counting(1), 1),
		handF32(l+"attention.query_key_value.weight", at(weight), 3*width, width),
		handF32(l+"attention.query_key_value.bias", at(bias), 3*width),
		handF32(l+"attention.dense.weight", counting(400), width, width),
		handF32(l+"attention.dense.bias", counting(500), width),
		handF32(l+"mlp.dense_h_to_4h.weight", counting(600), 12, width),
		handF32(l+"mlp.dense_h_to_4h.bias", counting(700), 12),
		handF32(l+"mlp.dense_4h_to_h.weight", counting(800), width, 12),
		handF32(l+"mlp.dense_4h_to_h.bias", counting(900), width),
		handF32("gpt_neox.final_layer_norm.weight", counting(1000), width),
		handF32("gpt_neox.final_layer_norm.bias", counting(1050), width),
		handF32("embed_out.weight", counting(1100), 3, width),
	)
	c, err := ReadParts(readGolden(t, "neox.json"), file)
	if err != nil {
		t.Fatal(err)
	}
	want := model.Config{
		Architecture: model.NeoX, Vocab: 3, Dim: width, HiddenDim: 12, Layers: 1, Heads: heads, KVHeads: heads, NormEps: 1e-5,
		Rotary: clex.Rotary{HeadDim: headDim, Dims: 2, Base: 25000, Window: 2048, Pairing: clex.HalfSplit},
	}
	if c.Config != want {
		t.Errorf("config is %+v, want %+v", c.Config, want)
	}
	w, layer := c.Weights, &c.Weights.Layers[0]
	for part, linear := range []*model.Linear{&layer.Q, &layer.K, &layer.V} {
		if linear.Rows != width || linear.Cols != width || len(linear.Bias) != width {
			t.Fatalf("part %d is %d×%d with %d biases", part, linear.Rows, linear.Cols, len(linear.Bias))
		}
		for head := range heads {
			for dim := range headDim {
				row := head*headDim + dim
				for col := range width {
					if got, want := linear.F32[row*width+col], fused(part, head, dim, col); got != want {
						t.Errorf("part %d, head %d, dimension %d, column %d is %v, want %v", part, head, dim, col, got, want)
					}
				}
				if got, want := linear.Bias[row], fused(part, head, dim, 9); got != want {
					t.Errorf("bias of part %d, head %d, dimension %d is %v, want %v", part, head, dim, got, want)
				}
			}
		}
	}
	checkMatrix(t, "embedding", &w.Embedding, 100, 3, width)
	checkF32(t, "attention norm", layer.AttentionNorm.Weight, 200, width)
	checkF32(t, "attention norm bias", layer.AttentionNorm.Bias, 250, width)
	checkF32(t, "MLP norm", layer.MLPNorm.Weight, 300, width)
	checkF32(t, "MLP norm bias", layer.MLPNorm.Bias, 350, width)
	checkMatrix(t, "O", &layer.O.Matrix, 400, width, width)
	checkF32(t, "O bias", layer.O.Bias, 500, width)
	checkMatrix(t, "up", &layer.Up.Matrix, 600, 12, width)
	checkF32(t, "up bias", layer.Up.Bias, 700, 12)
	checkMatrix(t, "down", &layer.Down.Matrix, 800, width, 12)
	checkF32(t, "down bias", layer.Down.Bias, 900, width)
	checkF32(t, "final norm", w.FinalNorm.Weight, 1000, width)
	checkF32(t, "final norm bias", w.FinalNorm.Bias, 1050, width)
	checkMatrix(t, "head", &w.Head, 1100, 3, width)
	if c.Scaling != nil || c.CLEX != nil {
		t.Errorf("a scaling %+v appeared from nowhere", c.Scaling)
	}
}
