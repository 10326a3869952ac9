//go:build !js

package main

import (
	"errors"
	"fmt"
	"image"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clexlab/viz/scene"
	"clexlab/web/browsertest"
	"clexlab/web/server"
)

// other is a page in another browser, as a test asks about it.
type other struct {
	t *testing.T
	browsertest.Other
	engine string
}

func (o *other) until(what, js string) {
	o.t.Helper()
	var err error
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(150 * time.Millisecond) {
		var ok bool
		if err = o.Eval("(async () => !!(await ("+js+")))()", &ok); err == nil && ok {
			return
		}
		if time.Now().After(end) {
			break
		}
	}
	o.picture("failed")
	var where string
	_ = o.Eval(`document.body.innerText.slice(0, 800)`, &where)
	o.t.Fatalf("in vain: %s (%s): %v\n%s\n%s", what, js, err, strings.Join(o.Errors(), "\n"), where)
}

func (o *other) run(js string) {
	o.t.Helper()
	var none any
	if err := o.Eval("(() => { "+js+" })()", &none); err != nil {
		o.t.Fatal(err)
	}
}

func (o *other) text(js string) (text string) {
	o.t.Helper()
	if err := o.Eval(js, &text); err != nil {
		o.t.Fatal(err)
	}
	return text
}

// picture keeps a screenshot where CLEXLAB_SHOTS names a folder for them.
func (o *other) picture(name string) {
	dir := os.Getenv("CLEXLAB_SHOTS")
	if dir == "" {
		return
	}
	if png, err := o.Screenshot(); err == nil {
		_ = os.WriteFile(filepath.Join(dir, o.engine+"-"+name+".png"), png, 0o644)
	}
}

// collector, before the page's own scripts and the picture's, keeps what each document writes as errors: browsers do not all tell.
const collector = `{
	const bad = top.clexlabBad ??= [], where = top === self ? "page" : "picture";
	const note = what => bad.push(where + ": " + what);
	addEventListener("error", e => note(e.message ?? "not loaded: " + (e.target.src ?? e.target.href)), true);
	addEventListener("unhandledrejection", e => note("rejected: " + e.reason));
	addEventListener("securitypolicyviolation", e => note("against the policy: " + e.violatedDirective + " " + e.blockedURI));
	for (const name of ["error", "log"]) {
		const write = console[name];
		console[name] = (...what) => {
			// A Go program that panics in a browser says so by console.log.
			if (name === "error" || /panic: |fatal error: /.test(what)) note(what.join(" "));
			write.apply(console, what);
		};
	}
}
`

// collected is what the document that is open has written as errors.
func (o *other) collected() (list []string) {
	o.t.Helper()
	// Without the collector there is no list, which is an error.
	if err := o.Eval(`clexlabBad.concat([])`, &list); err != nil {
		o.t.Error(err)
	}
	return list
}

// TestOtherBrowsers: in Gecko and WebKit, where they are installed, the page writes the native text, draws every picture, follows a hand
// that drags t, comes back without its server, and writes no error. With CLEXLAB_OTHERS they have to be there, the page is
// loaded anew at its own address too, and how fast they write is measured.
func TestOtherBrowsers(t *testing.T) {
	s := builtSite(t)
	whole := os.Getenv("CLEXLAB_OTHERS") != ""
	for engine, start := range browsertest.Others {
		t.Run(engine, func(t *testing.T) {
			if !whole {
				t.Parallel()
			}
			b, err := start()
			if errors.Is(err, browsertest.ErrNotInstalled) && !whole {
				t.Skipf("%v: make browsers installs it", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			o := &other{t, b, engine}
			s.inOther(t, o, whole)
			if whole {
				s.speed(t, o)
			}
		})
	}
}

// listening is the server of the site with the collector before boot.js and the picture's script.
func (s *site) listening(t *testing.T) *httptest.Server {
	t.Helper()
	h, err := server.New(server.Options{Dist: os.DirFS(s.dist), Models: os.DirFS(s.models)})
	if err != nil {
		t.Fatal(err)
	}
	scripts := map[string][]byte{}
	for _, name := range []string{"boot.js", "view.js"} {
		script, err := os.ReadFile(filepath.Join(s.dist, name))
		if err != nil {
			t.Fatal(err)
		}
		scripts[name] = append([]byte(collector), script...)
	}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if script := scripts[path.Base(r.URL.Path)]; script != nil {
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write(script)
			return
		}
		h.ServeHTTP(w, r)
	}))
}

const noNotice = `document.querySelector(".notice") === null`

