package jobs

import (
	"strings"
	"testing"
)

const goodCatalogue = `{"models": [{"id": "small", "config": "c.json", "weights": "w.safetensors", "tokenizer": "t.json", "layers": 4, "heads": 2,
	"rotary": {"HeadDim": 8, "Dims": 8, "Base": 10000, "Window": 256},
	"tuned": {"pi": {"name": "pi", "factor": 16, "config": "p.json", "weights": "p.safetensors", "difference": {"address": "p.difference", "of": "w.safetensors"}}},
	"network": {"Dims": 8, "Hidden": 1, "Up": [0, 0, 0, 0], "Down": [0, 0, 0, 0]}}]}`

func TestParseCatalogue(t *testing.T) {
	t.Parallel()
	c, err := ParseCatalogue([]byte(goodCatalogue))
	if err != nil {
		t.Fatal(err)
	}
	if m := c.Models[0]; len(c.Models) != 1 || m.Rotary.Window != 256 || m.Tuned["pi"].Factor != 16 || m.Network == nil || m.Heads != 2 {
		t.Errorf("read %+v", c)
	}
	for _, f := range []struct{ old, new, want string }{
		{goodCatalogue, `{"models": []}`, "empty"},
		{goodCatalogue, `[`, "list of models"},
		{`"id": "small", `, ``, "id"},
		{`"tokenizer": "t.json"`, `"tokenizer": ""`, `"small": id, and files or config, weights and tokenizer`},
		{`"heads": 2`, `"heads": -2`, "4 layers of -2 heads"},
		{`"layers": 4, `, ``, "0 layers"},
		{`"name": "pi", `, ``, "weights of pi: name"},
		{`"factor": 16`, `"factor": 0.5`, "weights of pi: factor 0.5"},
		{`"address": "p.difference", `, ``, "weights of pi: a difference needs"},
		{`"of": "w.safetensors"`, `"of": ""`, "weights of pi: a difference needs"},
		{`"id": "small", `, `"id": "small", "difference": {"of": "w"}, `, "a difference needs"},
		{`"HeadDim": 8`, `"HeadDim": 7`, "8 rotated dimensions"},
		{`"Window": 256`, `"Window": 0`, "window"},
		{`"Down": [0, 0, 0, 0]`, `"Down": [0, 0]`, "W_down has 2 weights"},
		{`"Dims": 8, "Base"`, `"Dims": 6, "Base"`, "network for 8 rotated dimensions, the model has 6"},
	} {
		bad := strings.Replace(goodCatalogue, f.old, f.new, 1)
		if bad == goodCatalogue {
			t.Errorf("%q is not there to be replaced", f.old)
		}
		if _, err := ParseCatalogue([]byte(bad)); err == nil || !strings.Contains(err.Error(), f.want) {
			t.Errorf("%s → %s: error %v, want one that says %q", f.old, f.new, err, f.want)
		}
	}
}

func FuzzParseCatalogue(f *testing.F) {
	f.Add([]byte(goodCatalogue))
	f.Add([]byte(`{"models":[{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseCatalogue(data)
		if err != nil {
			return
		}
		// What is accepted has everything that its pictures divide by or index.
		for _, m := range c.Models {
			if m.Layers < 1 || m.Heads < 1 || m.Rotary.Pairs() < 1 || m.Rotary.Window < 1 || m.Network != nil && m.Network.Dims != m.Rotary.Dims || m.ID == "" {
				t.Fatalf("accepted %+v", m)
			}
		}
	})
}
