package state

import (
	"reflect"
	"testing"

	"clexlab/wasm/wire/jobs"
)

// A model is written with the weights of the method in use, which come by their difference where there is one, and with its own under CLEX.
func TestExportsTheMethodsWeights(t *testing.T) {
	t.Parallel()
	s := schooled()
	d := &jobs.Difference{Address: "yd", Of: "w"}
	s.Models[0].Tuned = map[string]Weights{"yarn": {Name: "yarn", Config: "yc", Weights: "yw", Size: 3, Factor: 16, Difference: d}}
	for _, c := range []struct {
		method string
		format jobs.Format
		want   jobs.Load
	}{
		{"yarn", jobs.HuggingFace, jobs.Load{Config: "yc", Weights: "yw", Tokenizer: "t", Size: 3, Difference: d}},
		{"yarn", jobs.CLEXFolder, jobs.Load{Config: "c", Weights: "w", Tokenizer: "t"}},
		{"clex", jobs.HuggingFace, jobs.Load{Config: "c", Weights: "w", Tokenizer: "t"}},
	} {
		s.Active, s.Export.Format = c.method, c.format
		if e := s.exported(); !reflect.DeepEqual(e.Load, c.want) {
			t.Errorf("%s as %s: %+v, want %+v", c.method, c.format, e.Load, c.want)
		}
	}
}
