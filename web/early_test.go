//go:build !js

package main

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/server"
)

// opening counts how often the weights are asked for, and may hold answers back.
type opening struct {
	mu    sync.Mutex
	asked []string
	// wanted is closed when weights are asked for the first time.
	wanted chan struct{}
}

func newOpening() *opening { return &opening{wanted: make(chan struct{})} }

// weights takes a request for weights. They are not to be taken from the browser's
// cache: whoever asks for them asks here.
func (o *opening) weights(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.asked = append(o.asked, r.URL.Path); len(o.asked) == 1 {
		close(o.wanted)
	}
}

func (o *opening) list() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string(nil), o.asked...)
}

// oneWorker opens the page so that it needs one worker only: nothing is measured for
// the trajectories, and no GPU is asked for its speed.
const oneWorker = "?prompt=the+little+fox&windows=1&scene=trajectories&hide=picture&backend=cpu"

// TestModelLoadsBeforeTheProgram holds the page's program back until the weights have
// been asked for, and counts how often that happens.
func TestModelLoadsBeforeTheProgram(t *testing.T) {
	s := builtSite(t)
	o := newOpening()
	url := s.serveAround(t, "", s.models, func(w http.ResponseWriter, r *http.Request) bool {
		switch name := r.URL.Path; {
		case strings.HasSuffix(name, "/model.safetensors"):
			o.weights(w, r)
			_, _ = w.Write(s.files.Weights)
			return true
		case name == "/app-worker.js":
			// The service worker asks for the weights as well, to keep them.
			http.NotFound(w, r)
			return true
		case strings.HasSuffix(name, "/app.wasm"):
			select {
			case <-o.wanted:
			case <-time.After(time.Minute):
				t.Error("nobody asks for the weights while the page's program travels")
			}
		}
		return false
	})
	b := s.browser.Tab(t, 1440, 900)
	b.Visit(url + oneWorker + "&seed=5")
	b.Until("the text is written", wrote(t, s.native(t, "clex", 5, 32)))
	if asked := o.list(); len(asked) != 1 {
		t.Errorf("the weights are asked for %d times: %q", len(asked), asked)
	}
}

// TestModelLoadsOnceWhenItsRequestIsLate has the page's program come before the
// request that was to be sent ahead of it.
func TestModelLoadsOnceWhenItsRequestIsLate(t *testing.T) {
	s := builtSite(t)
	o := newOpening()
	written := make(chan struct{})
	url := s.serveAround(t, "", s.models, func(w http.ResponseWriter, r *http.Request) bool {
		switch name := r.URL.Path; {
		case strings.HasSuffix(name, "/model.safetensors"):
			o.weights(w, r)
			_, _ = w.Write(s.files.Weights)
			return true
		case name == "/app-worker.js":
			http.NotFound(w, r)
			return true
		case strings.HasSuffix(name, "/first.json"):
			<-written
		}
		return false
	})
	b := s.browser.Tab(t, 1440, 900)
	b.Visit(url + oneWorker + "&seed=5")
	b.Until("the text is written", wrote(t, s.native(t, "clex", 5, 32)))
	close(written)
	b.Until("the late request has come", `performance.getEntriesByType("resource").some(e => e.name.endsWith("/first.json") && e.responseEnd > 0)`)
	// A worker carries out one request after the other: what it was told before it
	// writes again is done by then.
	b.Set("#prompt", "the old king", "input")
	b.Click("#generate")
	b.Until("another text is written", `document.querySelector("#generate:not(:disabled)") !== null && document.querySelector("#story-0").textContent.startsWith("the old king")`)
	if asked := o.list(); len(asked) != 1 {
		t.Errorf("the weights are asked for %d times: %q", len(asked), asked)
	}
}

// TestDamagedFirstRequest has the request that is sent ahead of the page's program
// missing, damaged, or for other weights than the page wants.
func TestDamagedFirstRequest(t *testing.T) {
	s := builtSite(t)
	models := t.TempDir()
	tunedModels(t, models)
	h, err := server.New(server.Options{Dist: os.DirFS(s.dist), Models: os.DirFS(models)})
	if err != nil {
		t.Fatal(err)
	}
	static := t.TempDir()
	if err := h.Export(static); err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(os.DirFS(static), "web/*/models/first.json")
	if err != nil || len(names) != 1 {
		t.Fatalf("first.json: %q, %v", names, err)
	}
	good, err := os.ReadFile(filepath.Join(static, names[0]))
	if err != nil {
		t.Fatal(err)
	}
	other := func(change func(*jobs.Request)) []byte {
		var first jobs.Request
		if err := json.Unmarshal(good, &first); err != nil {
			t.Fatal(err)
		}
		change(&first)
		out, err := json.Marshal(first)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, row := range []struct {
		name string
		data []byte // nil is none
	}{
		{"missing", nil},
		{"half", good[:len(good)/2]},
		{"empty", []byte("{}")},
		{"of another version", other(func(r *jobs.Request) { r.Version++ })},
		{"for weights that are not there", other(func(r *jobs.Request) { r.Load.Weights = "models/rig/gone/model.safetensors" })},
		{"for other weights", other(func(r *jobs.Request) { r.Load.Weights = "models/rig/rope/model.safetensors" })},
	} {
		t.Run(row.name, func(t *testing.T) {
			heard := make(chan struct{})
			url := s.serveAround(t, "", models, func(w http.ResponseWriter, r *http.Request) bool {
				switch name := r.URL.Path; {
				case strings.HasSuffix(name, "/first.json") && row.data != nil:
					w.Header().Set("Content-Type", "application/json")
					_, _ = w.Write(row.data)
				case name == "/heard":
					close(heard)
				case strings.HasSuffix(name, "/app.wasm"):
					select {
					case <-heard:
					case <-time.After(time.Minute):
						t.Error("the worker says nothing to what it was sent")
					}
					return false
				case strings.HasSuffix(name, "/first.json"), name == "/app-worker.js":
					http.NotFound(w, r)
				default:
					return false
				}
				return true
			})
			b := s.browser.Tab(t, 1440, 900)
			// The worker says that it runs, and then what it makes of the request.
			answers := "2"
			if row.data == nil {
				answers = "1"
			}
			b.Early(`const look = setInterval(() => { if (window.clexlabEngine?.heard.length >= ` + answers + `) { clearInterval(look); fetch("/heard") } }, 10)`)
			b.Visit(url + oneWorker + "&seed=5")
			b.Until("the text is written, or it says why not", wrote(t, s.native(t, "clex", 5, 32))+` || document.querySelector(".notice.failure, #generate:not(:disabled)") !== null`)
			b.Until("it is the text of the right weights", wrote(t, s.native(t, "clex", 5, 32)))
		})
	}
}
