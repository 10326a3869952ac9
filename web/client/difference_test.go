package client

import (
	"reflect"
	"testing"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/page"
	"clexlab/web/state"
)

// differing has weights of a method that travel as a difference, and the same as a model of their own.
const differing = `{"models": [{"id": "small", "config": "c.json", "weights": "w.safetensors", "tokenizer": "t.json", "layers": 4, "heads": 2,
	"rotary": {"HeadDim": 8, "Dims": 8, "Base": 10000, "Window": 256}, "tMax": 64,
	"tuned": {"pi": {"name": "pi", "config": "p.json", "weights": "p.safetensors", "difference": {"address": "p.difference", "of": "w.safetensors"}}}},
	{"id": "small-pi", "config": "p.json", "weights": "p.safetensors", "tokenizer": "t.json", "layers": 4, "heads": 2,
	"rotary": {"HeadDim": 8, "Dims": 8, "Base": 10000, "Window": 256}, "difference": {"address": "p.difference", "of": "w.safetensors"}}]}`

// Where the weights that a difference is from were loaded before, it is the way to a model; where they were not it is the last one.
func TestDifferenceIsLastWhereItsWeightsAreFar(t *testing.T) {
	t.Parallel()
	f := &fake{catalogue: differing}
	p := NewPool(page.Host{Send: func(state.Message) {}, Resolve: func(s string) string { return s }, Option: func(string) string { return "" }}, f)
	p.List()
	for _, c := range []struct {
		model string
		want  *jobs.Difference
	}{
		{"small-pi", &jobs.Difference{Address: "/web/models/p.difference", Of: "/web/models/w.safetensors", Last: true}},
		{"small", nil},
		{"small-pi", &jobs.Difference{Address: "/web/models/p.difference", Of: "/web/models/w.safetensors"}},
	} {
		do(p, state.LoadModel{ID: c.model})
		ready(p, firstText)
		if r := f.posted[firstText]; len(r) != 1 || r[0].Load == nil || !reflect.DeepEqual(r[0].Load.Difference, c.want) {
			t.Errorf("%s is asked for by %+v: want %+v", c.model, r, c.want)
		}
	}
	do(p, state.StartExport{Job: 3, Export: jobs.Export{Load: jobs.Load{Weights: "x", Difference: &jobs.Difference{Address: "d", Of: "far"}}}})
	ready(p, filer)
	if r := f.last(filer); r.Export == nil || !r.Export.Difference.Last {
		t.Errorf("the export is asked for by %+v", r)
	}
}

// What was used once is kept in the form in which it came, with what it is from.
func TestKeepsDifferences(t *testing.T) {
	t.Parallel()
	f := &fake{catalogue: differing}
	p := NewPool(page.Host{Send: func(state.Message) {}, Resolve: func(s string) string { return s }, Option: func(string) string { return "" }}, f)
	p.List()
	do(p, state.LoadModel{ID: "small"})
	ready(p, firstText)
	do(p, state.StartWriting{Job: 7, Write: jobs.Write{Method: "pi"}})
	if want := []string{"/web/models/p.json", "/web/models/p.difference", "/web/models/w.safetensors"}; !reflect.DeepEqual(f.kept, want) {
		t.Errorf("kept %v: want %v", f.kept, want)
	}
}