func (s *site) inOther(t *testing.T, o *other, whole bool) {
	web := s.listening(t)
	defer web.Close()
	var bad []string
	open := func(address string) {
		t.Helper()
		if err := o.Open(address); err != nil {
			t.Fatal(err)
		}
		o.until("the page's program runs", `document.querySelector("#generate") && document.querySelector("#t")`)
	}
	writes := func(seed uint64, tokens int) {
		t.Helper()
		o.until("the text is written", rested)
		if got, want := o.text(`[...document.querySelectorAll("#story-0 .tk")].map(e => e.textContent).join("")`), s.native(t, "clex", seed, tokens); got != want {
			t.Errorf("it writes %q, want %q", got, want)
		}
	}
	open(web.URL + "/?prompt=the+little+fox&windows=2&seed=5")
	writes(5, 64)
	const picture = `document.querySelector("iframe#view.live")`
	o.until("the picture lives", picture)
	var before *image.NRGBA
	for _, row := range scene.Scenes {
		o.run(`document.querySelector("#scene-` + string(row.Name) + `").click()`)
		o.until(string(row.Name)+" is shown", fmt.Sprintf(`document.querySelector("#scene-%s").getAttribute("aria-selected") === "true" && %s`, row.Name, picture))
		o.until("its words are there", fmt.Sprintf(`document.querySelector("#stage").textContent.includes("%s picture at t = ")`, row.Label))
		if row.Maps {
			o.until("its maps are measured", `document.querySelector("#stage").textContent.includes("looks farthest back")`)
		}
		before = o.draws(string(row.Name), before)
		o.until("without a notice", noNotice)
	}
	o.run(`document.querySelector("#scene-overview").click()`)
	o.until("the overview is shown", `!location.search.includes("scene=")`)
	o.drag()
	if whole {
		// The recall picture, the last one, has the probe beside it and no text, after a reload too.
		o.run(`document.querySelector("#side-text").click()`)
		o.until("the text is in front", `!location.search.includes("tab=recall")`)
		at := o.text(`document.querySelector("#t-out").textContent`)
		o.until("the address has t", `new URLSearchParams(location.search).get("t") === String(Number(document.querySelector("#t-out").textContent))`)
		address := o.text(`location.href`)
		bad = append(bad, o.collected()...)
		open(address)
		o.until("t is there after a reload", `document.querySelector("#t-out").textContent === "`+at+`"`)
		o.until("the text is written", rested)
		o.until("the picture lives again", picture) // else it is on its way when the server ends
	}
	o.until("what works offline is kept", `navigator.serviceWorker && navigator.serviceWorker.ready.then(() => true)`)
	bad = append(bad, o.collected()...)
	web.Close()
	open(web.URL + "/" + alone + "&windows=2&seed=8")
	writes(8, 64)
	bad = append(bad, o.collected()...)
	for _, e := range append(bad, o.Errors()...) {
		t.Errorf("the page wrote an error: %s", e)
	}
}

// drag takes the slider by its thumb and pulls it to and fro: t follows at every place.
func (o *other) drag() {
	o.t.Helper()
	var at struct{ X, Y, W, H, T, Low, High float64 }
	if err := o.Eval(`(() => { const e = document.querySelector("#t"), r = e.getBoundingClientRect();
		return {X: r.x, Y: r.y, W: r.width, H: r.height, T: +e.value, Low: +e.min, High: +e.max} })()`, &at); err != nil {
		o.t.Fatal(err)
	}
	hand := func(share float64, then browsertest.Hand) {
		o.t.Helper()
		if err := o.Hand(int(at.X+11+share*(at.W-22)), int(at.Y+at.H/2), then); err != nil {
			o.t.Fatal(err)
		}
	}
	start := (at.T - at.Low) / (at.High - at.Low)
	hand(start, browsertest.Moves)
	hand(start, browsertest.Presses)
	for _, share := range []float64{0.2, 0.45, 0.7, 0.9, 0.6, 0.3} {
		hand(share, browsertest.Moves)
		want := at.Low + share*(at.High-at.Low)
		o.until(fmt.Sprintf("t is near %.2f under the hand", want), fmt.Sprintf(`Math.abs(Number(document.querySelector("#t-out").textContent) - %g) < 0.2`, want))
	}
	hand(0.3, browsertest.LetsGo)
	o.until("the picture's words follow", `document.querySelector("#stage").textContent.includes("at t = " + Number(document.querySelector("#t-out").textContent) + ",")`)
}

// speed logs how fast a shipped model writes in a browser, text after text, and how long solving takes at first and after many
// values of t: programs are compiled again while they run, to run faster.
func (s *site) speed(t *testing.T, o *other) {
	if err := o.Open(s.shipped(t) + "/?windows=4&seed=5&vs=&tint=own"); err != nil {
		t.Fatal(err)
	}
	o.until("the page's program runs", `document.querySelector("#generate") && document.querySelector("#t")`)
	for text := range 5 {
		if text > 0 {
			o.run(`document.querySelector("#generate").click()`)
			o.until("writing has begun", `document.querySelector("#stop") || document.querySelectorAll("#story-0 .tk").length < 900`)
		}
		o.until("the text is written", `document.querySelector("#generate:not(:disabled)") && !document.querySelector("#stop") && document.querySelectorAll("#story-0 .tk").length > 900`)
		t.Logf("text %d: %s", text+1, o.text(`[...document.querySelectorAll("#status b, #status span")].map(e => e.textContent).join(", ")`))
	}
	solved := func() string { return o.text(`document.querySelector("#solved")?.textContent ?? ""`) }
	before := solved()
	o.until("t has had many values", `(async () => { const t = document.querySelector("#t"); for (let i = 0; i < 150; i++) {
		t.value = +t.min + (t.max - t.min) * (0.5 + 0.4 * Math.sin(i)); t.dispatchEvent(new Event("input", {bubbles: true}));
		await new Promise(done => setTimeout(done, 20)); } return true })()`)
	t.Logf("at first %s; then %s; %s", before, solved(), o.text(`document.querySelector("#status b").title`))
}
