//go:build !js

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/browsertest"
	"clexlab/web/server"
	"clexlab/web/state"
)

// opening is what a server sees of a page that is being opened.
type opening struct {
	mu    sync.Mutex
	asked []string
	// wanted is closed when weights are asked for the first time, heard when the worker
	// that was started before the page's program has said as much as the tab listens for.
	wanted, heard chan struct{}
}

func newOpening() *opening {
	return &opening{wanted: make(chan struct{}), heard: make(chan struct{})}
}

// listen has a tab tell the server when the early worker has said n things: first
// that it runs, then what it makes of the request that it was sent.
func (o *opening) listen(b *browsertest.Tab, n int) {
	b.Early(`const look = setInterval(() => { if (window.clexlabEngine?.heard.length >= ` + strconv.Itoa(n) + `) { clearInterval(look); fetch("/heard") } }, 10)`)
}

// answer takes a request that is not the page's own, and those for weights: these are not
// to be taken from the browser's cache, so that whoever asks for them asks here.
func (o *opening) answer(w http.ResponseWriter, r *http.Request, weights []byte) bool {
	switch name := r.URL.Path; {
	case strings.HasSuffix(name, "/model.safetensors") && weights != nil:
		w.Header().Set("Cache-Control", "no-store")
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.asked = append(o.asked, name); len(o.asked) == 1 {
			close(o.wanted)
		}
		_, _ = w.Write(weights)
	case name == "/heard":
		close(o.heard)
	case name == "/app-worker.js":
		// The service worker asks for the weights as well, to keep them.
		http.NotFound(w, r)
	default:
		return false
	}
	return true
}

// isProgram reports whether a request is for the page's program.
func isProgram(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/app.wasm") }

// wait holds an answer back until c is closed.
func wait(t *testing.T, c chan struct{}, what string) {
	select {
	case <-c:
	case <-time.After(time.Minute):
		t.Error("in vain: " + what)
	}
}

// once fails the test if the weights were not asked for exactly once.
func (o *opening) once(t *testing.T) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.asked) != 1 {
		t.Errorf("the weights are asked for %d times: %q", len(o.asked), o.asked)
	}
}

// alone opens the page so that it needs one worker only: nothing is measured for the
// trajectories and no judge rates the text. In oneWorker no GPU is asked for its speed either.
const (
	plainly   = "vs=&tint=own&scene=trajectories&hide=picture"
	alone     = "?prompt=the+little+fox&" + plainly
	oneWorker = alone + "&windows=1&backend=cpu"
)

// TestModelLoadsBeforeTheProgram holds the page's program back until the weights have
// been asked for, and counts how often that happens.
func TestModelLoadsBeforeTheProgram(t *testing.T) {
	s, o := builtSite(t), newOpening()
	url := s.serveAround(t, "", s.models, func(w http.ResponseWriter, r *http.Request) bool {
		if isProgram(r) {
			wait(t, o.wanted, "weights are asked for while the page's program travels")
		}
		return o.answer(w, r, s.files.Weights)
	})
	b := s.tab(t, 1440, 900)
	b.Visit(url + oneWorker + "&seed=5")
	b.Until("the text is written", wrote(t, s.native(t, "clex", 5, 32)))
	o.once(t)
}

// TestModelLoadsOnceWhenItsRequestIsLate has the page's program take over a worker that
// runs, before the request comes that was to be sent ahead of it.
func TestModelLoadsOnceWhenItsRequestIsLate(t *testing.T) {
	s, o := builtSite(t), newOpening()
	written := make(chan struct{})
	url := s.serveAround(t, "", s.models, func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case isProgram(r):
			wait(t, o.heard, "the worker says that it runs")
		case strings.HasSuffix(r.URL.Path, "/first.json"):
			wait(t, written, "the text is written")
		}
		return o.answer(w, r, s.files.Weights)
	})
	b := s.tab(t, 1440, 900)
	o.listen(b, 1)
	b.Visit(url + oneWorker + "&seed=5")
	b.Until("the text is written", wrote(t, s.native(t, "clex", 5, 32)))
	close(written)
	b.Until("the late request has come", `performance.getEntriesByType("resource").some(e => e.name.endsWith("/first.json") && e.responseEnd > 0)`)
	// A worker carries out one request after the other: what it was told before it
	// writes again is done by then.
	b.Set("#prompt", "the old king", "input")
	b.Click("#generate")
	b.Until("another text is written", `document.querySelector("#generate:not(:disabled)") !== null && document.querySelector("#story-0").textContent.startsWith("the old king")`)
	o.once(t)
}

