//go:build !js

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"clexlab/model/modeltest"
	"clexlab/tinymodels"
	"clexlab/wasm/engine/work"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/browsertest"
	"clexlab/web/server"
)

// site is the whole product, built for the tests with a small random model.
type site struct {
	dir          string // of what is thrown away afterwards
	dist, models string
	files        modeltest.Files
}

var (
	theSite *site
	siteErr error
	once    sync.Once
)

func TestMain(m *testing.M) {
	code := m.Run()
	if theSite != nil {
		for _, b := range append(cpuBrowsers.all, gpuBrowsers.all...) {
			b.Close()
		}
		os.RemoveAll(theSite.dir)
	}
	os.Exit(code)
}

// browsers are started as tests want them: each is one test's at a time, as a page behind another one draws nothing.
type browsers struct {
	options   []chromedp.ExecAllocatorOption
	mu        sync.Mutex
	all, free []*browsertest.Browser
}

var cpuBrowsers, gpuBrowsers = &browsers{}, &browsers{options: browsertest.WebGPU}

// take is a browser that is the test's until its end.
func (s *browsers) take(t *testing.T) *browsertest.Browser {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.free); n > 0 {
		b := s.free[n-1]
		s.free = s.free[:n-1]
		s.giveBack(t, b)
		return b
	}
	b, err := browsertest.Start(slices.Concat(s.options, browsertest.Quick)...)
	if err != nil {
		browsertest.Missing(t, err)
	}
	s.all = append(s.all, b)
	web := httptest.NewServer(http.FileServer(http.Dir(theSite.dist)))
	defer web.Close()
	if err := b.Keep(web.URL+"/view.js", web.URL+"/app.wasm", web.URL+"/engine.wasm", web.URL+"/view.wasm"); err != nil {
		t.Fatal(err)
	}
	s.giveBack(t, b)
	return b
}

func (s *browsers) giveBack(t *testing.T, b *browsertest.Browser) {
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.free = append(s.free, b)
	})
}

// tab is an empty page of a width and height.
func (s *site) tab(t *testing.T, width, height int64) *browsertest.Tab {
	t.Helper()
	return cpuBrowsers.take(t).Tab(t, width, height)
}

// builtSite is the site, made once for all tests. Tests that have it run beside each other: a page waits more than it computes.
func builtSite(t *testing.T) *site {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	t.Parallel()
	once.Do(func() { theSite, siteErr = makeSite() })
	if siteErr != nil {
		browsertest.Missing(t, siteErr)
	}
	return theSite
}

// shipped serves the product with the models that ship, and returns its address.
func (s *site) shipped(t *testing.T) string {
	t.Helper()
	h, err := server.New(server.Options{Dist: os.DirFS(s.dist), Models: tinymodels.Files})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	return web.URL
}

func makeSite() (*site, error) {
	dir, err := os.MkdirTemp("", "site")
	if err != nil {
		return nil, err
	}
	s := &site{dir: dir, dist: filepath.Join(dir, "dist"), models: filepath.Join(dir, "models")}
	files, _, _, err := modeltest.New()
	if err != nil {
		return nil, err
	}
	s.files = files
	if err := files.Write(s.models); err != nil {
		return nil, err
	}
	if built := os.Getenv("CLEXLAB_DIST"); built != "" {
		s.dist = built
		return s, nil
	}
	make := exec.Command("make", "-C", "..", "programs", "DIST="+s.dist, "TAGS=faults")
	if out, err := make.CombinedOutput(); err != nil {
		return nil, &exec.Error{Name: string(out), Err: err}
	}
	return s, nil
}

// serve serves the site below a base path, with other models if asked, and returns the page's address.
func (s *site) serve(t *testing.T, base, models string) string {
	t.Helper()
	if models == "" {
		models = s.models
	}
	return s.serveAround(t, base, models, func(http.ResponseWriter, *http.Request) bool { return false })
}

