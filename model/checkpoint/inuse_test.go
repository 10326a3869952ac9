package checkpoint

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"clexlab/clex"
	"clexlab/model"
)

// configWith is the tiny model's config.json with members put in front, which replace those it has.
func configWith(members string) []byte {
	config := tinyConfig
	for _, key := range []string{"model_type", "max_position_embeddings", "num_key_value_heads"} {
		if strings.Contains(members, `"`+key+`":`) && !strings.Contains(members, `{"`+key) {
			at := strings.Index(config, `"`+key+`":`)
			end := at + strings.IndexAny(config[at:], ",}")
			config = strings.TrimSuffix(strings.TrimRight(config[:at], " \n\t"), ",") + config[end:]
			config = strings.Replace(config, "{,", "{", 1)
		}
	}
	return []byte(strings.Replace(config, "{", "{"+members+",", 1))
}

// Files of many programs and years say the same things in other places. Each row is one geometry, however it is written.
func TestRopeSettingsInUse(t *testing.T) {
	rotary := func(base float64, window int) clex.Rotary {
		return clex.Rotary{HeadDim: 2, Dims: 2, Base: base, Window: window}
	}
	llama3 := &Scaling{Type: "llama3", Factor: 8, LowFreqFactor: 1, HighFreqFactor: 4}
	for _, c := range []struct {
		members string
		rotary  clex.Rotary
		scaling *Scaling
		notes   int
	}{
		{`"rope_theta":5000.0`, rotary(5000, 8), nil, 0},
		{`"rope_theta":null,"rope_scaling":null,"head_dim":null`, rotary(10000, 8), nil, 0},
		{`"rope_parameters":{"rope_theta":5000.0}`, rotary(5000, 8), nil, 0},
		{`"rope_parameters":{"rope_theta":5000,"rope_type":"default"},"rope_theta":7`, rotary(5000, 8), nil, 0},
		{`"rope_scaling":{"rope_theta":5000.0,"rope_type":"default"}`, rotary(5000, 8), nil, 0},
		{`"rope_scaling":{"rope_theta":5000.0,"partial_rotary_factor":1.0,"rope_type":"default"}`, rotary(5000, 8), nil, 0},
		{`"rope_scaling":{},"rope_parameters":{"rope_theta":5000.0}`, rotary(5000, 8), nil, 0},
		{`"rope_scaling":{}`, rotary(10000, 8), nil, 0},
		{`"rope_scaling":{"type":null,"factor":null}`, rotary(10000, 8), nil, 0},
		{`"partial_rotary_factor":1`, rotary(10000, 8), nil, 0},
		{`"max_position_embeddings":64.0`, rotary(10000, 64), nil, 0},
		{`"max_position_embeddings":6.4e1,"num_key_value_heads":1.0`, rotary(10000, 64), nil, 0},
		{`"sliding_window":4096`, rotary(10000, 8), nil, 0},
		{`"hidden_act":"swish"`, rotary(10000, 8), nil, 0},
		{`"rope_scaling":{"type":"linear","factor":2}`, rotary(10000, 8), &Scaling{Type: "linear", Factor: 2}, 0},
		{`"rope_parameters":{"type":"linear","rope_type":"linear","factor":2.0,"rope_theta":1e4}`, rotary(10000, 8), &Scaling{Type: "linear", Factor: 2}, 0},
		{`"rope_scaling":{"type":"linear","factor":2,"finetuned":true}`, rotary(10000, 8), &Scaling{Type: "linear", Factor: 2}, 1},
		{`"rope_scaling":{"factor":2}`, rotary(10000, 8), nil, 1},
		{`"rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0}`, rotary(10000, 8), llama3, 0},
		{`"rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":null}`, rotary(10000, 8), llama3, 0},
		{`"max_position_embeddings":64,"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":8.0}`,
			rotary(10000, 8), &Scaling{Type: "llama3", Factor: 8, LowFreqFactor: 1, HighFreqFactor: 4, OriginalWindow: 8, Extended: 64}, 0},
		{`"max_position_embeddings":64,"original_max_position_embeddings":8,"rope_scaling":{"type":"yarn"}`,
			rotary(10000, 8), &Scaling{Type: "yarn", Factor: 8, OriginalWindow: 8, Extended: 64}, 0},
	} {
		s, err := parseConfig(configWith(c.members))
		if err != nil {
			t.Errorf("%s: %v", c.members, err)
			continue
		}
		if s.config.Rotary != c.rotary || !reflect.DeepEqual(s.scaling, c.scaling) || len(s.notes) != c.notes {
			t.Errorf("%s: %+v, %+v, notes %q; want %+v, %+v", c.members, s.config.Rotary, s.scaling, s.notes, c.rotary, c.scaling)
		}
	}
}

