package checkpoint

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// wantError sees that err is there and names every one of parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error is %q, want %q in it", err, part)
		}
	}
}

func TestTruncatedFileIsRefused(t *testing.T) {
	whole := handFile(tinyTensors()...)
	if _, err := ReadParts([]byte(tinyConfig), whole); err != nil {
		t.Fatal(err)
	}
	head := 8 + int(binary.LittleEndian.Uint64(whole))
	cuts := []int{len(whole) - 1, head + 1, head + 4}
	for n := range head + 1 {
		cuts = append(cuts, n)
	}
	for _, n := range cuts {
		_, err := ReadParts([]byte(tinyConfig), whole[:n])
		wantError(t, err, WeightsFile)
		// The same cut in a download: the size that was announced does not come.
		_, err = readStream(t.Context(), []byte(tinyConfig), strings.NewReader(string(whole[:n])), int64(len(whole)), nil)
		wantError(t, err, WeightsFile)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("download cut at %d: error is %v, want %v in it", n, err, io.ErrUnexpectedEOF)
		}
		if n >= head && !strings.Contains(err.Error(), "tensor") {
			t.Errorf("download cut at %d: %q names no tensor", n, err)
		}
	}
}

func TestHeaderRefused(t *testing.T) {
	four := make([]byte, 4)
	one := `"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`
	for _, c := range []struct {
		name string
		file []byte
		want []string
	}{
		{"huge length", append(binary.LittleEndian.AppendUint64(nil, math.MaxUint64), four...), []string{"header length 18446744073709551615"}},
		{"length of 2^63", append(binary.LittleEndian.AppendUint64(nil, 1<<63), four...), []string{"header length 9223372036854775808"}},
		{"length one past the end", append(binary.LittleEndian.AppendUint64(nil, 5), four...), []string{"header length 5"}},
		{"length zero", handHeader("", nil), []string{"header", "must begin with {"}},
		{"an array", handHeader("[]", nil), []string{"header", "must begin with {"}},
		{"broken JSON", handHeader("{"+one, four), []string{"header"}},
		{"two values", handHeader("{}{}", nil), []string{"header"}},
		{"invalid UTF-8", handHeader("{\"\xff\":{}}", nil), []string{"header"}},
		{"a tensor twice", handHeader("{"+one+","+one+"}", four), []string{"header", `"a"`, "duplicate"}},
		{"a member twice", handHeader(`{"a":{"dtype":"F32","dtype":"F16","shape":[1],"data_offsets":[0,4]}}`, four), []string{"header", "dtype", "duplicate"}},
		{"deep JSON", handHeader(`{"a":`+strings.Repeat("[", 100000)+strings.Repeat("]", 100000)+"}", nil), []string{"header", "depth"}},
		{"deep metadata", handHeader(`{"__metadata__":{"k":[[]]}}`, nil), []string{"header", "__metadata__"}},
		{"overlap", handHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}`, make([]byte, 6)),
			[]string{"header", `tensor "b"`, "starts at byte 2", "ends at 4"}},
		{"the same bytes twice", handHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, four),
			[]string{"header", `tensor "b"`, "starts at byte 0"}},
		{"hole between", handHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}`, make([]byte, 12)),
			[]string{"header", `tensor "b"`, "a hole from 4"}},
		{"hole in front", handHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, make([]byte, 8)), []string{"header", `tensor "a"`, "a hole from 0"}},
		{"hole at the end", handHeader("{"+one+"}", make([]byte, 5)), []string{"header", "take 4 bytes", "has 5"}},
		{"past the end", handHeader("{"+one+"}", make([]byte, 3)), []string{"header", "take 4 bytes", "has 3"}},
		{"offsets backwards", handHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, four), []string{`tensor "a"`, "data_offsets"}},
		{"offsets of another size", handHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}`, make([]byte, 8)), []string{`tensor "a"`, "data_offsets"}},
		{"negative offset", handHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}`, four), []string{`tensor "a"`, "data_offsets"}},
		{"three offsets", handHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}`, four), []string{`tensor "a"`, "data_offsets"}},
		{"no offsets", handHeader(`{"a":{"dtype":"F32","shape":[1]}}`, four), []string{`tensor "a"`, "data_offsets is missing"}},
		{"no shape", handHeader(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, four), []string{`tensor "a"`, "shape is missing"}},
		{"shape that overflows", handHeader(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, nil), []string{`tensor "a"`, "too large"}},
		{"shape that overflows to the right size", handHeader(`{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}`, nil), []string{`tensor "a"`, "too large"}},
		{"fractional shape", handHeader(`{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}`, four), []string{`tensor "a"`, "shape"}},
		{"five dimensions", handHeader(`{"a":{"dtype":"F32","shape":[1,1,1,1,1],"data_offsets":[0,4]}}`, four), []string{`tensor "a"`, "5 dimensions"}},
		{"unknown type", handHeader(`{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,4]}}`, four), []string{`tensor "a"`, `dtype "F4"`}},
		{"unknown member", handHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"zip":1}}`, four), []string{`tensor "a"`, "zip"}},
		{"null", handHeader(`{"a":null}`, nil), []string{`tensor "a"`, "dtype"}},
		{"empty name", handHeader(`{"":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, four), []string{"a name has 1 to"}},
		{"long name", handHeader(`{"`+strings.Repeat("a", 300)+`":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, four), []string{"a name has 1 to", "aaa…"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadParts([]byte(tinyConfig), c.file)
			wantError(t, err, append(c.want, WeightsFile)...)
		})
	}
}

