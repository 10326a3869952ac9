// Package browsertest drives a headless browser for the tests of the page: one
// browser for a test program, a tab for each test, and a log of what a clean page
// never writes. Tests keep apart by serving at addresses of their own.
package browsertest

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

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
}

// Tab opens an empty page of a width and height in CSS pixels; under 600 wide it is a phone.
func (b *Browser) Tab(t testing.TB, width, height int64) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(cancel)
	tab := &Tab{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, tab.listen)
	tab.Do(log.Enable(), emulation.SetDeviceMetricsOverride(width, height, 1, width < 600))
	return tab
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
		if e.Type == runtime.APITypeError {
			for _, a := range e.Args {
				b.bad = append(b.bad, string(a.Value))
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

// Visit opens an address and waits until the page's program runs.
func (b *Tab) Visit(url string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(url), chromedp.WaitReady("#live"))
	b.Until("the program runs", `document.querySelector("#app-wasm-loader") === null && document.querySelector("#live") !== null`)
}

// Eval evaluates JavaScript.
func (b *Tab) Eval(js string, out any) {
	b.t.Helper()
	b.Do(chromedp.Evaluate(js, out))
}

// Text is the text of the first element that the selector finds.
func (b *Tab) Text(selector string) string {
	b.t.Helper()
	var s string
	b.Eval(`document.querySelector(`+strconv.Quote(selector)+`)?.textContent ?? "(none)"`, &s)
	return strings.TrimSpace(s)
}

// Click clicks with the mouse.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	b.Do(chromedp.Click(selector, chromedp.ByQuery))
}

// Until waits for a condition and fails with its words and what stands on the page.
func (b *Tab) Until(what, js string) {
	b.t.Helper()
	deadline := time.Now().Add(25 * time.Second)
	for {
		var ok bool
		b.Eval("!!("+js+")", &ok)
		if ok {
			return
		}
		if time.Now().After(deadline) {
			var where string
			b.Eval(`document.body.innerText.slice(0, 1500)`, &where)
			b.t.Fatalf("in vain: %s (%s)\n%s\n%s", what, js, fmt.Sprint(b.bad), where)
		}
		time.Sleep(30 * time.Millisecond)
	}
}

// Await is an option for values that come as promises.
func Await(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