// How much of a head turns in GPT-NeoX stands in one of three places, and 1 is a value like any other.
func TestShareOfNeoXHeads(t *testing.T) {
	const head = `{"model_type":"gpt_neox","vocab_size":5,"hidden_size":32,"intermediate_size":8,"num_hidden_layers":1,"num_attention_heads":2,"max_position_embeddings":64`
	for members, dims := range map[string]int{
		``: 4, // rotary_pct's default
		`"rope_parameters":{"rope_type":"default","rope_theta":10000.0,"partial_rotary_factor":1.0}`: 16,
		`"rope_parameters":{"rope_type":"default","partial_rotary_factor":0.5}`:                      8,
		`"rope_parameters":{"rope_type":"default","partial_rotary_factor":1},"rotary_pct":0.25`:      16,
		`"rope_parameters":{"rope_type":"default","partial_rotary_factor":null},"rotary_pct":0.5`:    8,
		`"rotary_pct":0.5,"rope_parameters":{"rope_type":"default","rope_theta":10000.0}`:            8,
		`"rotary_pct":1,"rope_scaling":{"type":"linear","factor":2}`:                                 16,
		`"rotary_pct":1.0`:            16,
		`"partial_rotary_factor":1.0`: 16,
		`"rope_scaling":{"rope_type":"linear","factor":2.0,"partial_rotary_factor":1.0}`: 16,
		`"rope_parameters":{"rope_type":"default","rope_theta":10000.0}`:                 4,
	} {
		s, err := parseConfig([]byte(strings.TrimSuffix(head+","+members, ",") + "}"))
		if err != nil {
			t.Fatalf("%s: %v", members, err)
		}
		if got := s.config.Rotary.Dims; got != dims {
			t.Errorf("%s: %d of 16 components turn, want %d", members, got, dims)
		}
	}
	for _, act := range []string{"gelu", "gelu_fast", "gelu_new", "gelu_pytorch_tanh"} {
		s, err := parseConfig([]byte(head + `,"hidden_act":"` + act + `"}`))
		if err != nil || (s.config.Activation == model.TanhGELU) != (act != "gelu") {
			t.Errorf("%s: %+v, %v", act, s, err)
		}
	}
}

// The members that yarn's blocks have in use, with transformers' formulas for the attention factor.
func TestYaRNInUse(t *testing.T) {
	rule := 0.1*math.Log(4) + 1
	for members, want := range map[string]float64{
		`"finetuned":true`:                                     rule,
		`"attention_factor":1.0`:                               1,
		`"attention_factor":1.2`:                               1.2,
		`"attention_factor":null`:                              rule,
		`"mscale":1.0,"mscale_all_dim":1.0`:                    1,
		`"mscale":0.707,"mscale_all_dim":1.0`:                  (0.1*0.707*math.Log(4) + 1) / rule,
		`"mscale":0.707`:                                       rule,
		`"mscale_all_dim":0.8`:                                 rule,
		`"mscale":0,"mscale_all_dim":1`:                        rule,
		`"mscale":2,"mscale_all_dim":1,"attention_factor":1.1`: 1.1,
		`"truncate":false`:                                     rule,
		`"truncate":true`:                                      rule,
		`"original_max_position_embeddings":null`:              rule,
		`"original_max_position_embeddings":8.0`:               rule,
		`"beta_fast":32,"beta_slow":1.0`:                       rule,
		`"extrapolation_factor":1`:                             rule,
	} {
		s, err := parseConfig(configWith(`"head_dim":16,"rope_scaling":{"rope_type":"yarn","factor":4.0,` + members + `}`))
		if err != nil {
			t.Errorf("%s: %v", members, err)
			continue
		}
		c := &Checkpoint{Config: s.config, Scaling: s.scaling}
		scheme, lengths, err := c.Scheme()
		if err != nil || lengths != clex.AtT(4) {
			t.Errorf("%s: %+v, %v", members, lengths, err)
			continue
		}
		var e clex.Encoding
		if err := scheme.Encode(&e, 4, 0); err != nil || math.Abs(e.AttentionFactor-want) > 1e-12 {
			t.Errorf("%s: attention factor %v (%v), want %v", members, e.AttentionFactor, err, want)
		}
		// What is read is written.
		text, err := json.Marshal(s.scaling.block())
		if err != nil {
			t.Fatal(err)
		}
		if again, err := parseConfig(configWith(`"head_dim":16,"rope_scaling":` + string(text))); err != nil || !reflect.DeepEqual(again.scaling, s.scaling) {
			t.Errorf("%s: written as %s and read as %+v, %v", members, text, again, err)
		}
	}
}