// change returns the tiny model's tensors with the one called name changed by by.
func change(name string, by func(t *handTensor)) []handTensor {
	tensors := tinyTensors()
	by(&tensors[slices.IndexFunc(tensors, func(t handTensor) bool { return t.name == name })])
	return tensors
}

func TestTensorRefused(t *testing.T) {
	const gate, norm = "model.layers.0.mlp.gate_proj.weight", "model.norm.weight"
	put := func(name string, at int, x float32) []handTensor {
		return change(name, func(t *handTensor) { binary.LittleEndian.PutUint32(t.data[4*at:], math.Float32bits(x)) })
	}
	for _, c := range []struct {
		name    string
		tensors []handTensor
		want    []string
	}{
		{"NaN in a matrix", put(gate, 9, float32(math.NaN())), []string{gate, "[2, 1] is NaN"}},
		{"infinity in a matrix", put(gate, 23, float32(math.Inf(1))), []string{gate, "[5, 3] is +Inf"}},
		{"infinity in a vector", put(norm, 3, float32(math.Inf(-1))), []string{norm, "value 3 is -Inf"}},
		{"BF16 NaN", change(norm, func(t *handTensor) { t.dtype, t.data = "BF16", []byte{0, 0, 0xc1, 0x7f, 0, 0, 0, 0} }), []string{norm, "value 1 is NaN"}},
		{"F16 infinity", change(norm, func(t *handTensor) { t.dtype, t.data = "F16", []byte{0, 0, 0, 0, 0, 0xfc, 0, 0} }), []string{norm, "value 2 is -Inf"}},
		{"transposed", change(gate, func(t *handTensor) { t.shape = []int{4, 6} }), []string{gate, "shape [4 6]", "wants [6 4]", ConfigFile}},
		{"flat", change(gate, func(t *handTensor) { t.shape = []int{24} }), []string{gate, "shape [24]", "wants [6 4]"}},
		{"vector as a matrix", change(norm, func(t *handTensor) { t.shape = []int{1, 4} }), []string{norm, "shape [1 4]", "wants [4]"}},
		{"a row too few", change("lm_head.weight", func(t *handTensor) { t.shape[0], t.data = 2, t.data[:32] }), []string{"lm_head.weight", "shape [2 4]", "wants [3 4]"}},
		{"empty", change(norm, func(t *handTensor) { t.shape, t.data = []int{0}, nil }), []string{norm, "shape [0]", "wants [4]"}},
		{"F64", change(norm, func(t *handTensor) { t.dtype, t.data = "F64", make([]byte, 32) }), []string{norm, "type F64"}},
		{"I32", change(norm, func(t *handTensor) { t.dtype = "I32" }), []string{norm, "type I32"}},
		{"I8 vector", change(norm, func(t *handTensor) { t.dtype, t.data = "I8", make([]byte, 4) }), []string{norm, "only matrices may be I8"}},
		{"I8 without scales", change(gate, func(t *handTensor) { t.dtype, t.data = "I8", make([]byte, 24) }), []string{gate, gate + ".scale", "missing"}},
		{"scales without I8", append(tinyTensors(), handF32(gate+".scale", counting(1), 6)), []string{gate + ".scale", "not I8"}},
		{"scales of another shape", append(tinyTensors(), handF32(gate+".scale", counting(1), 4)), []string{gate + ".scale", "shape [4]", "wants [6]"}},
		{"a tensor of another model", append(tinyTensors(), handF32("model.layers.1.mlp.gate_proj.weight", counting(0), 6, 4)), []string{"model.layers.1.mlp.gate_proj.weight", "none of this model's"}},
		{"a bias that config.json denies", append(tinyTensors(), handF32("model.layers.0.mlp.gate_proj.bias", counting(0), 6)), []string{"model.layers.0.mlp.gate_proj.bias", "none of this model's"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadParts([]byte(tinyConfig), handFile(c.tensors...))
			wantError(t, err, append(c.want, WeightsFile)...)
		})
	}
	for i, missing := range tinyTensors() {
		_, err := ReadParts([]byte(tinyConfig), handFile(slices.Delete(tinyTensors(), i, i+1)...))
		wantError(t, err, WeightsFile, fmt.Sprintf("tensor %q is missing", missing.name))
	}
}

func TestConfigRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		// from in tinyConfig is replaced by to.
		from, to string
		want     string
	}{
		{"not JSON", tinyConfig, "weights", ""},
		{"not an object", tinyConfig, "[1]", ""},
		{"null", tinyConfig, "null", "must be an object"},
		{"deep JSON", `"vocab_size":3`, `"vocab_size":3,"x":` + strings.Repeat("[", 100000) + strings.Repeat("]", 100000), "depth"},
		{"a key twice", `"vocab_size":3`, `"vocab_size":3,"vocab_size":4`, "vocab_size"},
		{"another model", `"llama"`, `"mamba"`, "model_type"},
		{"no model", `"model_type":"llama",`, ``, "model_type"},
		{"a missing size", `"hidden_size":4,`, ``, "hidden_size: missing"},
		{"a size as text", `"hidden_size":4`, `"hidden_size":"4"`, "hidden_size"},
		{"a broken size", `"hidden_size":4`, `"hidden_size":4.5`, "hidden_size"},
		{"no width", `"hidden_size":4`, `"hidden_size":0`, "hidden_size: 0"},
		{"negative width", `"hidden_size":4`, `"hidden_size":-4`, "hidden_size: -4"},
		{"huge vocabulary", `"vocab_size":3`, `"vocab_size":99999999999999999999`, "vocab_size"},
		{"large vocabulary", `"vocab_size":3`, `"vocab_size":2000000`, "vocab_size: 2000000"},
		{"many layers", `"num_hidden_layers":1`, `"num_hidden_layers":1000`, "num_hidden_layers: 1000"},
		{"heads that do not divide", `"num_key_value_heads":1`, `"num_key_value_heads":3`, "num_key_value_heads: 3"},
		{"another activation", `"vocab_size":3`, `"vocab_size":3,"hidden_act":"mish"`, "hidden_act"},
		{"no epsilon", `"vocab_size":3`, `"vocab_size":3,"rms_norm_eps":0`, "rms_norm_eps: 0"},
		{"an odd head", `"vocab_size":3`, `"vocab_size":3,"head_dim":3`, "head_dim: 3"},
		{"infinite epsilon", `"vocab_size":3`, `"vocab_size":3,"rms_norm_eps":1e999`, "rms_norm_eps"},
		{"base of 1", `"vocab_size":3`, `"vocab_size":3,"rope_theta":1`, "rope_theta: 1"},
		{"quantised by a library", `"vocab_size":3`, `"vocab_size":3,"quantization_config":{"bits":4}`, "quantization_config"},
		{"learnt positions", `"llama"`, `"gpt2"`, "learnt positions"},
		{"ALiBi", `"llama"`, `"bloom"`, "ALiBi"},
		{"partial rotary", `"vocab_size":3`, `"vocab_size":3,"partial_rotary_factor":0.5`, "partial_rotary_factor"},
		{"unknown rope type", `"vocab_size":3`, `"vocab_size":3,"rope_scaling":{"rope_type":"spiral","factor":2}`, `rope_scaling.rope_type: "spiral"`},
		{"unknown old rope type", `"vocab_size":3`, `"vocab_size":3,"rope_scaling":{"type":"spiral","factor":2}`, `rope_scaling.type: "spiral"`},
		{"a block a type of layer", `"vocab_size":3`, `"vocab_size":3,"rope_parameters":{"full_attention":{"rope_type":"default"}}`, "rope_parameters.full_attention"},
		{"a fractional window", `"max_position_embeddings":8`, `"max_position_embeddings":64.5`, "max_position_embeddings: 64.5"},
		{"scaling as a number", `"vocab_size":3`, `"vocab_size":3,"rope_parameters":7`, "rope_parameters: must be an object"},
		{"a switch as a number", `"vocab_size":3`, `"vocab_size":3,"mlp_bias":1`, "mlp_bias: 1: must be true or false"},
		{"a base as text", `"vocab_size":3`, `"vocab_size":3,"rope_theta":"high"`, `rope_theta: "high": must be a number`},
		{"scaling as text", `"vocab_size":3`, `"vocab_size":3,"rope_scaling":"linear"`, "rope_scaling"},
		{"shrinking", `"vocab_size":3`, `"vocab_size":3,"rope_scaling":{"type":"linear","factor":0.5}`, "rope_scaling.factor: 0.5"},
		{"no factor", `"vocab_size":3`, `"vocab_size":3,"rope_scaling":{"type":"linear"}`, "rope_scaling.factor: missing"},
		{"clex without end", `"vocab_size":3`, `"vocab_size":3,"rope_scaling":{"type":"clex"}`, "rope_scaling.max_factor: missing"},
		{"clex of no width", `"vocab_size":3`, `"vocab_size":3,"rope_scaling":{"type":"clex","max_factor":16,"param_factor":0}`, "rope_scaling.param_factor"},
		{"clex of huge width", `"vocab_size":3`, `"vocab_size":3,"rope_scaling":{"type":"clex","max_factor":16,"param_factor":1e300}`, "rope_scaling.param_factor"},
		{"clex that stands still", `"vocab_size":3`, `"vocab_size":3,"rope_scaling":{"type":"clex","max_factor":16,"time_dt":0}`, "rope_scaling.time_dt"},
		{"clex of another activation", `"vocab_size":3`, `"vocab_size":3,"rope_scaling":{"type":"clex","max_factor":16,"act":"relu"}`, "rope_scaling.act"},
		{"llama3 upside down", `"vocab_size":3`, `"vocab_size":3,"rope_scaling":{"rope_type":"llama3","factor":8,"original_max_position_embeddings":4,"low_freq_factor":4,"high_freq_factor":1}`, "rope_scaling.high_freq_factor"},
		{"longrope too short", `"vocab_size":3`, `"vocab_size":3,"rope_scaling":{"type":"longrope","short_factor":[1],"long_factor":[1,1]}`, "rope_scaling.long_factor"},
		{"longrope below 0", `"vocab_size":3`, `"vocab_size":3,"rope_scaling":{"type":"longrope","short_factor":[-1],"long_factor":[1]}`, "rope_scaling.short_factor[0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := strings.Replace(tinyConfig, c.from, c.to, 1)
			if config == tinyConfig {
				t.Fatal("the case changes nothing")
			}
			_, err := ReadParts([]byte(config), handFile(tinyTensors()...))
			wantError(t, err, ConfigFile, c.want)
		})
	}
}