// TestFirstWordsBeforeTheProgram holds the page's program back until words stand in the document: the page goes on with
// that text and does not begin it anew.
func TestFirstWordsBeforeTheProgram(t *testing.T) {
	s := builtSite(t)
	words, mounted := make(chan struct{}), make(chan struct{})
	asked := false
	url := s.serveAround(t, "", s.models, func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.URL.Path == "/words":
			close(words)
			return true
		case isProgram(r):
			wait(t, words, "words stand in the document")
		case strings.HasSuffix(r.URL.Path, "/index.json"):
			wait(t, mounted, "the page's program has drawn the page")
		}
		return false
	})
	b := s.tab(t, 390, 844)
	b.Early(`const look = setInterval(() => { if (document.querySelector("#story-0 .tk:not(.p)")) { clearInterval(look); window.begun = window.clexlabEngine.heard.length; fetch("/words") } }, 10);
		const post = Worker.prototype.postMessage; window.written = 0;
		Worker.prototype.postMessage = function (m, ...more) { if (typeof m === "string" && m.includes('"write":{"method":"clex"')) window.written++; return post.call(this, m, ...more) }`)
	b.Visit(url)
	// Between its first drawing and the list of models the page has not taken the worker over: the words stay, and what the
	// worker says then is shown by nobody.
	b.Until("the page's program has drawn the page", `window.begun > 0 && document.querySelector("#app-wasm-loader") === null`)
	b.Until("the words stay", `document.querySelector("#story-0.draft > .tk:not(.p)")?.textContent.length > 0`)
	b.Run(`clexlabEngine.worker.onmessage({data: {head: JSON.stringify({v: 6, id: 999, kind: "judge", tokens: {list: [{s: "stray"}]}})}})`)
	close(mounted)
	c, err := server.Catalogue(os.DirFS(s.models))
	if err != nil {
		t.Fatal(err)
	}
	write, _, err := state.First(c.Models)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, token := range nativeText(t, s.files, write) {
		text.WriteString(token.Text)
	}
	b.Until("the text is written", wrote(t, text.String()))
	b.Eval(`window.begun > 0 && window.written === 1`, &asked)
	if !asked {
		t.Error("the text is asked for more than once, or not before the program runs")
	}
}

// TestPictureBeforeOtherWeights holds the picture's program back on a first visit: it is asked for while the page's program starts, once,
// and the weights of the other method, as their difference from the first, are asked for when it has come.
func TestPictureBeforeOtherWeights(t *testing.T) {
	s := builtSite(t)
	models := t.TempDir()
	nearModels(t, models, "rope")
	var mu sync.Mutex
	var asked []string
	release := make(chan struct{})
	url := s.serveAround(t, "", models, func(_ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		for _, name := range []string{"app.wasm", "view.wasm", "rope/model.difference", "rope/model.safetensors"} {
			// What the service worker keeps when the picture lives, it asks for anew.
			if strings.HasSuffix(r.URL.Path, "/"+name) && r.Header.Get("Cache-Control") != "max-age=0" {
				asked = append(asked, name)
			}
		}
		mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "/view.wasm") {
			wait(t, release, "it was looked at what is asked for")
		}
		return false
	})
	b := s.tab(t, 1440, 900)
	b.Early(`const compile = WebAssembly.compileStreaming; top.compiled ??= 0;
		WebAssembly.compileStreaming = async (answer) => { if ((await answer).url.endsWith("/view.wasm")) top.compiled++; return compile.call(WebAssembly, answer) }`)
	b.Visit(url)
	b.Until("the picture would start, and the other text", `document.querySelector("iframe#view[src]") !== null`)
	b.Eval(`new Promise(done => setTimeout(done, 1500))`, nil)
	mu.Lock()
	before := slices.Clone(asked)
	mu.Unlock()
	if !slices.Equal(before, []string{"app.wasm", "view.wasm"}) {
		t.Errorf("before the picture's program has come the page asks for %q", before)
	}
	close(release)
	b.Until("both texts are written", rested)
	b.Until("the picture lives", `document.querySelector("iframe#view.live") !== null`)
	var compiled int
	if b.Eval(`compiled`, &compiled); compiled != 1 {
		t.Errorf("the picture's program is compiled %d times", compiled)
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(asked, append(before, "rope/model.difference")) {
		t.Errorf("after it the page has asked for %q", asked)
	}
}