// An unrounded ramp, by hand: for 16 dimensions, a window of 256 and base 10000 it begins at 8·ln(256/64π)/ln 10000 = 0.2095 and
// ends at 8·ln(256/2π)/ln 10000 = 3.2204.
func TestYaRNKeepsFractions(t *testing.T) {
	r := clex.Rotary{HeadDim: 16, Dims: 16, Base: 10000, Window: 256}
	s, err := clex.New("yarn", r, clex.Options{KeepFractions: true})
	if err != nil {
		t.Fatal(err)
	}
	var e clex.Encoding
	if err := s.Encode(&e, 4, 0); err != nil {
		t.Fatal(err)
	}
	low, high := 8*math.Log(256/(64*math.Pi))/math.Log(10000), 8*math.Log(256/(2*math.Pi))/math.Log(10000)
	for i, got := range e.InvFreq {
		share := min(max((float64(i)-low)/(high-low), 0), 1)
		want := math.Pow(10000, -float64(i)/8) * (1 - share + share/4)
		if math.Abs(got/want-1) > 1e-12 {
			t.Errorf("frequency %d is %v, want %v", i, got, want)
		}
	}
}

// tied is the tiny model's config.json with tied embeddings.
var tied = configWith(`"tie_word_embeddings":true`)

// A file may have a head although config.json says that it shares the embedding's weights. What counts is what the head is.
func TestHeadOfATiedModel(t *testing.T) {
	const embedding, head = "model.embed_tokens.weight", "lm_head.weight"
	with := func(change func(h *handTensor)) []handTensor {
		list := tinyTensors()
		list[len(list)-1] = handF32(head, counting(100), 3, 4) // the embedding's values
		if change != nil {
			change(&list[len(list)-1])
		}
		return list
	}
	i8 := func(name string, scale float32) []handTensor {
		return []handTensor{{name, "I8", []int{3, 4}, []byte("abcdefghijkl")}, handF32(name+scaleSuffix, func(int) float32 { return scale }, 3)}
	}
	reversed := with(nil)
	slices.Reverse(reversed)
	differs := with(func(h *handTensor) { h.data[40] ^= 1 })
	reversedDiffers := slices.Clone(differs)
	slices.Reverse(reversedDiffers)
	both := func(scale float32) []handTensor {
		list := tinyTensors()[1:11]
		return slices.Concat(list, i8(embedding, 0.5), i8(head, scale))
	}
	for name, c := range map[string]struct {
		list []handTensor
		tied bool
	}{
		"none":                       {tinyTensors()[:11], true},
		"a copy":                     {with(nil), true},
		"a copy before the original": {reversed, true},
		"a bit apart":                {differs, false},
		"a bit apart, before":        {reversedDiffers, false},
		"another":                    {tinyTensors(), false},
		"a copy in int8":             {both(0.5), true},
		"in int8, scaled":            {both(0.25), false},
		"float beside int8":          {slices.Concat(tinyTensors()[1:11], i8(embedding, 0.5), []handTensor{handF32(head, counting(97), 3, 4)}), false},
	} {
		ck, err := ReadParts(tied, handFile(c.list...))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if ck.Config.TiedHead != c.tied || (ck.Weights.Head.Rows == 0) != c.tied || (len(ck.Notes) == 0) != c.tied {
			t.Errorf("%s: tied %v, head of %d rows, notes %q", name, ck.Config.TiedHead, ck.Weights.Head.Rows, ck.Notes)
		}
		if !c.tied {
			// The choice survives a round trip.
			if got := writeThenRead(t, ck, F32); got.Config.TiedHead {
				t.Errorf("%s: tied again", name)
			}
		}
	}
	_, err := ReadParts(tied, handFile(with(func(h *handTensor) { h.shape, h.data = []int{2, 4}, h.data[:32] })...))
	wantError(t, err, head, "shape [2 4]")
	// GPT-NeoX has another name for it.
	c := testCheckpoint(t, "neox", false)
	config, err := c.MarshalConfig(F32)
	if err != nil {
		t.Fatal(err)
	}
	var weights strings.Builder
	if err := c.WriteWeights(&weights, F32); err != nil {
		t.Fatal(err)
	}
	got, err := ReadParts([]byte(strings.Replace(string(config), `"tie_word_embeddings": false`, `"tie_word_embeddings": true`, 1)), []byte(weights.String()))
	if err != nil || got.Config.TiedHead || got.Weights.Head.F32[0] != c.Weights.Head.F32[0] {
		t.Errorf("embed_out of a tied GPT-NeoX is lost: %v", err)
	}
}

