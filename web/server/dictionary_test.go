package server

import (
	"bytes"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clexlab/model/modeltest"
	"clexlab/web/dictionary"
)

// TestDictionaries: a program is sent coded with another one to a browser that says that it has that one, and to no other.
func TestDictionaries(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("zstd"); err != nil {
		t.Skip("zstd is not installed")
	}
	models, dist := t.TempDir(), t.TempDir()
	files, _, _, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	if err := files.Write(models); err != nil {
		t.Fatal(err)
	}
	programs := map[string][]byte{}
	for i, name := range []string{"engine.wasm", "app.wasm", "view.wasm"} {
		programs[name] = bytes.Repeat([]byte(strings.Repeat(name, 3)+"What all of them have in common."), 40+i)
		if err := os.WriteFile(filepath.Join(dist, name), programs[name], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, of := range dictionary.Of {
		if err := dictionary.Make(filepath.Join(dist, name+dictionary.Ending), filepath.Join(dist, name), filepath.Join(dist, of)); err != nil {
			t.Fatal(err)
		}
	}
	open := func() *Handler {
		h, err := New(Options{Dist: os.DirFS(dist), Models: os.DirFS(models), Base: "/clexlab"})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	ask := func(h *Handler, name, accepts, has string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, "/clexlab/web/v-"+h.version+"/"+name, nil)
		r.Header.Set("Accept-Encoding", accepts)
		r.Header.Set("Available-Dictionary", has)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
	h := open()
	for name, of := range dictionary.Of {
		if got, want := ask(h, of, "br", "").Header.Get("Use-As-Dictionary"), `match="/clexlab/web/v-`+h.version+`/*.wasm"`; got != want {
			t.Errorf("%s is said to be a dictionary for %s, want %s", of, got, want)
		}
		has := dictionary.Name(sha256.Sum256(programs[of]))
		for _, c := range []struct{ accepts, has, want string }{
			{"gzip, br, zstd, dcb, dcz", has, "dcz"},
			{"gzip, br", has, "br"},
			{"gzip, br, dcz;q=0", has, "br"},
			{"gzip, br, dcz", "", "br"},
			{"gzip, br, dcz", dictionary.Name(sha256.Sum256(programs[name])), "br"},
		} {
			r := ask(h, name, c.accepts, c.has)
			if got := r.Header.Get("Content-Encoding"); got != c.want && !(c.want == "br" && got == "") {
				t.Errorf("%s for a browser that takes %s and has %q: %q, want %q", name, c.accepts, c.has, got, c.want)
			}
			if vary := r.Header.Get("Vary"); !strings.Contains(vary, "Available-Dictionary") {
				t.Errorf("%s varies by %q alone", name, vary)
			}
		}
	}
	if got := get(h, "/clexlab/web/engine.wasm", "br").Header.Get("Use-As-Dictionary"); got != "" {
		t.Errorf("an address without a version is a dictionary: %s", got)
	}
	// A build that is not the one that was coded.
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(filepath.Join(dist, "view.wasm"), later, later); err != nil {
		t.Fatal(err)
	}
	if got := ask(open(), "view.wasm", "dcz", dictionary.Name(sha256.Sum256(programs["engine.wasm"]))).Header.Get("Content-Encoding"); got != "" {
		t.Errorf("a program that is newer than its coded form is sent as %s", got)
	}
	another := []byte("another engine")
	if err := os.WriteFile(filepath.Join(dist, "engine.wasm"), another, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := ask(open(), "app.wasm", "dcz", dictionary.Name(sha256.Sum256(another))).Header.Get("Content-Encoding"); got != "" {
		t.Errorf("a program that was coded with another one is sent as %s", got)
	}
}
