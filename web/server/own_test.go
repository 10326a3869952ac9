package server

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"clexlab/clex"
	"clexlab/model/modeltest"
	"clexlab/wasm/wire/jobs"
)

// TestOwnModels: what lies in the owner's folder is offered beside the models that ship, read from the disk, and nothing else of it is served.
func TestOwnModels(t *testing.T) {
	files, c, _, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	shipped, own := t.TempDir(), t.TempDir()
	if err := files.Write(shipped); err != nil {
		t.Fatal(err)
	}
	if err := files.Folder(filepath.Join(own, "my model #1")); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"my model #1/secret.txt": "secret", "broken/config.json": "{", "notes/readme.md": "none", "bad.gguf": "GGUF"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(own, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(own, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	dist := fstest.MapFS{}
	for _, name := range []string{"app.wasm", "engine.wasm", "view.wasm"} {
		dist[name] = &fstest.MapFile{Data: []byte("program")}
	}
	var warned []string
	h, err := New(Options{Dist: dist, Models: os.DirFS(shipped), Own: os.DirFS(own), Warn: func(err error) { warned = append(warned, err.Error()) }})
	if err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(warned, "\n"); len(warned) != 2 || !strings.Contains(all, "broken") || !strings.Contains(all, "bad.gguf") {
		t.Errorf("warned of %q", warned)
	}
	get := func(path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	list, err := jobs.ParseCatalogue(get("/web/models/index.json").Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	o := list.Models[len(list.Models)-1]
	if len(list.Models) != 2 || o.ID != "own-my model #1" || !o.Brought || o.Rotary.Window != 32 || o.TMax != 16 || o.Parameters != c.Weights.Parameters(c.Config) {
		t.Errorf("offered: %+v", o)
	}
	want := map[string][]byte{"config.json": files.Config, "model.safetensors": files.Weights, "tokenizer.json": files.Tokenizer}
	if len(o.Files) != len(want) {
		t.Errorf("files %+v", o.Files)
	}
	for _, f := range o.At("/web/models/").Files {
		w := get(f.Address)
		if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), want[f.Name]) || f.Size != int64(len(want[f.Name])) {
			t.Errorf("%s: HTTP %d, %d bytes", f.Address, w.Code, w.Body.Len())
		}
	}
	for _, path := range []string{"/web/models/own/my%20model%20%231/secret.txt", "/web/models/own/notes/readme.md", "/web/models/own/my%20model%20%231/../broken/config.json", "/web/models/own/../../etc/passwd"} {
		if w := get(path); w.Code == http.StatusOK {
			t.Errorf("%s is served", path)
		}
	}
	out := t.TempDir()
	if err := h.Export(out); err != nil {
		t.Fatal(err)
	}
	found := false
	filepath.WalkDir(out, func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, "my model #1/model.safetensors") {
			data, _ := os.ReadFile(path)
			found = bytes.Equal(data, files.Weights)
		}
		return err
	})
	if !found {
		t.Error("a static host would not have the model")
	}
	if _, err := json.Marshal(list); err != nil {
		t.Fatal(err)
	}
}

// TestOwnModelAsksForItsList: a folder whose file lists its frequencies is offered with them, under the t that its file asks for.
func TestOwnModelAsksForItsList(t *testing.T) {
	t.Parallel()
	files, c, _, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"clex", "yarn"} {
		s, err := c.SchemeNamed(method)
		if err != nil {
			t.Fatal(err)
		}
		frozen, err := c.Frozen(s, 3)
		if err != nil {
			t.Fatal(err)
		}
		written, err := modeltest.Written(frozen, files.Tokenizer)
		if err != nil {
			t.Fatal(err)
		}
		offers, _, err := ownModels(fstest.MapFS{"m/config.json": {Data: written.Config}, "m/model.safetensors": {Data: written.Weights}, "m/tokenizer.json": {Data: files.Tokenizer}}, func(err error) { t.Error(err) })
		if err != nil || len(offers) != 1 {
			t.Fatal(offers, err)
		}
		want, at := method, 3.0
		if method == "clex" {
			want, at = "longrope", 0 // its field is in the list
		}
		o := &offers[0]
		if o.Method != want || o.AskedT != at {
			t.Errorf("%s: offered as %s at t = %v, want %s at %v", method, o.Method, o.AskedT, want, at)
			continue
		}
		made, err := o.Scheme(o.Method)
		if err != nil {
			t.Fatal(err)
		}
		var got, ours clex.Encoding
		if err := s.Encode(&ours, 3, 0); err != nil {
			t.Fatal(err)
		}
		if err := made.Encode(&got, 3, 0); err != nil || got.AttentionFactor != ours.AttentionFactor ||
			!slices.EqualFunc(got.InvFreq, ours.InvFreq, func(a, b float64) bool { return math.Abs(a/b-1) < 1e-12 }) {
			t.Errorf("%s: %v, want %v: %v", method, got, ours, err)
		}
	}
}