func TestNeoXConfigRefused(t *testing.T) {
	golden := string(readGolden(t, "neox.json"))
	for _, c := range []struct{ from, to, want string }{
		{`"rotary_pct": 0.5`, `"rotary_pct": 1.5`, "rotary_pct: 1.5"},
		{`"rotary_pct": 0.5`, `"rotary_pct": 0`, "rotary_pct: 0 of the 4"},
		{`"rotary_pct": 0.5`, `"rotary_pct": 0.8`, "rotary_pct: 3 of the 4"},
		{`"num_attention_heads": 2`, `"num_attention_heads": 3`, "num_attention_heads: 3 does not divide hidden_size 8"},
		{`"layer_norm_eps": 1e-05`, `"layer_norm_eps": -1`, "layer_norm_eps: -1"},
		{`"rotary_emb_base": 25000`, `"rotary_emb_base": 0.5`, "rotary_emb_base: 0.5"},
		{`"gelu"`, `"quick_gelu"`, "hidden_act"},
		{`"rope_scaling": null`, `"rope_parameters": {"rope_type": "default", "partial_rotary_factor": 2}`, "rope_parameters.partial_rotary_factor"},
	} {
		config := strings.Replace(golden, c.from, c.to, 1)
		if config == golden {
			t.Fatalf("%s is not in the file", c.from)
		}
		_, err := ReadParts([]byte(config))
		wantError(t, err, ConfigFile, c.want)
	}
}