// serveAround serves the site except for what is answered otherwise.
func (s *site) serveAround(t *testing.T, base, models string, otherwise func(http.ResponseWriter, *http.Request) bool) string {
	t.Helper()
	h, err := server.New(server.Options{Dist: os.DirFS(s.dist), Models: os.DirFS(models), Base: base})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !otherwise(w, r) {
			h.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(web.Close)
	return web.URL + base + "/"
}

const rested = `document.querySelector("#generate:not(:disabled)") !== null && document.querySelectorAll("#story-0 .tk").length > 20`

// native is the text of the site's model. Machines differ in the last bits of what is not rounded to integers; the seeds of the tests are
// such that no draw of their texts lies that close.
func (s *site) native(t *testing.T, method string, seed uint64, upto int) string {
	t.Helper()
	return native(t, s.files, method, seed, upto)
}

// native is the text that the engine writes outside of any browser on a checkpoint.
func native(t *testing.T, files modeltest.Files, method string, seed uint64, upto int) string {
	t.Helper()
	var b strings.Builder
	for _, tok := range nativeTokens(t, files, method, seed, upto) {
		b.WriteString(tok.Text)
	}
	return b.String()
}

func nativeTokens(t *testing.T, files modeltest.Files, method string, seed uint64, upto int) []jobs.Token {
	t.Helper()
	return nativeText(t, files, jobs.Write{Method: method, Prompt: "the little fox", MaxLength: upto,
		FactorRule: jobs.FactorRule{Auto: true}, Temperature: 0.8, TopP: 0.95, TopK: 40, Seed: seed})
}

func nativeText(t *testing.T, files modeltest.Files, write jobs.Write) (list []jobs.Token) {
	t.Helper()
	w := &work.Worker{Yield: func() {}, Emit: func(a jobs.Answer) {
		if a.Error != "" {
			t.Error(a.Error)
		}
		if a.Tokens != nil {
			list = append(list, a.Tokens.List...)
		}
	}}
	if err := w.Load(files.Config, files.Weights, files.Tokenizer, nil); err != nil {
		t.Fatal(err)
	}
	w.Do(context.Background(), jobs.Request{ID: 1, Write: &write})
	return list
}

// story is a pane's text as it stands on the page, without the marks between windows.
func story(b *browsertest.Tab, pane int) (text string) {
	b.Eval(`[...document.querySelectorAll("#story-`+strconv.Itoa(pane)+` .tk")].map(e => e.textContent).join("")`, &text)
	return text
}

// wrote is the condition that a text, and nothing else, stands in the first pane.
func wrote(t *testing.T, text string) string {
	t.Helper()
	want, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return `[...document.querySelectorAll("#story-0 .tk")].map(e => e.textContent).join("") === ` + string(want)
}

// staticSite serves the site as a folder without a server of its own, below a path, and returns the page's address. Twins are
// sent where there are any, as static hosts do.
func (s *site) staticSite(t *testing.T) string {
	t.Helper()
	h, err := server.New(server.Options{Dist: os.DirFS(s.dist), Models: os.DirFS(s.models), Base: "/some/where"})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := h.Export(filepath.Join(dir, "some/where")); err != nil {
		t.Fatal(err)
	}
	if twins, err := filepath.Glob(filepath.Join(dir, "some/where/web/*/models/*/*/*.safetensors.br")); err != nil || len(twins) == 0 {
		t.Fatal("no weights were compressed: ", err)
	}
	plain := http.FileServer(http.Dir(dir))
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path.Clean("/"+r.URL.Path))) + ".br")
		if err != nil || !strings.Contains(r.Header.Get("Accept-Encoding"), "br") {
			plain.ServeHTTP(w, r)
			return
		}
		kind := mime.TypeByExtension(path.Ext(r.URL.Path))
		w.Header().Set("Content-Type", cmp.Or(kind, "application/octet-stream"))
		w.Header().Set("Content-Encoding", "br")
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		_, _ = w.Write(data)
	}))
	t.Cleanup(web.Close)
	return web.URL + "/some/where/"
}

// TestWritesTheEnginesText has the whole page, from a static host and below a path, write, draw and measure, and drags in the picture.
// The host sends what it has compressed, weights too, and what is told of loading them is of their whole size.
func TestWritesTheEnginesText(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	b.Early(`window.loads = []; const plain = Worker; window.Worker = class extends plain { constructor(...with_) { super(...with_);
		this.addEventListener("message", e => { const l = e.data.head && JSON.parse(e.data.head).loading; if (l) loads.push(l); }) } }`)
	b.Visit(s.staticSite(t) + "?prompt=the+little+fox&windows=2&seed=5&vs=rope")
	b.Until("both texts are written", rested+` && document.querySelectorAll("#story-1 .tk").length > 20`)
	for pane, method := range []string{"clex", "rope"} {
		if got, want := story(b, pane), s.native(t, method, 5, 64); got != want {
			t.Errorf("%s in the page:\n%q\nnative:\n%q", method, got, want)
		}
	}
	var packed int
	b.Eval(`performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation")).filter(e => e.encodedBodySize < e.decodedBodySize).length`, &packed)
	if packed < 3 {
		t.Errorf("%d files came compressed", packed)
	}
	b.Until("loading came to the whole, and never further", `loads.length > 0 && loads.every(l => l.done <= l.total) && loads.at(-1).done === loads.at(-1).total`)
	b.Until("the backend is in view", `document.querySelector("#status").textContent.includes("CPU SIMD")`)
	b.Until("the picture is alive", `document.querySelector("iframe#view").className === "live"`)
	b.Until("the solver's work is in view", `document.querySelector("#solved")?.textContent.includes("evaluations")`)
	b.Click("#scene-loss")
	b.Click("#table")
	b.Until("loss is measured for every method shown", `document.querySelectorAll("#data-table thead th").length === 6 &&
		![...document.querySelectorAll("#data-table tbody td")].some(c => c.textContent === "not measured")`)
	b.Click("#scene-attention")
	b.Until("attention is measured for every head", `document.querySelectorAll("#data-table tbody tr").length === 4 && document.querySelector("#data-table caption").textContent.includes("tokens 1 to 64")`)
	b.Until("the address stays below the path", `location.pathname === "/some/where/"`)
	b.Click("#table")
	b.Click("#scene-trajectories")
	dragInPicture(t, b)
	b.Clean()
}

