package server

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"

	"clexlab/model/modeltest"
	"clexlab/wasm/wire/jobs"
)

// shipped is a handler over stand-ins for the programs and the test model.
func shipped(t testing.TB, base string) *Handler {
	t.Helper()
	program := bytes.Repeat([]byte("program "), 500)
	var z bytes.Buffer
	br := brotli.NewWriter(&z)
	if _, err := br.Write(program); err != nil {
		t.Fatal(err)
	}
	if err := br.Close(); err != nil {
		t.Fatal(err)
	}
	dist := fstest.MapFS{"app.wasm.br": {Data: z.Bytes()}, "wasm_exec.js": {Data: []byte("// glue of this build")},
		"engine.js": {Data: []byte("// loader")}, "view.html": {Data: []byte("<!doctype html>")}}
	for _, name := range []string{"app.wasm", "engine.wasm", "view.wasm"} {
		dist[name] = &fstest.MapFile{Data: program}
	}
	files, _, _, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := files.Write(dir); err != nil {
		t.Fatal(err)
	}
	h, err := New(Options{Dist: dist, Models: os.DirFS(dir), Base: base})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// A school may show the page in a frame where the server says so, and a preview of a link has a
// whole address or none.
func TestFramesAndPreviews(t *testing.T) {
	dist := fstest.MapFS{}
	for _, name := range []string{"app.wasm", "engine.wasm", "view.wasm"} {
		dist[name] = &fstest.MapFile{Data: []byte("program")}
	}
	files, _, _, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := files.Write(dir); err != nil {
		t.Fatal(err)
	}
	o := Options{Dist: dist, Models: os.DirFS(dir), Base: "/clexlab"}
	for _, c := range []struct {
		public, frames         string
		policy, inPage, absent string
	}{
		{"", "", "frame-ancestors 'self'", "<title>", `"og:url"`},
		{"https://example.org/", "https://school.example", "frame-ancestors https://school.example", `property="og:url" content="https://example.org/clexlab/"`, `content="https://"`},
	} {
		o.Public, o.Frames = c.public, c.frames
		h, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		r := get(h, "/clexlab/", "")
		if got := r.Header.Get("Content-Security-Policy"); !strings.HasSuffix(got, c.policy) {
			t.Errorf("policy %q, want %q at its end", got, c.policy)
		}
		if page := string(body(t, r)); !strings.Contains(page, c.inPage) || strings.Contains(page, c.absent) {
			t.Errorf("public %q: the page lacks %q or holds %q", c.public, c.inPage, c.absent)
		}
	}
	for _, bad := range []Options{{Dist: dist, Models: os.DirFS(dir), Frames: "*; script-src *"}, {Dist: dist, Models: os.DirFS(dir), Public: "example.org"}} {
		if _, err := New(bad); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}

func get(h http.Handler, path, encoding string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) []byte {
	t.Helper()
	var from io.Reader = r.Body
	switch r.Header.Get("Content-Encoding") {
	case "br":
		from = brotli.NewReader(r.Body)
	case "gzip":
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		from = z
	}
	data, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

var address = regexp.MustCompile(`(?:src|href)="(/[^"]*)"`)

// TestEveryAddressOfThePageIsServed follows each link of the document, at the
// root and below a path; files named by version are kept for good.
func TestEveryAddressOfThePageIsServed(t *testing.T) {
	for _, base := range []string{"", "/school/clexlab"} {
		h := shipped(t, base)
		page := get(h, base+"/", "br, gzip")
		if page.StatusCode != http.StatusOK || page.Header.Get("Content-Encoding") != "br" {
			t.Fatalf("%s/: HTTP %d, %q", base, page.StatusCode, page.Header.Get("Content-Encoding"))
		}
		if page.Header.Get("Content-Security-Policy") != Policy {
			t.Errorf("%s/: no policy", base)
		}
		links := address.FindAllStringSubmatch(string(body(t, page)), -1)
		if len(links) < 8 {
			t.Fatalf("only %d addresses in the document", len(links))
		}
		kept := 0
		for _, l := range links {
			r := get(h, l[1], "")
			if r.StatusCode != http.StatusOK || !strings.HasPrefix(l[1], base+"/") {
				t.Errorf("base %q: %s: HTTP %d", base, l[1], r.StatusCode)
			}
			if strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
				kept++
				if !strings.Contains(l[1], h.version) {
					t.Errorf("%s is kept for good and does not name the version", l[1])
				}
			}
		}
		if kept < 5 {
			t.Errorf("base %q: %d files kept for good, want the style sheets and icons", base, kept)
		}
	}
}

// Of the weights the first visit keeps those of CLEX and of plain RoPE only: all would be seven times as much.
// go-app's loader waits for boot.js; where the program lies on the device, it hands the browser the answer itself: of no other does it keep compiled code.
func TestLoaderWaitsAndKeepsCompiledCode(t *testing.T) {
	answer := httptest.NewRecorder()
	shipped(t, "").ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/app.js", nil))
	loader := answer.Body.String()
	wait := strings.Index(loader, "await window.clexlabFirst;")
	at := strings.Index(loader, "const response = await fetch(url);")
	then := strings.Index(loader, "serviceWorker?.controller) return response;")
	if stream := strings.Index(loader, "new ReadableStream"); wait < 0 || at < wait || then < at || stream < then {
		t.Errorf("the loader waits at %d, reads at %d, returns the answer at %d, makes a stream at %d", wait, at, then, stream)
	}
	if _, err := patience([]byte("another loader")); err == nil {
		t.Error("another loader is taken for go-app's")
	}
}

// What starts the engine waits for no style sheet.
func TestBootScriptComesFirst(t *testing.T) {
	for _, base := range []string{"", "/lab"} {
		h := shipped(t, base)
		h.goapp.Scripts = []string{"/web/boot.js"}
		document := string(body(t, get(h, base+"/", "")))
		boot, style := strings.Index(document, `<script src="`+base+`/web/v-`+h.version+`/boot.js"></script>`), strings.Index(document, `rel="stylesheet"`)
		if boot < 0 || style < boot || strings.Count(document, "/boot.js") != 1 {
			t.Errorf("base %q: boot.js at %d, once of %d, the first style sheet at %d", base, boot, strings.Count(document, "/boot.js"), style)
		}
		if _, err := h.bootFirst([]byte("<!doctype html><title>another document</title>")); err == nil {
			t.Error("another document is taken for go-app's")
		}
	}
}

func TestOfflineKeepsTwoSetsOfWeights(t *testing.T) {
	m := jobs.Offer{Load: jobs.Load{Config: "c.json", Weights: "clex", Tokenizer: "t.json",
		Tuned: map[string]jobs.Weights{"rope": {Config: "r.json", Weights: "plain"}, "yarn": {Config: "y.json", Weights: "yarn"}}}}
	h, kept := shipped(t, ""), map[string]bool{"clex": true, "c.json": true, "t.json": true, "plain": true, "r.json": true, "yarn": false, "y.json": false, "other": false}
	for name := range kept {
		h.files["models/"+name] = &file{}
	}
	list := h.offline([]jobs.Offer{m, {Load: jobs.Load{Config: "o.json", Weights: "other"}}})
	for name, want := range kept {
		if slices.Contains(list, "/web/models/"+name) != want {
			t.Errorf("%s is kept: %v, want %v", name, !want, want)
		}
	}
}

func TestOfflineListIsServed(t *testing.T) {
	h := shipped(t, "/lab")
	script := string(body(t, get(h, "/lab/app-worker.js", "")))
	_, rest, ok := strings.Cut(script, "const resources = ")
	if !ok {
		t.Fatal("no list in the service worker")
	}
	var list []string
	if err := json.NewDecoder(strings.NewReader(rest)).Decode(&list); err != nil {
		t.Fatal(err)
	}
	needed := map[string]bool{"app.wasm": false, "engine.wasm": false, "engine.js": false, "view.wasm": false, "model.safetensors": false, "index.json": false, "first.json": false}
	for _, l := range list {
		if r := get(h, l, ""); r.StatusCode != http.StatusOK {
			t.Errorf("the service worker keeps %s: HTTP %d", l, r.StatusCode)
		}
		if _, ok := needed[filepath.Base(l)]; ok {
			needed[filepath.Base(l)] = true
		}
	}
	for name, there := range needed {
		if !there {
			t.Errorf("%s is not kept for offline use", name)
		}
	}
}

func TestFileForms(t *testing.T) {
	h := shipped(t, "")
	plain := bytes.Repeat([]byte("program "), 500)
	for _, c := range []struct{ path, accept, coding, kind string }{
		{"/web/app.wasm", "", "", "application/wasm"},
		{"/web/app.wasm", "gzip, deflate, br", "br", "application/wasm"},
		{"/web/app.wasm", "br;q=0", "", "application/wasm"},
		{"/web/view.wasm", "br", "", "application/wasm"}, // has no twin
		{"/web/v-" + h.version + "/app.wasm", "br;q=0.5", "br", "application/wasm"},
		{"/web/models/index.json", "gzip", "gzip", "application/json"},
	} {
		r := get(h, c.path, c.accept)
		if r.Header.Get("Content-Encoding") != c.coding || r.Header.Get("Content-Type") != c.kind {
			t.Errorf("%s accepting %q: coding %q, type %q", c.path, c.accept, r.Header.Get("Content-Encoding"), r.Header.Get("Content-Type"))
		}
		if data := body(t, r); c.kind == "application/wasm" && !bytes.Equal(data, plain) {
			t.Errorf("%s accepting %q: %d bytes, want %d", c.path, c.accept, len(data), len(plain))
		}
		again := httptest.NewRequest(http.MethodGet, c.path, nil)
		again.Header.Set("Accept-Encoding", c.accept)
		again.Header.Set("If-None-Match", r.Header.Get("ETag"))
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, again); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("%s asked again: HTTP %d, %d bytes", c.path, w.Code, w.Body.Len())
		}
	}
	if got := string(body(t, get(h, "/wasm_exec.js", ""))); got != "// glue of this build" {
		t.Errorf("wasm_exec.js is %.40q", got)
	}
}

