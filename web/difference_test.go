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
	"sync/atomic"
	"testing"
	"time"

	"clexlab/model/checkpoint"
	weights "clexlab/model/difference"
	"clexlab/model/modeltest"
	"clexlab/wasm/wire/jobs"
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

// asking is what a visitor's browser asks for of a model's weights: files by their folder and name, in order.
type asking struct {
	mu    sync.Mutex
	files []string
}

// of notes a request and tells how often the same was made before.
func (a *asking) of(name string) (before int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range a.files {
		if f == name {
			before++
		}
	}
	a.files = append(a.files, name)
	return before
}

func (a *asking) list() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.files)
}

// TestWeightsComeAsADifference counts what a visitor's browser asks for to write with the weights of another method: the difference, anew where
// what the browser keeps of it is damaged, or, where that is missing, damaged or of other weights and where the browser cannot unpack it, the whole
// file in its place. As a model of its own they come whole, unless there is but the difference. The text is the method's in every case.
func TestWeightsComeAsADifference(t *testing.T) {
	s := builtSite(t)
	models := t.TempDir()
	files := nearModels(t, models, "yarn")
	want := wrote(t, native(t, files, "yarn", 5, 32))
	other, err := weights.Make(files.Weights, files.Weights)
	if err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(filepath.Join(models, "rig", "clex", checkpoint.WeightsFile))
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(filepath.Join(s.dist, "engine.js"))
	if err != nil {
		t.Fatal(err)
	}
	const clex, difference, whole = "clex/model.safetensors", "yarn/model.difference", "yarn/model.safetensors"
	missing := func(of string) func(http.ResponseWriter, *http.Request, string, int) bool {
		return func(w http.ResponseWriter, r *http.Request, name string, _ int) bool {
			if name == of {
				http.NotFound(w, r)
			}
			return name == of
		}
	}
	// half is what the browser keeps as it does the whole file.
	half := func(w http.ResponseWriter) {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, _ = w.Write([]byte("half"))
	}
	again := make(chan struct{})
	var come atomic.Bool
	for _, c := range []struct {
		name, wishes string
		// answer is true where it has answered in the server's place a request that was made so many times before.
		answer func(w http.ResponseWriter, r *http.Request, name string, before int) bool
		asked  []string
		// atOnce is set where the order does not count.
		atOnce bool
	}{
		{name: "as it is", answer: func(http.ResponseWriter, *http.Request, string, int) bool { return false }, asked: []string{clex, difference}},
		{name: "missing", answer: missing(difference), asked: []string{clex, difference, difference, whole}},
		{name: "damaged", answer: func(w http.ResponseWriter, _ *http.Request, name string, _ int) bool {
			if name == difference {
				_, _ = w.Write([]byte("half"))
			}
			return name == difference
		}, asked: []string{clex, difference, difference, whole}},
		{name: "of other weights", answer: func(w http.ResponseWriter, _ *http.Request, name string, _ int) bool {
			if name == difference {
				_, _ = w.Write(other)
			}
			return name == difference
		}, asked: []string{clex, difference, whole}},
		{name: "damaged where it is kept", answer: func(w http.ResponseWriter, _ *http.Request, name string, before int) bool {
			spoilt := name == difference && before == 0
			if spoilt {
				half(w)
			}
			return spoilt
		}, asked: []string{clex, difference, difference}},
		{name: "missing, and the whole file damaged where it is kept", answer: func(w http.ResponseWriter, r *http.Request, name string, before int) bool {
			switch {
			case name == difference:
				http.NotFound(w, r)
			case name == whole && before == 0:
				half(w)
			default:
				return false
			}
			return true
		}, asked: []string{clex, difference, difference, whole, whole}},
		{name: "beside what it is from", answer: func(w http.ResponseWriter, r *http.Request, name string, before int) bool {
			switch name {
			case clex:
				if before == 1 {
					close(again)
				}
				w.Header().Set("Cache-Control", "no-store")
				_, _ = w.Write(first)
				return true
			case difference:
				select {
				case <-again:
				case <-r.Context().Done():
				}
			}
			return false
		}, asked: []string{clex, clex, difference}, atOnce: true},
		{name: "after what it is from", answer: func(w http.ResponseWriter, r *http.Request, name string, _ int) bool {
			switch {
			case name == clex:
				time.Sleep(time.Second) // a page that asked for both would have by then
				come.Store(true)
			case name == difference && !come.Load():
				http.NotFound(w, r)
				return true
			}
			return false
		}, asked: []string{clex, difference}},
		{name: "only where it is used", wishes: "&by=clex", answer: func(http.ResponseWriter, *http.Request, string, int) bool { return false }, asked: []string{clex}},
		{name: "in an old browser", answer: func(w http.ResponseWriter, r *http.Request, _ string, _ int) bool {
			script := path.Base(r.URL.Path) == "engine.js"
			if script {
				w.Header().Set("Content-Type", "text/javascript")
				_, _ = w.Write(slices.Concat([]byte("delete self.DecompressionStream;\n"), program))
			}
			return script
		}, asked: []string{clex, whole}},
		{name: "a model of its own", wishes: "&by=yarn&model=rig-yarn", answer: func(http.ResponseWriter, *http.Request, string, int) bool { return false }, asked: []string{whole}},
		{name: "a model of its own, missing", wishes: "&by=yarn&model=rig-yarn", answer: missing(whole), asked: []string{clex, difference, whole}, atOnce: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var asked asking
			url := s.serveAround(t, "", models, func(w http.ResponseWriter, r *http.Request) bool {
				name, before := path.Join(path.Base(path.Dir(r.URL.Path)), path.Base(r.URL.Path)), 0
				switch {
				case r.URL.Path == "/app-worker.js":
					http.NotFound(w, r) // it would ask as well
					return true
				case strings.HasPrefix(path.Base(name), "model."):
					before = asked.of(name)
				}
				return c.answer(w, r, name, before)
			})
			b := s.tab(t, 1440, 900)
			wishes, text := c.wishes, want
			if wishes == "" {
				wishes = "&by=yarn"
			} else if wishes == "&by=clex" {
				text = rested
			}
			b.Visit(url + oneWorker + "&seed=5" + wishes)
			b.Until("the text is written", text)
			got := asked.list()
			if c.atOnce {
				slices.Sort(got)
			}
			if !slices.Equal(got, c.asked) {
				t.Errorf("asked for %q: want %q", got, c.asked)
			}
		})
	}
}

