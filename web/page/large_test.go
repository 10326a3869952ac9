//go:build !js

package page_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"

	"clexlab/web/browsertest"
)

// largeType gives the tab the type size of a browser's settings, 16 where nobody has changed it. It is the setting itself, not a size
// of the root element, on which conditions in em would not depend. The root has 87.5 % of it.
func largeType(b *browsertest.Tab, size int64) {
	b.Do(page.SetFontSizes(&page.FontSizes{Standard: size, Fixed: size * 13 / 16}))
	b.Until(fmt.Sprintf("type is %d", size), fmt.Sprintf(`Math.abs(parseFloat(getComputedStyle(document.documentElement).fontSize) - %g) < 0.01`, float64(size)*0.875))
}

// cutControls lists the buttons, menus and fields that are on the page but not whole: beyond the screen's side, in a box that cuts them or
// narrower than their words, or over one another. Examples of prompts and chips of methods are rows to be scrolled.
const cutControls = `(() => {
	const all = [...document.querySelectorAll(".app :is(button, select, input, textarea)")].filter(e => e.checkVisibility({visibilityProperty: true}) && e.clientWidth > 0 && !e.closest(".egs, .chips, .sr, .skip"));
	const name = e => (e.id || e.textContent.slice(0, 20)), bad = [];
	const box = new Map(all.map(e => [e, e.getBoundingClientRect()]));
	for (const e of all) {
		const r = box.get(e);
		if (r.left < -1 || r.right > innerWidth + 1) bad.push(name(e) + " ends at " + Math.round(r.right));
		if (e.tagName === "BUTTON" && e.scrollWidth > e.clientWidth + 1) bad.push(name(e) + " is too narrow for its words");
		for (let p = e.parentElement; p; p = p.parentElement) {
			const q = p.getBoundingClientRect();
			if (getComputedStyle(p).overflowX !== "visible" && (r.left < q.left - 1 || r.right > q.right + 1)) bad.push(name(e) + " is cut by " + p.className);
		}
		for (const o of all) {
			if (o === e || o.parentElement !== e.parentElement) continue;
			const s = box.get(o);
			if (r.left < s.right - 2 && s.left < r.right - 2 && r.top < s.bottom - 2 && s.top < r.bottom - 2) bad.push(name(e) + " and " + name(o) + " lie over one another");
		}
	}
	return bad.join("; ");
})()`

