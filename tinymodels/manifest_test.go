package tinymodels_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/recall"
	"clexlab/model/tokenizer"
	"clexlab/model/train"
	"clexlab/model/train/evaluate"
	"clexlab/tinymodels"
)

// TestShippedModels: every variant on offer loads, fits the shared tokenizer,
// has a scheme, a recipe and a card, and stays within the page's budget.
func TestShippedModels(t *testing.T) {
	m, err := tinymodels.ReadManifest(tinymodels.Files)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Models) == 0 {
		t.Fatal("no models")
	}
	var shared []byte
	for _, offered := range m.Models {
		data, err := fs.ReadFile(tinymodels.Files, offered.Tokenizer.Path)
		if err != nil {
			t.Fatal(err)
		}
		// A text stays on screen when the reader goes from one model to another.
		if shared == nil {
			shared = data
		}
		if !bytes.Equal(data, shared) {
			t.Errorf("%s is another tokenizer than %s", offered.Tokenizer.Path, m.Models[0].Tokenizer.Path)
		}
		tok, err := tokenizer.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := recall.NewTask(tok.Encode); err != nil {
			t.Error(err)
		}
		seen := map[string]bool{}
		for _, v := range offered.Variants {
			seen[v.Name] = true
			t.Run(offered.Name+"/"+v.Name, func(t *testing.T) { checkVariant(t, offered, v, tok) })
		}
		if !seen["base"] {
			t.Errorf("%s has no base", offered.Name)
		}
	}
}

func checkVariant(t *testing.T, m tinymodels.Model, v tinymodels.Variant, tok *tokenizer.Tokenizer) {
	dir := path.Dir(v.Config.Path)
	sub, err := fs.Sub(tinymodels.Files, dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := checkpoint.Read(context.Background(), sub, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Config.Vocab != tok.Size() {
		t.Errorf("vocabulary of %d, the tokenizer has %d", c.Config.Vocab, tok.Size())
	}
	if (v.Scheme == "clex") != (c.CLEX != nil) {
		t.Errorf("scheme %q, but network %v", v.Scheme, c.CLEX != nil)
	}
	scheme, err := clex.New(v.Scheme, c.Config.Rotary, clex.Options{Network: c.CLEX, TMax: 16})
	if err != nil {
		t.Fatal(err)
	}
	var e clex.Encoding
	if err := scheme.Encode(&e, 16, 16*c.Config.Rotary.Window); err != nil {
		t.Error(err)
	}
	// The page loads the small model unasked.
	budget := int64(6 << 20)
	if m.Name != "small" {
		budget = 12 << 20
	}
	if v.Weights.Size > budget {
		t.Errorf("%d bytes, the budget is %d", v.Weights.Size, budget)
	}
	recipe, err := fs.ReadFile(tinymodels.Recipes, path.Join("recipes", m.Name, v.Name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := train.ParseRecipe(recipe)
	if err != nil {
		t.Fatal(err)
	}
	if r.Model.Config() != c.Config {
		t.Errorf("the recipe trains %+v, the checkpoint is %+v", r.Model.Config(), c.Config)
	}
	if _, err := fs.Stat(tinymodels.Files, path.Join(dir, "README.md")); err != nil {
		t.Error("no card:", err)
	}

	// A trained model is far less surprised by a sentence than by its words in reverse.
	mod, err := model.New(c.Config, c.Weights)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := evaluate.NewReader(mod, scheme, clex.AtT(max(1, v.Factor)), 256) // what was tuned at one factor reads at no other
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields("Once upon a time there was a king who had a daughter , and she was so beautiful that the sun was astonished whenever it shone in her face")
	mean := func(words []string) (sum float64) {
		losses, err := reader.Losses(context.Background(), tok.Encode(nil, strings.Join(words, " ")), 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range losses {
			sum += float64(v) / float64(len(losses))
		}
		return sum
	}
	forward := mean(words)
	for i, j := 0, len(words)-1; i < j; i, j = i+1, j-1 {
		words[i], words[j] = words[j], words[i]
	}
	if backward := mean(words); forward > backward-1 || forward > 4 {
		t.Errorf("%.2f nats a token forwards, %.2f backwards: not a trained model", forward, backward)
	}
}

// TestRecipes: all parse, and start from one that is there.
func TestRecipes(t *testing.T) {
	names, err := fs.Glob(tinymodels.Recipes, "recipes/*/*.json")
	if err != nil || len(names) == 0 {
		t.Fatal(err, "no recipes")
	}
	for _, name := range names {
		data, err := fs.ReadFile(tinymodels.Recipes, name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := train.ParseRecipe(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r.Name != strings.TrimSuffix(path.Base(name), ".json") {
			t.Errorf("%s calls itself %q", name, r.Name)
		}
		if r.From != "" {
			if _, err := fs.Stat(tinymodels.Recipes, path.Join(path.Dir(name), r.From+".json")); err != nil {
				t.Errorf("%s starts from %q: %v", name, r.From, err)
			}
		}
	}
}

func TestReadManifest(t *testing.T) {
	config := &fstest.MapFile{Data: []byte(`{"rope_scaling":{"type":"clex"}}`)}
	fsys := fstest.MapFS{
		"a/tokenizer.json":            {Data: []byte("{}")},
		"a/one/config.json":           config,
		"a/one/model.safetensors":     {Data: make([]byte, 7)},
		"a/two/config.json":           {Data: []byte(`{}`)},
		"a/two/model.safetensors":     {Data: nil},
		"a/half/config.json":          config,
		"a/sixteen/config.json":       {Data: []byte(`{"rope_scaling":{"type":"linear"},"clexlab_scheme":{"name":"pi","factor":16}}`)},
		"a/sixteen/model.safetensors": {Data: nil},
		"b/three/config.json":         config,
		"b/three/model.safetensors":   {Data: nil},
	}
	m, err := tinymodels.ReadManifest(fsys)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(m)
	const want = `{"models":[{"name":"a","tokenizer":{"path":"a/tokenizer.json","size":2},"variants":[` +
		`{"name":"one","scheme":"clex","config":{"path":"a/one/config.json","size":32},"weights":{"path":"a/one/model.safetensors","size":7}},` +
		`{"name":"sixteen","scheme":"pi","factor":16,"config":{"path":"a/sixteen/config.json","size":77},"weights":{"path":"a/sixteen/model.safetensors","size":0}},` +
		`{"name":"two","scheme":"rope","config":{"path":"a/two/config.json","size":2},"weights":{"path":"a/two/model.safetensors","size":0}}]}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	fsys["a/one/config.json"] = &fstest.MapFile{Data: []byte(`{`)}
	if _, err := tinymodels.ReadManifest(fsys); err == nil || !strings.Contains(err.Error(), "a/one/config.json") {
		t.Errorf("a broken config: error %v, want one that names it", err)
	}
}