// TestTakesAwayADifference: a file for other programs with the weights of a method that has been used holds them in full, and nothing more
// is asked for.
func TestTakesAwayADifference(t *testing.T) {
	s := builtSite(t)
	models := t.TempDir()
	files := nearModels(t, models, "yarn")
	var asked asking
	url := s.serveAround(t, "", models, func(w http.ResponseWriter, r *http.Request) bool {
		switch name := path.Base(r.URL.Path); {
		case name == "app-worker.js":
			http.NotFound(w, r)
			return true
		case strings.HasPrefix(name, "model."):
			asked.of(path.Join(path.Base(path.Dir(r.URL.Path)), name))
		}
		return false
	})
	b := s.tab(t, 1440, 900)
	b.Visit(url + oneWorker + "&by=yarn&seed=5")
	b.Until("the method's text is written", wrote(t, native(t, files, "yarn", 5, 32)))
	b.Click("#models")
	b.Until("the panel is open", `document.querySelector("#export-go:not(:disabled)")`)
	b.Set("#export-form", string(jobs.HuggingFace), "change")
	b.Until("its types of weights stand there", `document.querySelector("#export-type").options.length === 2`)
	b.Set("#export-type", "f32", "change")
	b.Run(catchDownload)
	b.Click("#export-go")
	b.Until("the file is there", `window.caught`)
	var name string
	b.Eval(`window.caught.name`, &name)
	folder := unzipped(t, b, name)
	got, err := checkpoint.ReadParts([]byte(folder["config.json"]), []byte(folder["model.safetensors"]))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	want, err := checkpoint.ReadParts(files.Config, files.Weights)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want.Weights.Layers {
		m, all := &want.Weights.Layers[i].Down.Matrix, got.Weights.Layers[i].Down.F32
		if len(m.I8) == 0 || len(all) != len(m.I8) {
			t.Fatalf("layer %d: %d values, want %d", i, len(all), len(m.I8))
		}
		for k, v := range m.I8 {
			if x := float32(v) * m.Scale[k/m.Cols]; all[k] != x {
				t.Fatalf("layer %d: value %d is %v, want %v", i, k, all[k], x)
			}
		}
	}
	if list := asked.list(); !slices.Equal(list, []string{"clex/model.safetensors", "yarn/model.difference"}) {
		t.Errorf("asked for %q", list)
	}
}

// TestCheckpointOfADifferenceOffline opens a method's weights as a model of its own without a network, from the difference that an earlier use of the
// method left; and that one, found damaged before, has been kept anew.
func TestCheckpointOfADifferenceOffline(t *testing.T) {
	s := builtSite(t)
	models := t.TempDir()
	files := nearModels(t, models, "yarn")
	url, offline := s.untilOffline(t, models)
	b := s.tab(t, 1440, 900)
	b.Visit(url + oneWorker + "&by=yarn&seed=5")
	b.Until("the method's text is written", wrote(t, native(t, files, "yarn", 5, 32)))
	b.Eval(`navigator.serviceWorker.getRegistration().then(r => (r.installing ?? r.active).postMessage({begin: true})).then(() => navigator.serviceWorker.ready).then(() => true)`, nil)
	// lists says which files of weights are kept, with their sizes.
	lists := `caches.keys().then(names => Promise.all(names.map(n => caches.open(n).then(async c => Promise.all((await c.keys()).map(async r =>
		[r.url, (await (await c.match(r)).arrayBuffer()).byteLength])))))).then(l => l.flat()).then(all => `
	whole := `all.some(([u, n]) => u.endsWith("/yarn/model.difference") && n > 100) && all.some(([u]) => u.endsWith("/yarn/config.json"))
		&& !all.some(([u]) => u.endsWith("/yarn/model.safetensors")))`
	b.Until("its difference is kept, and nothing whole", lists+whole)
	b.Eval(`caches.keys().then(names => Promise.all(names.map(async n => {
		const c = await caches.open(n);
		for (const r of await c.keys()) if (r.url.endsWith(".difference")) await c.put(r, new Response("half"));
	}))).then(() => true)`, nil)
	b.Visit(url + oneWorker + "&by=yarn&seed=6")
	b.Until("the method's text is written from what is damaged", wrote(t, native(t, files, "yarn", 6, 32)))
	b.Until("its difference is kept anew, and nothing whole", lists+whole)
	offline(b)
	b.Visit(url + oneWorker + "&model=rig-yarn&by=yarn&seed=8")
	b.Until("it writes without a server", wrote(t, native(t, files, "yarn", 8, 32)))
}
