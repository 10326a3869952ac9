//go:build !js

package page_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// TestForcedColours has the colours of the reader's system in place of the page's: what is chosen, shown or switched on still looks
// another than what is not, and the slider has a track.
func TestForcedColours(t *testing.T) {
	b := open(t, "?windows=1&scene=loss", 1440, 900)
	finished(t, b)
	b.Do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}}))
	b.Until("colours are forced", `matchMedia("(forced-colors: active)").matches`)
	b.Click("#chips-more")
	b.Until("a chip that is on looks another than one that is off", `(() => {
		const look = on => { const e = document.querySelector(".chip[aria-pressed='" + on + "']"), s = e && getComputedStyle(e); return s && s.outlineStyle + s.backgroundColor };
		return look(true) && look(false) && look(true) !== look(false) })()`)
	b.Until("the tab in front looks another than those behind", `(() => {
		const look = on => { const e = document.querySelector(".side-tabs .tab[aria-selected='" + on + "']"), s = getComputedStyle(e); return s.borderBottomColor + s.backgroundColor };
		return look(true) !== look(false) })()`)
	b.Until("the slider has a track", `getComputedStyle(document.querySelector(".scale .track")).boxShadow !== "none" &&
		getComputedStyle(document.querySelector(".scale .fill")).backgroundColor !== getComputedStyle(document.querySelector(".scale .track")).backgroundColor`)
	b.Until("Auto is on", `(window.autoOn = getComputedStyle(document.querySelector("#auto"), "::before").backgroundImage) && document.querySelector("#auto").getAttribute("aria-checked") === "true"`)
	b.Click("#auto")
	b.Until("Auto looks another when it is off", `document.querySelector("#auto").getAttribute("aria-checked") === "false" &&
		getComputedStyle(document.querySelector("#auto"), "::before").backgroundImage !== window.autoOn`)
	b.Clean()
}
