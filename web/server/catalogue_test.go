package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"clexlab/model/checkpoint"
	"clexlab/model/modeltest"
)

// withScheme is the test model's configuration as a variant tuned with a method has it.
func withScheme(t *testing.T, config []byte, name string) []byte {
	t.Helper()
	var c map[string]any
	if err := json.Unmarshal(config, &c); err != nil {
		t.Fatal(err)
	}
	if name != "rope" {
		c["clexlab_scheme"] = map[string]any{"name": name}
	}
	out, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// untuned is the test model with its checkpoint, and the same without CLEX with its configuration.
func untuned(t *testing.T) (modeltest.Files, *checkpoint.Checkpoint, *checkpoint.Checkpoint, []byte) {
	t.Helper()
	files, ck, _, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	plain := *ck
	plain.CLEX, plain.Scaling = nil, nil
	config, err := plain.MarshalConfig(checkpoint.F32)
	if err != nil {
		t.Fatal(err)
	}
	return files, ck, &plain, config
}

// TestEachMethodHasItsWeights builds a folder with an untuned checkpoint and five
// tuned ones and expects each method on the weights tuned with it.
func TestEachMethodHasItsWeights(t *testing.T) {
	files, _, plain, config := untuned(t)
	var weights bytes.Buffer
	if err := plain.WriteWeights(&weights, checkpoint.F32); err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{"rig/tokenizer.json": {Data: files.Tokenizer},
		"rig/clex/config.json": {Data: files.Config}, "rig/clex/model.safetensors": {Data: files.Weights}}
	for dir, scheme := range map[string]string{"base": "rope", "longer": "pi", "pi": "pi", "longskywork": "ntk", "pose": "pi"} {
		fsys["rig/"+dir+"/config.json"] = &fstest.MapFile{Data: withScheme(t, config, scheme)}
		fsys["rig/"+dir+"/model.safetensors"] = &fstest.MapFile{Data: weights.Bytes()}
	}
	c, err := Catalogue(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Models) != 7 {
		t.Fatalf("%d models on offer, want six checkpoints and the tuned whole", len(c.Models))
	}
	all := c.Models[0]
	if all.ID != "rig" || all.Load.Weights != "rig/clex/model.safetensors" || all.Network == nil {
		t.Errorf("the first offer is %q on %q", all.ID, all.Load.Weights)
	}
	if _, ok := all.Tuned["clex"]; ok {
		t.Error("CLEX runs on the first weights, yet others are named for it")
	}
	for method, want := range map[string]string{"pi": "pi", "rope": "base", "yarn": "base", "string": "base", "pose": "pose", "longskywork": "longskywork", "ntk": "base"} {
		if got := all.Tuned[method]; got.Name != want || got.Weights != "rig/"+want+"/model.safetensors" {
			t.Errorf("%s runs on %q at %q, want %q", method, got.Name, got.Weights, want)
		}
	}
	if got, ok := all.Tuned["e2llm"]; ok {
		t.Errorf("E2-LLM, which has no weights here, runs on %q", got.Name)
	}
}

// TestTheSmallestModelIsFirst offers one model twice, the larger file under the
// name that would come first.
func TestTheSmallestModelIsFirst(t *testing.T) {
	files, ck, plain, config := untuned(t)
	fsys := fstest.MapFS{}
	for dir, kind := range map[string]checkpoint.Precision{"large": checkpoint.F32, "small": checkpoint.I8} {
		var tuned, untuned bytes.Buffer
		if err := errors.Join(ck.WriteWeights(&tuned, kind), plain.WriteWeights(&untuned, kind)); err != nil {
			t.Fatal(err)
		}
		fsys[dir+"/tokenizer.json"] = &fstest.MapFile{Data: files.Tokenizer}
		fsys[dir+"/clex/config.json"], fsys[dir+"/clex/model.safetensors"] = &fstest.MapFile{Data: files.Config}, &fstest.MapFile{Data: tuned.Bytes()}
		fsys[dir+"/base/config.json"], fsys[dir+"/base/model.safetensors"] = &fstest.MapFile{Data: config}, &fstest.MapFile{Data: untuned.Bytes()}
	}
	c, err := Catalogue(fsys)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range c.Models {
		ids = append(ids, m.ID)
	}
	if want := []string{"small", "large", "small-clex", "large-clex", "small-base", "large-base"}; !slices.Equal(ids, want) {
		t.Errorf("offers %v, want %v", ids, want)
	}
}

// TestOldTwinIsNotServed has a program that is newer than its compressed form.
func TestOldTwinIsNotServed(t *testing.T) {
	then := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		twin time.Time
		want string
	}{
		"older":  {then.Add(-time.Second), ""},
		"as old": {then, "packed"},
		"newer":  {then.Add(time.Second), "packed"},
	} {
		f := files{}
		if err := f.add("", fstest.MapFS{"app.wasm": {Data: []byte("plain"), ModTime: then},
			"app.wasm.br": {Data: []byte("packed"), ModTime: c.twin}}); err != nil {
			t.Fatal(err)
		}
		if got := string(f["app.wasm"].packed["br"]); got != c.want {
			t.Errorf("%s: the twin served is %q, want %q", name, got, c.want)
		}
	}
}