// TestOtherWeightsDoNotWaitForEver keeps the picture's program back: the second text is written nonetheless, once the wait of boot.js for
// it is over, which is shortened here.
func TestOtherWeightsDoNotWaitForEver(t *testing.T) {
	s := builtSite(t)
	release := make(chan struct{})
	url := s.serveAround(t, "", s.models, func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/view.wasm") {
			wait(t, release, "the second text is written")
		}
		return false
	})
	b := s.tab(t, 1440, 900)
	b.Early(`if (top === self) { window.waits = 0; const set = setTimeout;
		window.setTimeout = (f, ms, ...more) => set(f, ms === 8000 ? (window.waits++, 300) : ms, ...more) }`)
	b.Visit(url)
	b.Until("both texts are written", rested+` && document.querySelectorAll("#story-1 .tk").length > 20`)
	var waits int
	var alive bool
	b.Eval(`waits`, &waits)
	b.Eval(`document.querySelector("iframe#view.live") !== null`, &alive)
	if waits != 1 || alive {
		t.Errorf("%d waits of 8 s, the picture's program has come: %t", waits, alive)
	}
	close(release)
	b.Until("the picture lives", `document.querySelector("iframe#view.live") !== null`)
	b.Clean()
}

// TestDamagedFirstRequest has the request that is sent ahead of the page's program
// damaged, or for other weights than the page wants.
func TestDamagedFirstRequest(t *testing.T) {
	s := builtSite(t)
	models := t.TempDir()
	tunedModels(t, models)
	c, err := server.Catalogue(os.DirFS(models))
	if err != nil {
		t.Fatal(err)
	}
	request := func(weights string, share int) string {
		model := c.Models[0]
		model.Load.Weights = weights
		load, write, err := jobs.First(model, jobs.Write{})
		if err != nil {
			t.Fatal(err)
		}
		both, err := json.Marshal([]string{load[:len(load)/share], write})
		if err != nil {
			t.Fatal(err)
		}
		return string(both)
	}
	for _, row := range []struct{ name, data string }{
		{"half", request(c.Models[0].Load.Weights, 2)},
		{"for weights that are not there", request("rig/gone/model.safetensors", 1)},
		{"for other weights", request("rig/rope/model.safetensors", 1)},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := newOpening()
			url := s.serveAround(t, "", models, func(w http.ResponseWriter, r *http.Request) bool {
				switch {
				case isProgram(r):
					wait(t, o.heard, "the worker answers what it was sent")
				case strings.HasSuffix(r.URL.Path, "/first.json"):
					w.Header().Set("Content-Type", "application/json")
					_, _ = w.Write([]byte(row.data))
					return true
				}
				return o.answer(w, r, nil)
			})
			b := s.tab(t, 1440, 900)
			o.listen(b, 2)
			b.Visit(url + oneWorker + "&seed=5")
			b.Until("a text is written, or it says why not", rested+` || document.querySelector(".notice.failure") !== null`)
			if got, want := story(b, 0), s.native(t, "clex", 5, 32); got != want {
				t.Errorf("the page writes %q, want %q", got, want)
			}
		})
	}
}
