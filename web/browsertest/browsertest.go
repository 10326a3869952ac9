//go:build !js

// Package browsertest drives a headless browser for the tests of the page: one
// browser for a test program, a tab for each test, and a log of what a clean page
// never writes. Tests keep apart by serving at addresses of their own.
package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Browser is a running browser.
type Browser struct {
	ctx   context.Context
	close []func()
}

// WebGPU makes the browser offer WebGPU on SwiftShader, an adapter in software.
var WebGPU = []chromedp.ExecAllocatorOption{chromedp.Flag("enable-unsafe-webgpu", true), chromedp.Flag("use-webgpu-adapter", "swiftshader")}

// Quick has V8 compile WebAssembly once, quickly, and never again for speed, which halves the time that most tests take, and has the
// tabs of all servers on this machine share a process, which Keep is for; measurements want the other way.
var Quick = []chromedp.ExecAllocatorOption{chromedp.Flag("js-flags", "--liftoff-only"), chromedp.Flag("process-per-site", true)}

// Start starts the browser, with more options if asked; the error says why there is none.
func Start(more ...chromedp.ExecAllocatorOption) (*Browser, error) {
	chrome, err := exec.LookPath("chromium")
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chrome), chromedp.NoSandbox,
		chromedp.Flag("enable-unsafe-swiftshader", true), chromedp.Flag("disable-quic", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	browser, quit := chromedp.NewContext(allocator)
	b := &Browser{ctx: browser, close: []func(){quit, stop}}
	if err := chromedp.Run(browser); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// Keep has a browser that is Quick hold WebAssembly programs, by their addresses, until it is closed: V8 takes a program
// that its process holds already, with all that was compiled of it, so that a test's tab does not compile everything anew.
// The document is at any address of the same origin that runs no program.
func (b *Browser) Keep(document string, programs ...string) error {
	tab, _ := chromedp.NewContext(b.ctx) // closed with the browser
	list, err := json.Marshal(programs)
	if err != nil {
		return err
	}
	return chromedp.Run(tab, chromedp.Navigate(document), chromedp.Evaluate(`(async () => {
		window.kept = await Promise.all(`+string(list)+`.map(p => WebAssembly.compileStreaming(fetch(p))));
	})()`, nil, await))
}

// Context is the browser's own, for a tab without a test.
func (b *Browser) Context() context.Context { return b.ctx }

// Close ends the browser.
func (b *Browser) Close() {
	for _, f := range b.close {
		f()
	}
}

// Tab is one page under test.
type Tab struct {
	t   testing.TB
	ctx context.Context
	mu  sync.Mutex
	bad []string
	// Patience is how long Until waits.
	Patience time.Duration
}

// Tab opens an empty page of a width and height in CSS pixels; under 600 wide it is a phone.
func (b *Browser) Tab(t testing.TB, width, height int64) *Tab {
	t.Helper()
	return b.TabFor(t, width, height, tabTime)
}

// TabFor is Tab for a test that takes as long as life.
func (b *Browser) TabFor(t testing.TB, width, height int64, life time.Duration) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, life)
	t.Cleanup(cancel)
	tab := &Tab{t: t, ctx: ctx, Patience: patience()}
	chromedp.ListenTarget(ctx, tab.listen)
	// chromedp mirrors the document node by node, and its mirror comes to a deadlock
	// when more than 4,096 changes wait while it asks for the document anew. A text
	// that is written is thousands of changes: here nothing is mirrored, elements
	// are found by scripts, and the page has less to report.
	tab.Do(css.Disable(), dom.Disable(), log.Enable(),
		emulation.SetDeviceMetricsOverride(width, height, 1, width < 600))
	return tab
}

// How long a tab may live, and how long it is waited for one condition, on a
// machine that is busy with other work.
const (
	tabTime  = 6 * time.Minute
	waitTime = 2 * time.Minute
)

// patience is waitTime, or what CLEXLAB_PATIENCE says, for whoever waits for a test.
func patience() time.Duration {
	if d, err := time.ParseDuration(os.Getenv("CLEXLAB_PATIENCE")); err == nil {
		return d
	}
	return waitTime
}