func TestBuffersInUse(t *testing.T) {
	for _, name := range []string{
		"model.rotary_emb.inv_freq", "model.rotary_emb.original_inv_freq", "model.layers.0.self_attn.rotary_emb.cos_cached", "model.layers.0.self_attn.rotary_emb.sin_cached",
		"model.layers.0.self_attn.rotary_emb.inv_freq", "rope.freqs", "freqs_cis", "_orig_mod.model.rotary_emb.inv_freq", "model.clex_layer.inv_freq", "model.embeddings.position_ids",
	} {
		if _, err := ReadParts([]byte(tinyConfig), handFile(append(tinyTensors(), handF32(name, counting(1), 2))...)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"model.layers.0.mlp.rotation", "model.layers.0.self_attn.q_norm.weight", "rotary"} {
		_, err := ReadParts([]byte(tinyConfig), handFile(append(tinyTensors(), handF32(name, counting(1), 2))...))
		wantError(t, err, name, "none of this model's")
	}
}

// What programs wrap names in falls away; the values are where they belong.
func TestPrefixesInUse(t *testing.T) {
	want, err := ReadParts(tied, handFile(tinyTensors()[:11]...))
	if err != nil {
		t.Fatal(err)
	}
	for _, rename := range []func(string) string{
		func(n string) string { return "_orig_mod." + n },
		func(n string) string { return "module." + n },
		func(n string) string { return "module._orig_mod." + n },
		func(n string) string { return strings.Replace(n, "model.", "model._orig_mod.", 1) },
		func(n string) string { return strings.Replace(n, "layers.0.", "layers.0._fsdp_wrapped_module.", 1) },
		func(n string) string { return "model." + n },
		func(n string) string { return "language_model." + n },
		func(n string) string { return strings.TrimPrefix(n, "model.") },
		func(n string) string { return "module." + strings.TrimPrefix(n, "model.") },
	} {
		list := tinyTensors()[:11]
		for i := range list {
			list[i].name = rename(list[i].name)
		}
		got, err := ReadParts(tied, handFile(list...))
		if err != nil {
			t.Errorf("%s: %v", list[0].name, err)
		} else if !reflect.DeepEqual(got.Weights, want.Weights) {
			t.Errorf("%s: other weights", list[0].name)
		}
	}
	_, err = ReadParts(tied, handFile(append(tinyTensors()[:11], handF32("module.model.norm.weight", counting(0), 4))...))
	wantError(t, err, "module.model.norm.weight", "already")
}

// Qwen2's attention has biases on queries, keys and values, and none on its output.
func TestBiasOnQueriesKeysValues(t *testing.T) {
	const l = "model.layers.0.self_attn."
	qkv := []handTensor{handF32(l+"q_proj.bias", counting(1), 4), handF32(l+"k_proj.bias", counting(2), 2), handF32(l+"v_proj.bias", counting(3), 2)}
	for _, kind := range []string{`"model_type":"qwen2"`, `"model_type":"llama","attention_bias":true`, `"model_type":"qwen2","use_sliding_window":false,"sliding_window":4096,"max_window_layers":28`} {
		c, err := ReadParts(configWith(kind), handFile(append(tinyTensors(), qkv...)...))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		a := &c.Weights.Layers[0]
		if a.Q.Bias[0] != 1 || a.K.Bias[1] != 3 || a.V.Bias[1] != 4 || a.O.Bias != nil || len(c.Notes) != 0 {
			t.Errorf("%s: biases %v %v %v %v, notes %q", kind, a.Q.Bias, a.K.Bias, a.V.Bias, a.O.Bias, c.Notes)
		}
		if got := writeThenRead(t, c, F32); !reflect.DeepEqual(got.Weights, c.Weights) {
			t.Errorf("%s: other weights after a round trip", kind)
		}
		for i := range qkv {
			_, err := ReadParts(configWith(kind), handFile(append(tinyTensors(), slices.Delete(slices.Clone(qkv), i, i+1)...)...))
			wantError(t, err, qkv[i].name, "missing")
		}
	}
	// Of some layers and not of others it is a damaged file.
	two := strings.Replace(string(configWith(`"attention_bias":true`)), `"num_hidden_layers":1`, `"num_hidden_layers":2`, 1)
	list := append(tinyTensors(), qkv...)
	for _, x := range list {
		if strings.Contains(x.name, "layers.0.") {
			x.name = strings.Replace(x.name, "layers.0.", "layers.1.", 1)
			list = append(list, x)
		}
	}
	if _, err := ReadParts([]byte(two), handFile(list...)); err != nil {
		t.Fatal(err)
	}
	_, err := ReadParts([]byte(two), handFile(append(list, handF32(l+"o_proj.bias", counting(0), 4))...))
	wantError(t, err, "model.layers.1.self_attn.o_proj.bias", "missing")
}

func TestWindowedAttentionIsSaid(t *testing.T) {
	for members, notes := range map[string]int{
		`"model_type":"mistral","sliding_window":null`:                                    0,
		`"model_type":"mistral","sliding_window":4096`:                                    1,
		`"model_type":"qwen2","use_sliding_window":true,"sliding_window":4096`:            1,
		`"model_type":"qwen2","use_sliding_window":false,"sliding_window":4096`:           0,
		`"model_type":"llama","sliding_window":4096,"architectures":["LlamaForCausalLM"]`: 0,
	} {
		s, err := parseConfig(configWith(members))
		if err != nil || len(s.notes) != notes || notes > 0 && !strings.Contains(s.notes[0], "4096") {
			t.Errorf("%s: %v, %v", members, s, err)
		}
	}
}

// Weights of more than 3 GiB are for a native reader to take.
func TestNativeMemory(t *testing.T) {
	r, err := newReader(t.Context(), []byte(strings.NewReplacer(`"vocab_size":3`, `"vocab_size":1000000`, `"hidden_size":4`, `"hidden_size":2048`).Replace(tinyConfig)), Loader{})
	if err != nil {
		t.Fatal(err)
	}
	x := tensor{name: "model.embed_tokens.weight", dtype: dtypeBF16, to: 1_000_000 * 2048 * 2}
	if got := r.bytesOf(r.slots[x.name], &x); got != 1_000_000*2048*4 || got > r.limit {
		t.Errorf("%d bytes of %d", got, r.limit)
	}
}

func TestEndOfText(t *testing.T) {
	for _, c := range []struct {
		config, generation string
		want               []int32
	}{
		{`"eos_token_id":2`, "", []int32{2}},
		{`"eos_token_id":[1,2]`, "", []int32{1, 2}},
		{`"eos_token_id":null`, "", nil},
		{`"bos_token_id":1`, "", nil},
		{`"eos_token_id":2`, `{"eos_token_id":[0,1],"temperature":0.6}`, []int32{0, 1}},
		{`"eos_token_id":2`, `{"max_length":20}`, []int32{2}},
	} {
		fsys := fstest.MapFS{ConfigFile: {Data: configWith(c.config)}, WeightsFile: {Data: handFile(tinyTensors()...)}}
		if c.generation != "" {
			fsys[GenerationFile] = &fstest.MapFile{Data: []byte(c.generation)}
		}
		ck, err := Read(t.Context(), fsys, nil)
		if err != nil || !slices.Equal(ck.EndOfText, c.want) {
			t.Errorf("%s %s: %v, want %v", c.config, c.generation, err, c.want)
		}
	}
	for _, bad := range []string{`"eos_token_id":"</s>"`, `"eos_token_id":[1.5]`, `"eos_token_id":-1`, `"eos_token_id":{}`} {
		_, err := ReadParts(configWith(bad), handFile(tinyTensors()...))
		wantError(t, err, ConfigFile, "eos_token_id")
	}
	fsys := fstest.MapFS{ConfigFile: {Data: []byte(tinyConfig)}, WeightsFile: {Data: handFile(tinyTensors()...)}, GenerationFile: {Data: []byte("[]")}}
	_, err := Read(t.Context(), fsys, nil)
	wantError(t, err, GenerationFile)
}
