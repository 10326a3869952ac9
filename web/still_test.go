//go:build !js

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"clexlab/tinymodels"
	"clexlab/web/server"
)

// TestStillGivesWayWithoutAJump: the still that the document shows until the losses are measured stands where their picture and its words
// will stand, on a desk and on a phone: nothing else moves when they come.
func TestStillGivesWayWithoutAJump(t *testing.T) {
	s := builtSite(t)
	h, err := withStillShown(server.Options{Dist: os.DirFS(s.dist), Models: tinymodels.Files})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	for _, size := range [][2]int64{{1440, 900}, {390, 844}} {
		b := s.tab(t, size[0], size[1])
		// What is seen of the still is noted by the page itself: a test that asks from time to time may come too late.
		b.Early(`if (top === self) { window.stills = new Set();
			new MutationObserver(() => { if (document.querySelector(".fallback .built")) stills.add(document.querySelector("#app-wasm-loader") ? "document" : "page") })
				.observe(document, {childList: true, subtree: true}); }`)
		b.Visit(web.URL)
		b.Until("the losses are measured and drawn", `document.querySelector("iframe#view.live") && !document.querySelector(".fallback .built")
			&& document.querySelector("#lead").textContent.includes(" nats") && !document.querySelector("#lead").textContent.includes("easuring")`)
		b.Until("both texts are written", rested+` && document.querySelectorAll("#story-1 .tk").length > 20`)
		var seen []string
		if b.Eval(`[...stills].sort()`, &seen); fmt.Sprint(seen) != "[document page]" {
			t.Errorf("at %d × %d the still is seen in %q, want the server's document and the page", size[0], size[1], seen)
		}
		var shift float64
		var moved []string
		b.Eval(`new Promise(done => { window.sum = 0; window.moved = []; new PerformanceObserver(l => { for (const e of l.getEntries()) if (!e.hadRecentInput) {
				sum += e.value;
				moved.push(...e.sources.map(s => e.value.toFixed(4) + " at " + e.startTime.toFixed(0) + " ms: " + (s.node?.id || s.node?.className || s.node?.nodeName) + " " +
					s.node?.textContent?.slice(0, 40) + " " + [s.previousRect, s.currentRect].map(r => [r.x, r.y, r.width, r.height].map(Math.round).join(",")).join(" to ")));
			} }).observe({type: "layout-shift", buffered: true}); setTimeout(() => done(sum), 300) })`, &shift)
		b.Eval(`moved`, &moved)
		t.Logf("at %d × %d: cumulative layout shift %.4f", size[0], size[1], shift)
		if shift > 0.02 {
			t.Errorf("at %d × %d: cumulative layout shift %.3f, want at most 0.02: %q", size[0], size[1], shift, moved)
		}
		// A document that comes slowly is drawn as far as it has come: without its last part, the phone's tabs, the rest stands where it will.
		var rooms []float64
		b.Eval(`(() => { const nav = document.querySelector("nav:has(.phone-tabs)"), main = document.querySelector("main"), room = () => main.getBoundingClientRect().height;
			const whole = room(); nav.style.display = "none"; const cut = room(); nav.style.display = ""; return [whole, cut] })()`, &rooms)
		if rooms[0] < 100 || rooms[0] != rooms[1] {
			t.Errorf("at %d × %d: the columns are %v high with the phone's tabs and %v before they have come", size[0], size[1], rooms[0], rooms[1])
		}
		b.Clean()
	}
}

// withStillShown makes a server whose document shows the still. What documents show is one for all servers of a program, and the tests
// beside this one make servers of their own: the document, which is made once, is asked for until it is ours.
func withStillShown(o server.Options) (h *server.Handler, err error) {
	for range 20 {
		if h, err = server.New(o); err != nil {
			return nil, err
		}
		document := httptest.NewRecorder()
		h.ServeHTTP(document, httptest.NewRequest(http.MethodGet, "/", nil))
		if bytes.Contains(document.Body.Bytes(), []byte("A still, from the build")) {
			return h, nil
		}
	}
	return nil, errors.New("the document does not show the still")
}
