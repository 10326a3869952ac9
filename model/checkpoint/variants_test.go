package checkpoint

import (
	"testing"

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