func TestFolderRefused(t *testing.T) {
	tensors := tinyTensors()
	config := &fstest.MapFile{Data: []byte(tinyConfig)}
	first, second := &fstest.MapFile{Data: handFile(tensors[:6]...)}, &fstest.MapFile{Data: handFile(tensors[6:]...)}
	index := func(file func(i int) string) *fstest.MapFile {
		var entries []string
		for i, t := range tensors {
			entries = append(entries, fmt.Sprintf("%q:%q", t.name, file(i)))
		}
		return &fstest.MapFile{Data: []byte(`{"weight_map":{` + strings.Join(entries, ",") + "}}")}
	}
	half := func(i int) string { return string("ab"[i/6]) }
	for _, c := range []struct {
		name string
		fsys fstest.MapFS
		want []string
	}{
		{"no config", fstest.MapFS{WeightsFile: first}, []string{ConfigFile}},
		{"no weights", fstest.MapFS{ConfigFile: config}, []string{WeightsFile, IndexFile}},
		{"huge config", fstest.MapFS{ConfigFile: {Data: make([]byte, maxConfig+1)}}, []string{ConfigFile, "more than"}},
		{"half the weights", fstest.MapFS{ConfigFile: config, WeightsFile: first}, []string{WeightsFile, tensors[6].name, "missing"}},
		{"index is no JSON", fstest.MapFS{ConfigFile: config, IndexFile: {Data: []byte("{")}}, []string{IndexFile}},
		{"index is empty", fstest.MapFS{ConfigFile: config, IndexFile: {Data: []byte("{}")}}, []string{IndexFile, "weight_map"}},
		{"index leaves the folder", fstest.MapFS{ConfigFile: config, IndexFile: index(func(int) string { return "../a" })}, []string{IndexFile, "weight_map", "../a"}},
		{"a shard is missing", fstest.MapFS{ConfigFile: config, IndexFile: index(half), "a": first}, []string{"b"}},
		{"shards swapped", fstest.MapFS{ConfigFile: config, IndexFile: index(half), "a": second, "b": first}, []string{"checkpoint: a: tensor", IndexFile}},
		{"a shard with too little", fstest.MapFS{ConfigFile: config, IndexFile: index(half), "a": first, "b": {Data: handFile(tensors[7:]...)}},
			[]string{"b", tensors[6].name}},
		{"index forgets a tensor", fstest.MapFS{ConfigFile: config, IndexFile: {Data: []byte(`{"weight_map":{"` + tensors[0].name + `":"a"}}`)}, "a": first},
			[]string{"checkpoint: a: tensor", tensors[1].name, IndexFile}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(t.Context(), c.fsys, nil)
			wantError(t, err, c.want...)
			if strings.HasPrefix(c.name, "no ") && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%v is not fs.ErrNotExist", err)
			}
		})
	}
	// Shards in memory: nothing may come twice.
	_, err := ReadParts([]byte(tinyConfig), first.Data, second.Data, first.Data)
	wantError(t, err, "shard 3", tensors[0].name, "shard 1")
}