func TestRefusals(t *testing.T) {
	h := shipped(t, "/lab")
	for path, want := range map[string]int{
		"/lab": http.StatusFound, "/": http.StatusFound, "/other": http.StatusNotFound, "/laboratory/": http.StatusNotFound,
		"/lab/web/none": http.StatusNotFound, "/lab/web/../../etc/passwd": http.StatusNotFound, "/lab/nowhere": http.StatusNotFound,
		"/lab/web/v-0/app.wasm": http.StatusNotFound,
	} {
		if r := get(h, path, ""); r.StatusCode != want {
			t.Errorf("%s: HTTP %d, want %d", path, r.StatusCode, want)
		}
	}
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/lab/", nil)); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: HTTP %d", w.Code)
	}
	for _, base := range []string{"lab", "/a b", `/a"b`} {
		if _, err := New(Options{Dist: fstest.MapFS{}, Models: fstest.MapFS{}, Base: base}); err == nil || !strings.Contains(err.Error(), "base") {
			t.Errorf("base %q: %v", base, err)
		}
	}
	if _, err := New(Options{Dist: fstest.MapFS{}, Models: fstest.MapFS{}}); err == nil || !strings.Contains(err.Error(), "app.wasm") {
		t.Errorf("without programs: %v", err)
	}
}

