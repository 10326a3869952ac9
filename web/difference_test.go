//go:build !js

package main

import (
	"bytes"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"clexlab/model/checkpoint"
	weights "clexlab/model/difference"
	"clexlab/model/modeltest"
)

// nearModels writes the rig in int8 with weights of its own for a method, which differ from the first by little and so travel as a
// difference, and returns the files that the method runs on.
func nearModels(t *testing.T, dir, method string) modeltest.Files {
	t.Helper()
	tuned := tunedModels(t, dir, method)[method]
	files, ck, _, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	rounded := func(c *checkpoint.Checkpoint) []byte {
		var b bytes.Buffer
		if err := c.WriteWeights(&b, checkpoint.I8); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	near, err := checkpoint.ReadParts(tuned.Config, tuned.Weights)
	if err != nil {
		t.Fatal(err)
	}
	tuned.Weights = rounded(near)
	for name, data := range map[string][]byte{"clex": rounded(ck), method: tuned.Weights} {
		if err := os.WriteFile(filepath.Join(dir, "rig", name, checkpoint.WeightsFile), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tuned.Tokenizer = files.Tokenizer
	return tuned
}

// TestWeightsComeAsADifference counts what a visitor's browser asks for to write with the weights of another method: the difference, or, where that is
// missing, damaged or of other weights, the whole file in its place. The text is the method's in every case.
func TestWeightsComeAsADifference(t *testing.T) {
	s := builtSite(t)
	models := t.TempDir()
	files := nearModels(t, models, "yarn")
	want := wrote(t, native(t, files, "yarn", 5, 32))
	other, err := weights.Make(files.Weights, files.Weights)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		spoil func(w http.ResponseWriter, r *http.Request) bool
		asked []string
	}{
		{"as it is", func(http.ResponseWriter, *http.Request) bool { return false }, []string{"clex/model.safetensors", "yarn/model.difference"}},
		{"missing", func(w http.ResponseWriter, r *http.Request) bool { http.NotFound(w, r); return true },
			[]string{"clex/model.safetensors", "yarn/model.difference", "yarn/model.difference", "yarn/model.safetensors"}},
		{"damaged", func(w http.ResponseWriter, r *http.Request) bool { _, _ = w.Write([]byte("half")); return true },
			[]string{"clex/model.safetensors", "yarn/model.difference", "yarn/model.difference", "yarn/model.safetensors"}},
		{"of other weights", func(w http.ResponseWriter, _ *http.Request) bool { _, _ = w.Write(other); return true },
			[]string{"clex/model.safetensors", "yarn/model.difference", "yarn/model.safetensors"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var mu sync.Mutex
			var asked []string
			url := s.serveAround(t, "", models, func(w http.ResponseWriter, r *http.Request) bool {
				switch name := path.Join(path.Base(path.Dir(r.URL.Path)), path.Base(r.URL.Path)); {
				case r.URL.Path == "/app-worker.js":
					http.NotFound(w, r) // it would ask as well
					return true
				case strings.HasPrefix(path.Base(name), "model."):
					mu.Lock()
					asked = append(asked, name)
					mu.Unlock()
					return strings.HasSuffix(name, ".difference") && c.spoil(w, r)
				}
				return false
			})
			b := s.tab(t, 1440, 900)
			b.Visit(url + oneWorker + "&by=yarn&seed=5")
			b.Until("the method's text is written", want)
			mu.Lock()
			defer mu.Unlock()
			if !slices.Equal(asked, c.asked) {
				t.Errorf("asked for %q: want %q", asked, c.asked)
			}
		})
	}
}

// TestCheckpointOfADifferenceOffline opens a method's weights as a model of its own: with a network whole, as what the difference is from is not at hand;
// without one from the difference that an earlier use of the method left.
func TestCheckpointOfADifferenceOffline(t *testing.T) {
	s := builtSite(t)
	models := t.TempDir()
	files := nearModels(t, models, "yarn")
	url, offline := s.untilOffline(t, models)
	b := s.tab(t, 1440, 900)
	b.Visit(url + oneWorker + "&by=yarn&seed=5")
	b.Until("the method's text is written", wrote(t, native(t, files, "yarn", 5, 32)))
	b.Eval(`navigator.serviceWorker.ready.then(() => true)`, nil)
	b.Until("its difference is kept, and nothing whole", `caches.keys().then(names => Promise.all(names.map(n => caches.open(n).then(c => c.keys()))))
		.then(lists => lists.flat().map(r => r.url)).then(all => all.some(u => u.endsWith("/yarn/model.difference")) && all.some(u => u.endsWith("/yarn/config.json"))
			&& !all.some(u => u.endsWith("/yarn/model.safetensors")))`)
	offline(b)
	b.Visit(url + oneWorker + "&model=rig-yarn&by=yarn&seed=8")
	b.Until("it writes without a server", wrote(t, native(t, files, "yarn", 8, 32)))
}
