//go:build !js

package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"clexlab/web/browsertest"
)

// TestEndurance drags, writes and holds tokens for CLEXLAB_MINUTES minutes on the page as it ships and wants
// that renderer and engine stand still over the second half, within 5 %, and that listeners do not grow.
func TestEndurance(t *testing.T) {
	minutes, err := strconv.ParseFloat(os.Getenv("CLEXLAB_MINUTES"), 64)
	if err != nil {
		t.Skip("CLEXLAB_MINUTES says no number of minutes: make endurance does")
	}
	s := builtSite(t)
	whole := time.Duration(minutes * float64(time.Minute))
	b := cpuBrowsers.take(t).TabFor(t, 1440, 900, whole+4*time.Minute)
	b.Visit(s.shipped(t) + "/?windows=4")
	b.Until("the text is written", firstText)
	b.Until("the picture is alive", `document.querySelector("iframe#view.live") !== null`)
	type sample struct {
		at time.Duration
		browsertest.Usage
		engine int64
	}
	var all []sample
	begun := time.Now()
	scenes := []string{"overview", "trajectories", "attention", "loss", "spectrum"}
	for round := 0; time.Since(begun) < whole; round++ {
		b.Run(`document.getElementById("scene-` + scenes[round%len(scenes)] + `").click()`)
		dragFor(b, 3*time.Second)
		b.Click("#generate")
		b.Until("writing has begun", `document.querySelector("#stop") !== null`)
		b.Until("the text is written", firstText)
		hold(b, round)
		dragFor(b, 3*time.Second)
		// What was asked for is answered before it is looked at.
		b.Do(chromedp.Sleep(2 * time.Second))
		k := sample{at: time.Since(begun), Usage: b.Usage()}
		var engine string
		b.Eval(`document.querySelector("#status .more")?.textContent ?? ""`, &engine)
		k.engine = megabytes(engine)
		all = append(all, k)
		t.Logf("round %d, %v: renderer %d MB, scripts %d MB, engine %s, %d listeners, %d nodes", round+1, k.at.Round(time.Second),
			k.Renderer>>20, k.Script>>20, engine, k.Listeners, k.Nodes)
	}
	half := 0
	for half < len(all)-1 && all[half].at < whole/2 {
		half++
	}
	// Each is looked at as the mean of a few rounds, as scenes differ in what they hold.
	mean := func(of []sample, f func(sample) int64) (m float64) {
		for _, k := range of {
			m += float64(f(k)) / float64(len(of))
		}
		return m
	}
	n := len(scenes)
	if len(all) < half+2*n {
		t.Fatalf("%d rounds in %v are too few to judge by", len(all), whole)
	}
	for name, f := range map[string]func(sample) int64{
		"renderer": func(k sample) int64 { return k.Renderer }, "engine": func(k sample) int64 { return k.engine },
		"listeners": func(k sample) int64 { return k.Listeners },
	} {
		first, last := mean(all[half:half+n], f), mean(all[len(all)-n:], f)
		grew := last/math.Max(first, 1) - 1
		t.Logf("%s: %.1f %% over the second half", name, 100*grew)
		if math.Abs(grew) > 0.05 {
			t.Errorf("%s went from %.0f to %.0f in the second half, %.1f %%: want within 5 %%", name, first, last, 100*grew)
		}
	}
}

// hold holds tokens one after the other, each until it is known what it looks at and arcs are drawn, and points at
// the words of the measured text; the last token stays held.
func hold(b *browsertest.Tab, round int) {
	for k := range 5 {
		pane, index := k%2, 40+(97*(5*round+k))%200
		b.Run(fmt.Sprintf(`document.querySelector('#story-%d [data-i="%d"]').click()`, pane, index))
		b.Until("its arcs are drawn", fmt.Sprintf(`document.querySelectorAll("#story-%d-arcs path").length > 0 && document.querySelector("#reads")?.textContent.includes("%%")`, pane))
		b.Run(`const words = [...document.querySelectorAll("#passage .tk")]; for (const e of words) e.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}));
			words[words.length - 1]?.click(); document.querySelector("#passage")?.dispatchEvent(new MouseEvent("mouseleave"))`)
	}
}

// dragFor drags the slider to and fro.
func dragFor(b *browsertest.Tab, d time.Duration) {
	var box struct{ X, Y, W, H float64 }
	b.Eval(`(() => { const r = document.querySelector("#t").getBoundingClientRect(); return {X: r.x, Y: r.y, W: r.width, H: r.height} })()`, &box)
	at := func(share float64) float64 { return box.X + 11 + share*(box.W-22) }
	y := box.Y + box.H/2
	b.Do(chromedp.MouseEvent(input.MousePressed, at(0.2), y, chromedp.ButtonLeft))
	for start := time.Now(); time.Since(start) < d; {
		b.Do(chromedp.MouseEvent(input.MouseMoved, at(0.5+0.5*math.Sin(2*time.Since(start).Seconds())), y, chromedp.ButtonLeft))
		time.Sleep(12 * time.Millisecond)
	}
	b.Do(chromedp.MouseEvent(input.MouseReleased, at(0.3), y, chromedp.ButtonLeft))
}

// megabytes reads "431 MB" or "1.2 GB" as bytes.
func megabytes(words string) int64 {
	for i, c := range words {
		if (c < '0' || c > '9') && c != '.' {
			v, _ := strconv.ParseFloat(words[:i], 64)
			unit := words[i:]
			switch {
			case len(unit) > 1 && unit[len(unit)-2] == 'G':
				return int64(v * 1e9)
			case len(unit) > 1 && unit[len(unit)-2] == 'M':
				return int64(v * 1e6)
			}
			return int64(v)
		}
	}
	return 0
}