// reached is the condition that an element can be brought into sight, so wide and high, with nothing over its middle.
func reached(selector string, width, height int) string {
	return fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (!e) return false; e.scrollIntoView({block: "center", behavior: "instant"});
		const r = e.getBoundingClientRect(), at = document.elementFromPoint(r.left + r.width / 2, Math.min(r.top + r.height / 2, innerHeight - 1));
		return r.width >= %d && r.height >= %d && r.left >= -1 && r.right <= innerWidth + 1 && at !== null && (e.contains(at) || at.contains(e)) })()`, selector, width, height)
}

// TestLargeType has type at up to 2.3 times its usual size, which a reader sets in the browser for all pages: nothing scrolls
// sideways, the slider can be used, the words of its ruler lie apart, and the proof, both texts and all buttons can be reached whole.
func TestLargeType(t *testing.T) {
	b := open(t, "?windows=2", 1440, 900)
	finished(t, b)
	for _, size := range [][2]int64{{1440, 900}, {1024, 768}, {390, 844}, {844, 390}} {
		b.Do(emulation.SetDeviceMetricsOverride(size[0], size[1], 1, size[0] < 800))
		for _, kind := range []int64{20, 24, 32, 37} {
			largeType(b, kind)
			at := fmt.Sprintf(" at %d × %d with type of %d", size[0], size[1], kind)
			whole := func(part string) {
				var wide int64
				b.Eval(`document.documentElement.scrollWidth`, &wide)
				if wide > size[0] {
					t.Errorf("%s%s: the page is %d pixels wide", part, at, wide)
				}
				var cut string
				if b.Eval(cutControls, &cut); cut != "" {
					t.Errorf("%s%s: %s", part, at, cut)
				}
			}
			phone := size[0] < size[1]
			if phone {
				b.Click("#phone-picture")
				b.Until("the picture is in front"+at, `document.querySelector("#phone-picture").getAttribute("aria-selected") === "true"`)
			}
			var slider float64
			if b.Eval(`document.querySelector("#t").getBoundingClientRect().width`, &slider); slider < 160 {
				t.Errorf("the slider is %g pixels wide%s", slider, at)
			}
			var legible bool
			if b.Eval(rulerIsLegible, &legible); !legible {
				t.Errorf("words of the ruler cover each other%s", at)
			}
			for selector, least := range map[string][2]int{"#t": {160, 20}, "#lead": {150, 16}, "#stage": {150, 110}, "#story-0": {120, 120}, "#story-1": {120, 120}, "#method-0": {60, 20}, "#method-1": {60, 20}} {
				var ok bool
				if b.Eval(reached(selector, least[0], least[1]), &ok); !ok {
					t.Errorf("%s cannot be reached%s", selector, at)
				}
			}
			for _, m := range []string{"clex", "rope"} {
				b.Until("the curve of "+m+" is drawn"+at, fmt.Sprintf(`(r => r && r.width > 100 && r.left >= 0 && r.right <= innerWidth)(document.querySelector(".fallback path.ln.m-%s")?.getBoundingClientRect())`, m))
			}
			whole("the first look")
			if phone {
				b.Click("#phone-text")
				b.Until("the text is in front"+at, `document.querySelector("#phone-text").getAttribute("aria-selected") === "true" && document.querySelector("#generate") !== null`)
				whole("the text")
			} else if b.Text("#open-prompt") != "(none)" {
				var opens bool
				if b.Eval(`document.querySelector("#open-prompt").checkVisibility()`, &opens); opens {
					b.Click("#open-prompt")
					b.Until("the prompt is open"+at, `document.querySelector("#generate")?.checkVisibility()`)
					whole("the prompt")
					b.Click("#open-prompt")
				}
			}
		}
	}
	b.Clean()
}

// TestReadingInLargeType opens the drawer of a text of one's own with type at twice and three times its usual size: it has at least ten
// lines, or the page scrolls past all of it; its words and field are not cut at the side, as the table scrolls by itself; and all
// of it can be reached.
func TestReadingInLargeType(t *testing.T) {
	b := open(t, "?windows=1", 1440, 900)
	finished(t, b)
	b.Run(`document.querySelector("#read").click()`)
	b.Until("there is a place for it", `document.querySelector("#read-text") !== null`)
	b.Set("#read-text", strings.Repeat("It was a dark and stormy night; the rain fell in torrents. ", 20), "input")
	b.Run(`document.querySelector("#read-go").click()`)
	b.Until("every method has read it", allHaveRead)
	for _, size := range [][2]int64{{1440, 900}, {1024, 768}, {390, 844}, {844, 390}} {
		b.Do(emulation.SetDeviceMetricsOverride(size[0], size[1], 1, size[0] < 800))
		for _, kind := range []int64{32, 48} {
			largeType(b, kind)
			at := fmt.Sprintf(" at %d × %d with type of %d", size[0], size[1], kind)
			if size[0] < size[1] {
				b.Click("#phone-picture")
				b.Until("the picture is in front"+at, `document.querySelector("#phone-picture").getAttribute("aria-selected") === "true"`)
			}
			var lines float64
			var inFlow bool
			b.Eval(`(e => e.clientHeight / parseFloat(getComputedStyle(e).lineHeight))(document.querySelector("#read-panel"))`, &lines)
			b.Eval(`(e => e.scrollHeight <= e.clientHeight + 1)(document.querySelector("#read-panel"))`, &inFlow)
			if lines < 10 && !inFlow {
				t.Errorf("the drawer is %.1f lines high%s", lines, at)
			}
			var wide string
			if b.Eval(`[...document.querySelectorAll("#read-panel, #read-panel > p, #read-panel > textarea, #read-panel > .row")].filter(e => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth + 1).map(e => e.id || e.className).join(" ")`, &wide); wide != "" {
				t.Errorf("cut at the side%s: %s", at, wide)
			}
			for _, selector := range []string{"#read-text", "#read-go", "#read-panel .across", "#read-panel [aria-label=Close]"} {
				var ok bool
				if b.Eval(reached(selector, 20, 16), &ok); !ok {
					t.Errorf("%s cannot be reached%s", selector, at)
				}
			}
		}
	}
	b.Clean()
}