// listen collects what a clean page never writes.
func (b *Tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.bad = append(b.bad, e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError {
			b.bad = append(b.bad, e.Entry.Text+" "+e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		for _, a := range e.Args {
			// A Go program that panics in a browser says so by console.log.
			if text := string(a.Value); e.Type == runtime.APITypeError || strings.Contains(text, "panic: ") || strings.Contains(text, "fatal error: ") {
				b.bad = append(b.bad, text)
			}
		}
	}
}

// Clean fails the test if the page wrote errors.
func (b *Tab) Clean() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.bad {
		b.t.Errorf("the page wrote an error: %s", e)
	}
}

// Do runs actions and fails the test with their error.
func (b *Tab) Do(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// Open opens an address and waits for its document, not for its program.
func (b *Tab) Open(url string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(url))
}

// Visit opens an address and waits until the page's program runs.
func (b *Tab) Visit(url string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(url))
	b.started()
}

// Reload loads the page anew and waits until its program runs.
func (b *Tab) Reload() {
	b.t.Helper()
	b.Do(chromedp.Reload())
	b.started()
}

// started waits until the program has put its own document in place of the one
// that the server drew: what is clicked before has nobody behind it.
func (b *Tab) started() {
	b.t.Helper()
	b.Until("the program runs", `document.querySelector("#app-wasm-loader") === null && document.querySelector("#live") !== null`)
}

// Eval evaluates JavaScript; a promise is waited for.
func (b *Tab) Eval(js string, out any) {
	b.t.Helper()
	b.Do(chromedp.Evaluate(js, out, await))
}

// Run evaluates JavaScript for what it does.
func (b *Tab) Run(js string) {
	b.t.Helper()
	b.Eval("(() => { "+js+" })()", nil)
}

// Text is the text of the first element that the selector finds.
func (b *Tab) Text(selector string) string {
	b.t.Helper()
	var s string
	b.Eval(`document.querySelector(`+strconv.Quote(selector)+`)?.textContent ?? "(none)"`, &s)
	return strings.TrimSpace(s)
}

// Click clicks with the mouse, once the element stands still and nothing covers it.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	b.Until("a click can reach "+selector, `(() => {
		const e = document.querySelector(`+strconv.Quote(selector)+`);
		if (!e || e.disabled) return false;
		e.scrollIntoView({block: "nearest", inline: "nearest", behavior: "instant"});
		const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
		const last = window.clicking;
		window.clicking = {x, y, e};
		if (!last || last.e !== e || last.x !== x || last.y !== y) return false;
		const at = document.elementFromPoint(x, y);
		return at && (e.contains(at) || at.contains(e) && at.closest("label"));
	})()`)
	var at struct{ X, Y float64 }
	b.Eval(`(() => { const {x, y} = window.clicking; delete window.clicking; return {X: x, Y: y} })()`, &at)
	b.Do(chromedp.MouseClickXY(at.X, at.Y))
}

// Focus gives an element the keyboard.
func (b *Tab) Focus(selector string) {
	b.t.Helper()
	b.Run(`document.querySelector(` + strconv.Quote(selector) + `).focus()`)
}

// Keys presses keys, one after the other.
func (b *Tab) Keys(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.Do(chromedp.KeyEvent(k))
	}
}

// Set gives a field a value as typing or choosing would, with the event that follows.
func (b *Tab) Set(selector, value, event string) {
	b.t.Helper()
	b.Run(`const e = document.querySelector(` + strconv.Quote(selector) + `); e.value = ` + strconv.Quote(value) +
		`; e.dispatchEvent(new Event(` + strconv.Quote(event) + `, {bubbles: true}))`)
}

// Until waits for a condition, which may come as a promise, and fails with its words and what stands on the page.
func (b *Tab) Until(what, js string) {
	b.t.Helper()
	deadline := time.Now().Add(b.Patience)
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 80*time.Millisecond) {
		var ok bool
		b.Eval("(v => v instanceof Promise ? v.then(Boolean) : !!v)("+js+")", &ok)
		if ok {
			return
		}
		if time.Now().After(deadline) {
			var where string
			b.Eval(`document.body.innerText.slice(0, 1500)`, &where)
			b.t.Fatalf("in vain: %s (%s)\n%s\n%s", what, js, fmt.Sprint(b.bad), where)
		}
		time.Sleep(pause) // every question costs browser and test some milliseconds of processor
	}
}

// await waits for values that come as promises.
func await(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
