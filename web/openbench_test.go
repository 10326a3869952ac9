//go:build !js

package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"clexlab/web/browsertest"
)

// openings are what is seen of pages that open, in milliseconds from the navigation: the first written token, the picture, the sentence
// with measured losses, the first token of the second text.
type openings struct{ token, picture, measured, second []float64 }

// watch opens a page and notes when what is seen.
func (o *openings) watch(t *browsertest.Tab, url string) {
	t.Early(`if (top === self) { window.seen = {}; const look = () => {
		const seen = window.seen, now = performance.now();
		const lead = document.querySelector("#lead")?.textContent ?? "";
		if (!seen.measured && /rises from/.test(lead) && !/the build/.test(lead)) seen.measured = now;
		if (!seen.picture && document.querySelector("iframe#view.live")) seen.picture = now;
		if (!seen.token && document.querySelector("#story-0 .tk:not(.p)")) seen.token = now;
		if (!seen.second && document.querySelector("#story-1 .tk:not(.p)")) seen.second = now;
		if (!(seen.measured && seen.picture && seen.token && seen.second)) setTimeout(look, 4);
	}; look(); }`)
	t.Visit(url)
	t.Until("everything was seen", `seen.measured && seen.picture && seen.token && seen.second`)
	var seen struct{ Token, Picture, Measured, Second float64 }
	t.Eval(`({Token: seen.token, Picture: seen.picture, Measured: seen.measured, Second: seen.second})`, &seen)
	o.token, o.picture = append(o.token, seen.Token), append(o.picture, seen.Picture)
	o.measured, o.second = append(o.measured, seen.Measured), append(o.second, seen.Second)
}

// report tells medians, and the quickest and the slowest first token.
func (o *openings) report(b *testing.B, name string) {
	for what, all := range map[string][]float64{"token": o.token, "picture": o.picture, "measured": o.measured, "second": o.second} {
		slices.Sort(all)
		b.ReportMetric(all[len(all)/2], "ms-"+what+name)
	}
	if n := len(o.token); n > 1 {
		b.ReportMetric(o.token[0], "ms-token-least"+name)
		b.ReportMetric(o.token[n-1], "ms-token-most"+name)
	}
}

// BenchmarkOpen opens the page in a browser that has just started, with nothing in any cache; then again with everything there.
func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		tab, url := bench(b)
		for _, cache := range []string{"-cold", "-warm"} {
			var o openings
			o.watch(tab(1440, 900), url)
			o.report(b, cache)
		}
		b.StartTimer()
	}
}

// starts is how many browsers are started for a median.
const starts = 5

// openCold opens an address in so many new browsers, one after the other, each of which has run for some seconds, as a reader's has: it is
// done with its own start, and all its caches are empty.
func openCold(b *testing.B, url string) {
	var o openings
	for range starts {
		browser, err := browsertest.Start()
		if err != nil {
			b.Skip(err)
		}
		t := browser.Tab(b, 1440, 900)
		time.Sleep(4 * time.Second)
		o.watch(t, url)
		browser.Close()
	}
	o.report(b, "")
}

// BenchmarkOpenWarm opens the page for the first time in a browser that has run for a while.
func BenchmarkOpenWarm(b *testing.B) {
	for b.Loop() {
		openCold(b, benchServed(b, asItIs))
	}
}

// BenchmarkSlowLine is BenchmarkOpenWarm over lines with a round trip of 40 ms.
func BenchmarkSlowLine(b *testing.B) {
	for _, megabits := range []float64{10, 4} {
		b.Run(fmt.Sprintf("%g-Mbit", megabits), func(b *testing.B) {
			for b.Loop() {
				openCold(b, slowLine(b, benchServed(b, asItIs), megabits*1e6, 40*time.Millisecond))
			}
		})
	}
}
