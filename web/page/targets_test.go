//go:build !js

package page_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// tooSmall are the controls in sight that are less than 24 CSS pixels high or wide (WCAG 2.2, 2.5.8); a box counts with its
// label, words in a text do not.
const tooSmall = `[...document.querySelectorAll('button, a[href], input, select, textarea, summary, [tabindex="0"]')].flatMap(e => {
	const own = e.getBoundingClientRect(), r = e.matches("input") && e.closest("label") ? e.closest("label").getBoundingClientRect() : own;
	if (own.width < 2 || own.height < 2 || e.closest(".sr") || getComputedStyle(e).visibility === "hidden") return [];
	return r.width < 23.9 || r.height < 23.9 ? [(e.id || e.className || e.textContent.slice(0, 20)) + " " + r.width.toFixed(1) + " × " + r.height.toFixed(1)] : [];
})`

// Every control is large enough for a finger, with each drawer open, at five sizes; no drawer
// moves the text or the picture, and closing one leaves the focus on the page.
func TestTargetsAndDrawers(t *testing.T) {
	b := open(t, "?windows=2", 1440, 900)
	finished(t, b)
	for _, size := range [][2]int64{{1440, 900}, {1024, 768}, {390, 844}, {844, 390}, {720, 450}} {
		b.Do(emulation.SetDeviceMetricsOverride(size[0], size[1], 1, size[0] < 800))
		for _, panel := range []string{"", "scene-loss", "chips-more", "solver", "table", "read", "share", "models", "phone-text", "open-prompt", "sampling", "phone-picture", "scene-overview", "side-train", "side-text"} {
			var found struct {
				Small []string
				Moved bool
				Lost  bool
			}
			drawer := panel != "" && !strings.HasPrefix(panel, "scene-") && !strings.HasPrefix(panel, "phone-") && !strings.HasPrefix(panel, "side-")
			b.Eval(fmt.Sprintf(`new Promise(async done => {
				const wait = ms => new Promise(r => setTimeout(r, ms)), e = document.getElementById(%q), drawer = %t;
				const places = () => ["stage", "story-0"].map(id => { const r = document.getElementById(id)?.getBoundingClientRect() ?? {}; return [r.x, r.y, r.width, r.height].join() }).join();
				const before = places();
				if (%q && !(e && e.offsetParent)) return done({Small: []});
				if (e) { e.focus(); e.click(); await wait(120); }
				const out = {Small: %s, Moved: drawer && places() !== before};
				if (drawer) {
					(document.querySelector('.share [aria-label="Close"], .reader [aria-label="Close"]') ?? e).focus();
					document.activeElement.click(); await wait(120);
					out.Lost = document.activeElement === document.body || e.getAttribute("aria-expanded") === "true";
				}
				done(out);
			})`, panel, drawer, panel, tooSmall), &found)
			if len(found.Small) > 0 || found.Moved || found.Lost {
				t.Errorf("%d × %d with %q: too small %q; something moved: %t; focus lost or not closed: %t", size[0], size[1], panel, found.Small, found.Moved, found.Lost)
			}
		}
	}
	// Undo until there is nothing left, by keyboard: the focus stays where it is.
	b.Do(emulation.SetDeviceMetricsOverride(1440, 900, 1, false))
	b.Run(`document.querySelector('#story-0 [data-i="20"]').click()`)
	b.Until("it can be cut", `document.querySelector("#cut") !== null`)
	b.Click("#cut")
	b.Until("it can be undone", `document.querySelector("#undo").getAttribute("aria-disabled") === "false"`)
	b.Run(`document.getElementById("undo").focus(); document.getElementById("undo").click()`)
	b.Until("nothing is left to undo", `document.querySelector("#undo").getAttribute("aria-disabled") === "true"`)
	b.Do(chromedp.Sleep(50 * time.Millisecond))
	b.Until("the focus is still there", `document.activeElement.id === "undo"`)
	// A choice that is taken back before the page has drawn itself leaves the menu at the text's author.
	b.Run(`const m = document.getElementById("method-0"); m.value = "yarn"; m.dispatchEvent(new Event("change", {bubbles: true})); document.getElementById("undo").click()`)
	b.Until("the menu says who wrote the text", `document.getElementById("method-0").value === "clex" && document.getElementById("story-0").dataset.by === "CLEX"`)
	b.Clean()
}