// TestExportServesAlone: a plain file server over the exported folder answers
// every address that the page and its service worker name.
func TestExportServesAlone(t *testing.T) {
	h := shipped(t, "/lab")
	dir := t.TempDir()
	if err := h.Export(dir); err != nil {
		t.Fatal(err)
	}
	host := http.StripPrefix("/lab", http.FileServer(http.Dir(dir)))
	document := body(t, get(host, "/lab/", ""))
	if !bytes.Contains(document, []byte(`http-equiv="Content-Security-Policy"`)) {
		t.Error("the document carries no policy")
	}
	for _, l := range address.FindAllStringSubmatch(string(document), -1) {
		if r := get(host, l[1], ""); r.StatusCode != http.StatusOK {
			t.Errorf("%s: HTTP %d", l[1], r.StatusCode)
		}
	}
	var index jobs.Catalogue
	at := "/lab/web/v-" + h.version + "/models/"
	if err := json.Unmarshal(body(t, get(host, at+"index.json", "")), &index); err != nil {
		t.Fatal(err)
	}
	for _, m := range index.Models {
		for _, name := range []string{m.Config, m.Weights, m.Tokenizer} {
			if r := get(host, at+name, ""); r.StatusCode != http.StatusOK {
				t.Errorf("%s: HTTP %d", name, r.StatusCode)
			}
		}
	}
	if _, err := fs.Stat(os.DirFS(dir), "manifest.webmanifest"); err != nil {
		t.Error(err)
	}
	var manifest struct{ Scope, Start_URL string }
	if err := json.Unmarshal(body(t, get(host, "/lab/manifest.webmanifest", "")), &manifest); err != nil || manifest.Scope != "/lab/" || manifest.Start_URL != "/lab/" {
		t.Errorf("manifest: %+v, %v", manifest, err)
	}
}

