package checkpoint

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"

	"clexlab/clex"
	"clexlab/model"
)

// Qwen 3 normalises each head of queries and keys; its heads are 128 wide where the file does not say.
func TestNormsOfHeads(t *testing.T) {
	const l = "model.layers.0.self_attn."
	norms := []handTensor{handF32(l+"q_norm.weight", counting(7), 2), handF32(l+"k_norm.weight", counting(9), 2)}
	config := configWith(`"model_type":"qwen3","head_dim":2,"use_sliding_window":false`)
	c, err := ReadParts(config, handFile(append(tinyTensors(), norms...)...))
	if err != nil {
		t.Fatal(err)
	}
	if a := &c.Weights.Layers[0]; !c.Config.HeadNorm || a.QNorm.Weight[1] != 8 || a.KNorm.Weight[0] != 9 || a.Q.Bias != nil {
		t.Errorf("%+v, norms %v %v", c.Config, a.QNorm, a.KNorm)
	}
	if got := writeThenRead(t, c, F32); got.Config != c.Config {
		t.Errorf("written and read: %+v", got.Config)
	}
	for i := range norms {
		_, err := ReadParts(config, handFile(append(tinyTensors(), norms[i])...))
		wantError(t, err, norms[1-i].name, "missing")
	}
	s, err := parseConfig(configWith(`"model_type":"qwen3"`))
	if err != nil || s.config.Rotary.HeadDim != 128 {
		t.Errorf("head_dim %+v, %v", s, err)
	}
	// Of a plain LLaMA they are none of its tensors.
	_, err = ReadParts([]byte(tinyConfig), handFile(append(tinyTensors(), norms...)...))
	wantError(t, err, norms[0].name, "none of this model's")
}

func TestActivationsInUse(t *testing.T) {
	for name, want := range map[string]model.Activation{
		"silu": model.DefaultActivation, "swish": model.DefaultActivation, "gelu": model.GELU, "gelu_pytorch_tanh": model.TanhGELU, "relu": model.ReLU,
	} {
		s, err := parseConfig(configWith(`"hidden_act":"` + name + `"`))
		if err != nil || s.config.Activation != want {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

// TestGoldenPhi: Phi-2 as the authors of CLEX publish it, whose attention has no log-n scaling.
func TestGoldenPhi(t *testing.T) {
	const l = "model.layers.0."
	tensors := []handTensor{
		handF32("model.embed_tokens.weight", counting(100), 3, 8),
		handF32(l+"input_layernorm.weight", counting(200), 8), handF32(l+"input_layernorm.bias", counting(250), 8),
		handF32(l+"self_attn.q_proj.weight", counting(300), 8, 8), handF32(l+"self_attn.q_proj.bias", counting(390), 8),
		handF32(l+"self_attn.k_proj.weight", counting(400), 8, 8), handF32(l+"self_attn.k_proj.bias", counting(490), 8),
		handF32(l+"self_attn.v_proj.weight", counting(500), 8, 8), handF32(l+"self_attn.v_proj.bias", counting(590), 8),
		handF32(l+"self_attn.dense.weight", counting(600), 8, 8), handF32(l+"self_attn.dense.bias", counting(690), 8),
		handF32(l+"mlp.fc1.weight", counting(700), 6, 8), handF32(l+"mlp.fc1.bias", counting(790), 6),
		handF32(l+"mlp.fc2.weight", counting(800), 8, 6), handF32(l+"mlp.fc2.bias", counting(890), 8),
		handF32("model.final_layernorm.weight", counting(900), 8), handF32("model.final_layernorm.bias", counting(950), 8),
		handF32("lm_head.weight", counting(1000), 3, 8), handF32("lm_head.bias", counting(1090), 3),
		handF32("model.clex_layer.proj_func.ode_up_proj", counting(1300), 1, 2),
		handF32("model.clex_layer.proj_func.ode_down_proj", counting(1400), 2, 1),
	}
	config := readGolden(t, "phi_clex.json")
	c, err := Read(context.Background(), fstest.MapFS{ConfigFile: {Data: config}, WeightsFile: {Data: handFile(tensors...)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := model.Config{
		Architecture: model.NeoX, Vocab: 3, Dim: 8, HiddenDim: 6, Layers: 1, Heads: 2, KVHeads: 2, NormEps: 1e-5, Activation: model.TanhGELU,
		Rotary: clex.Rotary{HeadDim: 4, Dims: 2, Base: 10000, Window: 2048, Pairing: clex.HalfSplit},
	}
	if c.Config != want || c.Scaling.LogN || c.Scaling.MaxFactor != 16 {
		t.Errorf("config is %+v, %+v, want %+v", c.Config, c.Scaling, want)
	}
	w := c.Weights
	first := &w.Layers[0]
	checkF32(t, "attention norm", first.AttentionNorm.Weight, 200, 8)
	checkF32(t, "MLP norm's bias", first.MLPNorm.Bias, 250, 8)
	checkMatrix(t, "K", &first.K.Matrix, 400, 8, 8)
	checkF32(t, "V's bias", first.V.Bias, 590, 8)
	checkF32(t, "O's bias", first.O.Bias, 690, 8)
	checkMatrix(t, "up", &first.Up.Matrix, 700, 6, 8)
	checkF32(t, "down's bias", first.Down.Bias, 890, 8)
	checkF32(t, "final norm's bias", w.FinalNorm.Bias, 950, 8)
	checkMatrix(t, "head", &w.Head, 1000, 3, 8)
	checkF32(t, "head's bias", w.HeadBias, 1090, 3)
	if !slices.Equal(c.CLEX.Down, []float64{1400, 1401}) {
		t.Errorf("network %+v", c.CLEX)
	}
	for _, name := range []string{"lm_head.bias", l + "input_layernorm.bias"} {
		_, err := ReadParts(config, handFile(slices.DeleteFunc(slices.Clone(tensors), func(t handTensor) bool { return t.name == name })...))
		wantError(t, err, name, "missing")
	}
	_, err = ReadParts([]byte(`{"qk_layernorm":true,`+string(config[1:])), handFile(tensors...))
	wantError(t, err, "qk_layernorm")
	// What no file can say is not written.
	c.Weights.Layers[0].MLPNorm = w.FinalNorm
	_, err = c.MarshalConfig(F32)
	wantError(t, err, "two norms")
}
