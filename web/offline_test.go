//go:build !js

package main

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"

	"clexlab/clex"
	"clexlab/model/checkpoint"
	"clexlab/model/modeltest"
	"clexlab/web/browsertest"
	"clexlab/web/server"
)

// untilOffline serves the site at an address of its own until the function it returns has
// been called. From then on a tab has what the page itself has kept, and nothing else:
// the browser's own cache, which it may empty at any time, is emptied.
func (s *site) untilOffline(t *testing.T, models string) (url string, offline func(*browsertest.Tab)) {
	t.Helper()
	h, err := server.New(server.Options{Dist: os.DirFS(s.dist), Models: os.DirFS(models)})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: h}
	go func() { _ = web.Serve(listener) }()
	t.Cleanup(func() { web.Close() })
	return "http://" + listener.Addr().String() + "/", func(b *browsertest.Tab) {
		t.Helper()
		if err := web.Close(); err != nil {
			t.Fatal(err)
		}
		b.Do(network.ClearBrowserCache())
	}
}

func TestWorksOfflineAfterTheFirstVisit(t *testing.T) {
	s := builtSite(t)
	url, offline := s.untilOffline(t, s.models)
	b := s.tab(t, 1440, 900)
	b.Visit(url + "?prompt=the+little+fox&windows=1")
	b.Until("the text is written", rested)
	b.Eval(`navigator.serviceWorker.ready.then(() => true)`, nil)
	b.Until("no update is announced on the first visit", `document.querySelector(".notice[data-key=update]") === null`)
	offline(b)
	b.Visit(url + "?windows=2&seed=8&prompt=the+little+fox")
	b.Until("it writes without a server", rested)
	if got, want := story(b, 0), s.native(t, "clex", 8, 64); got != want {
		t.Errorf("offline the page writes %q, want %q", got, want)
	}
	b.Until("the picture is alive too", `document.querySelector("iframe#view").className === "live"`)
}

// TestSecondVisit opens a page without wishes again and again while its server is there, each time under the service worker of the
// first visit: the model loads in both workers, both texts are those of the first visit, the losses are measured, the picture lives.
func TestSecondVisit(t *testing.T) {
	s := builtSite(t)
	url := s.serve(t, "", "")
	b := s.tab(t, 1440, 900)
	var first [2]string
	for visit := range 3 {
		b.Visit(url)
		b.Until("both texts are written", rested+` && document.querySelectorAll("#story-1 .tk").length > 20`)
		b.Until("the losses are measured", `/rises from|falls from|of training/.test(document.querySelector("#lead").textContent) && !document.querySelector("#lead").textContent.includes("the build")`)
		b.Until("the picture lives", `document.querySelector("iframe#view.live") !== null`)
		texts := [2]string{story(b, 0), story(b, 1)}
		if visit == 0 {
			first = texts
			b.Eval(`navigator.serviceWorker.ready.then(() => true)`, nil)
			continue
		}
		if texts != first {
			t.Errorf("visit %d: the texts are %q, want those of the first visit, %q", visit+1, texts, first)
		}
		var kept, quiet bool
		b.Eval(`navigator.serviceWorker.controller !== null`, &kept)
		b.Eval(`document.querySelector(".notice") === null`, &quiet)
		if !kept || !quiet {
			t.Errorf("visit %d: under the service worker: %t; without a notice: %t", visit+1, kept, quiet)
		}
	}
	b.Clean()
}

