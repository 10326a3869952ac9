//go:build !js

package main

import (
	"fmt"
	"net/http/httptest"
	"os"
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

// TestOtherBrowsers: in Gecko and WebKit the page writes the native text, follows t, shows every picture, comes back after a reload and
// without its server, and writes no error.
func TestOtherBrowsers(t *testing.T) {
	if os.Getenv("CLEXLAB_OTHERS") == "" {
		t.Skip("takes minutes: make browsers")
	}
	s := builtSite(t)
	for engine, start := range browsertest.Others {
		t.Run(engine, func(t *testing.T) {
			b, err := start()
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			o := &other{t, b, engine}
			s.inOther(t, o)
			s.speed(t, o)
		})
	}
}

func (s *site) inOther(t *testing.T, o *other) {
	h, err := server.New(server.Options{Dist: os.DirFS(s.dist), Models: os.DirFS(s.models)})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(h)
	defer web.Close()
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
	const picture = `document.querySelector("#view")?.contentWindow?.document.querySelector("canvas")`
	o.until("the picture's program has come", picture)
	o.picture("overview")
	for _, row := range scene.Scenes {
		o.run(`document.querySelector("#scene-` + string(row.Name) + `").click()`)
		o.until(string(row.Name)+" is shown", fmt.Sprintf(`document.querySelector("#scene-%s").getAttribute("aria-selected") === "true"`, row.Name))
		if row.Name == scene.Attention {
			o.until("its maps are there", `document.body.textContent.includes("looks farthest back")`)
		}
		o.picture(string(row.Name))
	}
	o.run(`const t = document.querySelector("#t"); t.value = t.max; t.dispatchEvent(new Event("input", {bubbles: true})); t.dispatchEvent(new Event("change", {bubbles: true}))`)
	o.until("t follows", `document.querySelector("#t-out").textContent === "16.00" && location.search.includes("t=16")`)
	// The recall picture, the last one, has the probe beside it and no text, after a reload too.
	o.run(`document.querySelector("#scene-overview").click()`)
	o.until("the overview is shown", `!location.search.includes("scene=")`)
	o.run(`document.querySelector("#side-text").click()`)
	o.until("the text is in front", `!location.search.includes("tab=recall")`)
	address := o.text(`location.href`)
	open(address)
	o.until("t is there after a reload", `document.querySelector("#t-out").textContent === "16.00"`)
	o.until("the text is written", rested)
	o.until("the picture's program has come again", picture) // else it is on its way when the server ends
	o.until("what works offline is kept", `navigator.serviceWorker && navigator.serviceWorker.ready.then(() => true)`)
	web.Close()
	open(web.URL + "/?prompt=the+little+fox&windows=2&seed=8")
	writes(8, 64)
	for _, e := range o.Errors() {
		t.Errorf("the page wrote an error: %s", e)
	}
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
