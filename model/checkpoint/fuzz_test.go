package checkpoint

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"clexlab/model"
)

// Whatever the bytes are, reading returns and takes no more memory than bytesPerByte says; what it accepts is a whole model,
// and writing that and reading it again changes nothing.
func FuzzReadSafetensors(f *testing.F) {
	tensors := tinyTensors()
	f.Add(handFile(tensors...))
	f.Add(handFile(tensors[1:]...))
	f.Add(handFile(tensors...)[:300])
	f.Add(handHeader(`{"__metadata__":{"format":"pt"}}`, nil))
	f.Add(handHeader(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, make([]byte, 4)))
	const norm = "model.norm.weight"
	f.Add(handFile(change(norm, func(t *handTensor) { t.dtype, t.data = "F16", make([]byte, 8) })...))
	f.Add(handFile(append(change("lm_head.weight", func(t *handTensor) { t.dtype, t.data = "I8", make([]byte, 12) }),
		handF32("lm_head.weight.scale", counting(1), 3))...))
	f.Fuzz(func(t *testing.T, file []byte) {
		c, err := readPartsMeasured(t, []byte(tinyConfig), file)
		if err != nil {
			if !strings.Contains(err.Error(), WeightsFile) {
				t.Errorf("error %q names no file", err)
			}
			return
		}
		if err := c.Weights.Validate(c.Config); err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(quantised(c.Weights), func(m *model.Matrix) bool { return m.I8 != nil }) {
			return // F32 holds the product of byte and scale, not the two
		}
		var b bytes.Buffer
		if err := c.WriteWeights(&b, F32); err != nil {
			t.Fatal(err)
		}
		again, err := ReadParts([]byte(tinyConfig), b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again.Weights, c.Weights) {
			t.Error("weights change on the way to disk and back")
		}
	})
}

// quantised lists the matrices of a tiny model that a file may hold as I8.
func quantised(w *model.Weights) []*model.Matrix {
	l := &w.Layers[0]
	return []*model.Matrix{&w.Embedding, &w.Head, &l.Q.Matrix, &l.K.Matrix, &l.V.Matrix, &l.O.Matrix, &l.Gate.Matrix, &l.Up.Matrix, &l.Down.Matrix}
}

// What parseConfig accepts describes a valid shape, and is the same after it was written and read.
func FuzzConfig(f *testing.F) {
	f.Add(readGolden(f, "llama_clex.json"))
	f.Add(readGolden(f, "neox.json"))
	f.Add([]byte(tinyConfig))
	for _, block := range []string{
		`{"type":"linear","factor":2}`,
		`{"rope_type":"dynamic","factor":2.5,"original_max_position_embeddings":4}`,
		`{"rope_type":"yarn","factor":4,"attention_factor":1.1,"beta_fast":32,"beta_slow":1,"original_max_position_embeddings":2}`,
		`{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":4}`,
		`{"type":"su","short_factor":[1],"long_factor":[2.5]}`,
		`{"type":"clex","max_factor":32,"param_factor":2,"act":"silu","factor":1,"time_dt":0.1,"prior_base":500000}`,
		`{"rope_type":"default"}`,
	} {
		f.Add([]byte(strings.Replace(tinyConfig, `"vocab_size"`, `"rope_scaling":`+block+`,"vocab_size"`, 1)))
		f.Add([]byte(strings.Replace(tinyConfig, `"vocab_size"`, `"log_scale":true,"rope_parameters":`+block+`,"vocab_size"`, 1)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseConfigMeasured(t, text)
		if err != nil {
			return
		}
		if err := s.config.Validate(); err != nil {
			t.Fatal(err)
		}
		written, err := marshalConfig(s, "float32")
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseConfig(written)
		if err != nil {
			t.Fatalf("%v in\n%s", err, written)
		}
		if again.config != s.config || again.biases != s.biases {
			t.Errorf("config %+v %+v comes back as %+v %+v", s.config, s.biases, again.config, again.biases)
		}
		if !reflect.DeepEqual(again.scaling, s.scaling) {
			t.Errorf("scaling %+v comes back as %+v", s.scaling, again.scaling)
		}
		if len(again.extra) != len(s.extra) {
			t.Errorf("%d extra members come back as %d", len(s.extra), len(again.extra))
		}
	})
}

// What generation_config.json says of ends is ids, or an error.
func FuzzEndTokens(f *testing.F) {
	for _, s := range []string{`{"eos_token_id":2}`, `{"eos_token_id":[1,2],"bos_token_id":1}`, `{"eos_token_id":null}`, `{}`, `{"eos_token_id":[[1]]}`, `{"eos_token_id":-1}`, `{"eos_token_id":1e99}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := endTokensMeasured(t, text)
		for _, id := range list {
			if id < 0 || err != nil {
				t.Errorf("%s: %d, %v", text, list, err)
			}
		}
	})
}
