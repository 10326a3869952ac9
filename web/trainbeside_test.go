//go:build !js

package main

import (
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// longestTask is how long the page's main thread may compute at one go, with room for code that is compiled quickly on a busy machine;
// BenchmarkDrag has what it is without.
const longestTask = 150 * time.Millisecond

// TestTrainsBesideAllElse trains while a text is written and t is dragged, which must not wait for it; then another tab lies in front,
// and the training goes on.
func TestTrainsBesideAllElse(t *testing.T) {
	s := builtSite(t)
	browser := cpuBrowsers.take(t)
	b := browser.Tab(t, 1440, 900)
	models := t.TempDir()
	tunedModels(t, models)
	b.Visit(s.serve(t, "", models) + "?prompt=the+little+fox&vs=&tint=own&scene=trajectories&windows=16&backend=cpu")
	b.Until("a text stands there", rested)
	b.Until("the picture is alive", `document.querySelector("iframe#view.live") !== null`)
	b.Click("#side-train")
	b.Until("the panel is open", `document.querySelector("#train-now:not(:disabled)")`)
	b.Set("#train-steps", "2000", "change")
	b.Click("#train-now")
	const step = `+(/step ([0-9]+)/.exec(document.querySelector("#train-progress")?.textContent)?.[1] ?? 0)`
	b.Until("steps are made", step+` > 2`)
	var before int
	b.Eval(step, &before)
	var box struct{ X, Y, W, H float64 }
	b.Eval(`(() => { const r = document.querySelector("#t").getBoundingClientRect(); return {X: r.x, Y: r.y, W: r.width, H: r.height} })()`, &box)
	at := func(kind input.MouseType, share float64) {
		b.Do(chromedp.MouseEvent(kind, box.X+11+share*(box.W-22), box.Y+box.H/2, chromedp.ButtonLeft))
	}
	tasks := b.Tasks(func() {
		b.Click("#side-text")
		b.Click("#generate")
		at(input.MousePressed, 0.2)
		for k := range 60 {
			at(input.MouseMoved, 0.2+float64(k%30)/50)
		}
		at(input.MouseReleased, 0.5)
		b.Click("#side-train")
		b.Until("more steps are made", step+` > `+strconv.Itoa(before+2))
	})
	var most time.Duration
	for _, x := range tasks {
		most = max(most, x.CPU)
	}
	t.Logf("%d tasks of the main thread, the longest of %v", len(tasks), most)
	if len(tasks) < 100 || most > longestTask {
		t.Errorf("of %d tasks of the main thread the longest computes for %v, want %v at most", len(tasks), most, longestTask)
	}

	front := browser.Tab(t, 800, 600)
	front.Do(page.BringToFront())
	b.Until("another tab is in front", `document.visibilityState === "hidden"`)
	b.Eval(step, &before)
	b.Until("the training goes on", step+` > `+strconv.Itoa(before+12))
	var hidden bool
	b.Eval(`document.hidden`, &hidden)
	if !hidden {
		t.Error("the tab was in front")
	}
	b.Do(page.BringToFront())
	b.Click("#train-stop")
	b.Until("the result is there", `document.querySelector("#train-use:not(:disabled)")`)
	b.Clean()
}