// TestExportHasTwins: what is written for a static host has compressed twins that are it, and none that saves little.
func TestExportHasTwins(t *testing.T) {
	h := shipped(t, "/lab")
	// Weights have a twin if they repeat themselves, and a picture has none.
	h.files["models/dull.safetensors"] = newFile("dull.safetensors", bytes.Repeat([]byte{1, 0, 255, 2}, 900))
	noise := make([]byte, 4000)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	h.files["models/noise.safetensors"] = newFile("noise.safetensors", noise)
	dir := t.TempDir()
	if err := h.Export(dir); err != nil {
		t.Fatal(err)
	}
	under := "web/v-" + h.version + "/models/"
	for name, want := range map[string]bool{"index.html": true, "app.js": true, "app.css": true, "app-worker.js": true, "manifest.webmanifest": true,
		under + "dull.safetensors": true, under + "index.json": true, under + "noise.safetensors": false} {
		plain, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for ending, open := range map[string]func(io.Reader) (io.Reader, error){
			".br": func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
			".gz": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		} {
			packed, err := os.ReadFile(filepath.Join(dir, name+ending))
			if !want {
				if err == nil {
					t.Errorf("%s%s is there, %d bytes for %d", name, ending, len(packed), len(plain))
				}
				continue
			}
			if err != nil {
				t.Error(err)
				continue
			}
			r, err := open(bytes.NewReader(packed))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) || len(packed) > len(plain)*19/20 {
				t.Errorf("%s%s of %d bytes is not the file of %d: %v", name, ending, len(packed), len(plain), err)
			}
		}
	}
}

// TestVersion: the version names the content and nothing else.
func TestVersion(t *testing.T) {
	a := files{"x": newFile("x", []byte("1")), "y": newFile("y", []byte("2"))}
	b := files{"y": newFile("y", []byte("2")), "x": newFile("x", []byte("1"))}
	c := files{"x": newFile("x", []byte("2")), "y": newFile("y", []byte("1"))}
	if a.version() != b.version() || a.version() == c.version() {
		t.Errorf("versions %s, %s, %s", a.version(), b.version(), c.version())
	}
}