// TestKeepsNothingBeforeThePictureLives holds the picture's program back on a first visit: the service worker asks for nothing until
// the picture lives, and then at once, not after the half minute in which it begins by itself.
func TestKeepsNothingBeforeThePictureLives(t *testing.T) {
	s := builtSite(t)
	var asked atomic.Int32
	looked := make(chan struct{})
	url := s.serveAround(t, "", s.models, func(_ http.ResponseWriter, r *http.Request) bool {
		// What has no version in its address the service worker asks for anew, as nothing else on the page does.
		worker := r.Header.Get("Sec-Fetch-Dest") == "empty" && r.Header.Get("Cache-Control") == "max-age=0"
		switch {
		case worker:
			asked.Add(1)
		case strings.HasSuffix(r.URL.Path, "/view.wasm"):
			wait(t, looked, "it was looked at what the service worker asks for")
		}
		return false
	})
	b := s.tab(t, 1440, 900)
	b.Visit(url + "?prompt=the+little+fox&windows=1&backend=cpu")
	b.Until("the text is written", rested)
	b.Until("the service worker is being installed", `navigator.serviceWorker.getRegistration().then(r => r?.installing)`)
	b.Eval(`new Promise(done => setTimeout(done, 1000))`, nil)
	var installing bool
	b.Eval(`navigator.serviceWorker.getRegistration().then(r => r.installing !== null)`, &installing)
	if n := asked.Load(); n > 0 || !installing {
		t.Errorf("before the picture lives the service worker asks for %d files, it is being installed: %t", n, installing)
	}
	close(looked)
	b.Until("the picture lives", `document.querySelector("iframe#view.live") !== null`)
	lives := time.Now()
	b.Until("all is kept", `navigator.serviceWorker.getRegistration().then(r => r.active)`)
	if took := time.Since(lives); asked.Load() == 0 || took > 15*time.Second {
		t.Errorf("%v after it lives %d files are asked for", took, asked.Load())
	}
}

// tunedModels writes the rig with weights of its own for each of some methods and
// for none, all different, and returns the files that each of those methods runs on.
func tunedModels(t *testing.T, dir string, methods ...string) map[string]modeltest.Files {
	t.Helper()
	files, ck, _, err := modeltest.New()
	if err != nil {
		t.Fatal(err)
	}
	if err := files.Write(dir); err != nil {
		t.Fatal(err)
	}
	out := map[string]modeltest.Files{}
	for i, method := range append([]string{"rope"}, methods...) {
		c, w := *ck, *ck.Weights
		gain := make([]float32, c.Config.Dim)
		for k := range gain {
			gain[k] = 1 + float32((k+i)%5)/4
		}
		w.FinalNorm.Weight = gain
		c.Weights, c.CLEX, c.Scaling = &w, nil, nil
		scheme, err := clex.New(method, c.Config.Rotary, clex.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.SetScheme(scheme, 0); err != nil {
			t.Fatal(err)
		}
		f, err := modeltest.Written(&c, files.Tokenizer)
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{checkpoint.ConfigFile: f.Config, checkpoint.WeightsFile: f.Weights} {
			name = filepath.Join(dir, "rig", method, name)
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		out[method] = f
	}
	return out
}

// kept asks, as a promise, whether the service worker holds the weights of a method.
func kept(method string) string {
	return `caches.keys().then(names => Promise.all(names.map(n => caches.open(n).then(c => c.keys()))))
		.then(lists => ["config.json", "model.safetensors"].every(f => lists.flat().some(r => r.url.endsWith("/rig/` + method + `/" + f))))`
}

// TestKeepsWeightsThatWereUsed uses weights that are not on the list of what is kept
// from the first visit on: some before the service worker is there, some after.
func TestKeepsWeightsThatWereUsed(t *testing.T) {
	s := builtSite(t)
	models := t.TempDir()
	sets := tunedModels(t, models, "pi", "ntk", "yarn")
	wrote := func(method string, seed uint64) string { return wrote(t, native(t, sets[method], method, seed, 32)) }
	url, offline := s.untilOffline(t, models)
	b := s.tab(t, 1440, 900)
	choose := func(method string) {
		b.Set("#method-0", method, "change") // which has it write at once
	}
	// The one worker is older than the service worker, which so sees nothing of what it asks for.
	b.Visit(url + oneWorker + "&by=pi&seed=5")
	b.Until("PI's text is written", wrote("pi", 5))
	b.Eval(`navigator.serviceWorker.ready.then(() => true)`, nil)
	choose("ntk")
	b.Until("NTK's text is written", wrote("ntk", 5))
	b.Until("the weights of both are kept", `Promise.all([`+kept("pi")+`, `+kept("ntk")+`]).then(k => k.every(Boolean))`)
	var unused bool
	b.Eval(kept("yarn"), &unused)
	if unused {
		t.Error("weights are kept that nobody has used")
	}
	offline(b)
	b.Visit(url + oneWorker + "&by=pi&seed=8")
	b.Until("PI's text is written without a server", wrote("pi", 8))
	choose("ntk")
	b.Until("and NTK's", wrote("ntk", 8))
}