func TestScalarEngineWritesAsWell(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	b.Visit(s.serve(t, "", "") + alone + "&windows=1&backend=scalar")
	b.Until("the text is written", rested)
	if got := b.Text("#status"); !strings.HasPrefix(got, "CPU") || strings.Contains(got, "SIMD") {
		t.Errorf("status %q", got)
	}
	b.Clean()
}

func TestProbesRecall(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	b.Visit(s.serve(t, "", "") + "?prompt=the+little+fox&windows=1&vs=&tint=own&scene=recall")
	b.Until("the text is written", rested)
	b.Click("#side-recall")
	b.Click("#probe")
	// A fact and its question are longer than the test model's window, so the engine has to say so.
	b.Until("the engine's refusal is shown", `document.querySelector("#recall .trouble")?.textContent.includes("too short")`)
	b.Clean()
}

func TestMissingModel(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	b.Visit(s.serve(t, "", "") + "?models=nowhere")
	b.Until("it says what happened", `document.querySelector(".notice.failure[data-key=model]")?.textContent.includes("index.json is missing")`)
	b.Until("and what to do", `[...document.querySelectorAll(".notice button")].some(x => x.textContent === "Try again")`)
}

func TestDamagedModel(t *testing.T) {
	s := builtSite(t)
	var whole atomic.Bool
	url := s.serveAround(t, "", s.models, func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case strings.HasSuffix(r.URL.Path, "model.safetensors") && !whole.Load():
			// A download that ended early and was taken for whole.
			w.Header().Set("Cache-Control", "no-store")
			_, _ = w.Write(s.files.Weights[:len(s.files.Weights)/2])
		case r.URL.Path == "/app-worker.js":
			// The service worker would keep the half file.
			http.NotFound(w, r)
		default:
			return false
		}
		return true
	})
	b := s.tab(t, 1440, 900)
	b.Visit(url + alone + "&windows=2")
	b.Until("it says that the file is damaged", `document.querySelector(".notice.failure[data-key=model]")?.textContent.includes("damaged")`)
	whole.Store(true)
	b.Run(`[...document.querySelectorAll(".notice button")].find(x => x.textContent === "Try again").click()`)
	b.Until("trying again works", rested)
}

func TestEngineOutOfMemoryKeepsTheText(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	b.Visit(s.serve(t, "", "") + alone + "&windows=1&fail=memory")
	b.Until("it says that the engine stopped", `document.querySelector(".notice.failure[data-key=worker]")?.textContent.includes("memory")`)
	b.Run(`[...document.querySelectorAll(".notice button")].find(x => x.textContent === "Start again").click()`)
	b.Until("it starts again", `document.querySelector("#status").textContent.includes("CPU SIMD")`)
	b.Until("generating is offered", `document.querySelector("#generate:not(:disabled)") !== null || document.querySelector("#stop") !== null`)
}

// dragInPicture presses at the middle of the picture and pulls to and fro: t is to follow, higher to the right. On a busy
// machine it comes late, so that each place is given some seconds.
func dragInPicture(t *testing.T, b *browsertest.Tab) {
	var box struct{ X, Y, W, H float64 }
	b.Eval(`(() => { const r = document.querySelector("#stage").getBoundingClientRect(); return {X: r.x, Y: r.y, W: r.width, H: r.height} })()`, &box)
	hand := func(kind input.MouseType, share float64) {
		b.Do(chromedp.MouseEvent(kind, box.X+box.W*share, box.Y+box.H*0.5, chromedp.ButtonLeft), chromedp.Sleep(300*time.Millisecond))
	}
	factor := func() (at float64) {
		b.Eval(`parseFloat(document.querySelector("#t-out").textContent)`, &at)
		return at
	}
	// pull moves the hand and waits until t is as it should be then.
	pull := func(share float64, there func(at float64) bool) (at float64, ok bool) {
		hand(input.MouseMoved, share)
		for range 20 {
			if at = factor(); there(at) {
				return at, true
			}
			b.Do(chromedp.Sleep(200 * time.Millisecond))
		}
		return at, false
	}
	var tried [][3]float64
	// The frame says it is alive before its first pictures are drawn: a hand that
	// comes too early tries again.
	for range 4 {
		b.Do(chromedp.Sleep(400*time.Millisecond), chromedp.MouseEvent(input.MouseMoved, box.X+box.W*0.5, box.Y+box.H*0.5), chromedp.Sleep(100*time.Millisecond))
		hand(input.MousePressed, 0.5)
		hand(input.MouseMoved, 0.4)
		first := factor()
		right, up := pull(0.6, func(at float64) bool { return at > first })
		left, down := pull(0.4, func(at float64) bool { return at < right })
		hand(input.MouseReleased, 0.4)
		if up && down {
			return
		}
		tried = append(tried, [3]float64{first, right, left})
	}
	t.Errorf("t does not follow the hand in the picture: to the left, to the right and to the left again it was %v", tried)
}
