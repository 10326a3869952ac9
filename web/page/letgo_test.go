//go:build !js

package page_test

import (
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// A range input tells of no change where a hand lets go at the value that it began at; the drag ends all the same.
func TestDragEndsWhereItBegan(t *testing.T) {
	b := open(t, "?seed=3&windows=2&vs=", 1440, 900)
	finished(t, b)
	reads := func(what string) {
		b.Click(`#story-0 [data-i="10"]`)
		b.Until(what, `document.querySelector("#reads")?.textContent.startsWith("CLEX at")`)
		b.Click(`#story-0 [data-i="10"]`)
		b.Until("no token is held", `document.querySelectorAll("#story-0-arcs path").length === 0`)
	}
	var box struct{ X, Y, W, H float64 }
	b.Eval(`(() => { const r = document.querySelector("#t").getBoundingClientRect(); return {X: r.x, Y: r.y, W: r.width, H: r.height} })()`, &box)
	x, y := box.X+11+(shownT(t, b)-1)/15*(box.W-22), box.Y+box.H/2
	b.Do(chromedp.MouseEvent(input.MousePressed, x, y, chromedp.ButtonLeft))
	b.Do(chromedp.MouseEvent(input.MouseMoved, x+90, y, chromedp.ButtonLeft))
	b.Until("t has moved", `Number(document.querySelector("#t-out").textContent) > 3`)
	b.Do(chromedp.MouseEvent(input.MouseMoved, x, y, chromedp.ButtonLeft))
	b.Do(chromedp.MouseEvent(input.MouseReleased, x, y, chromedp.ButtonLeft))
	reads("the drag is over")

	// A key that is let go elsewhere ends it as well.
	b.Focus("#t")
	b.Run(`document.querySelector("#t").dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true})); document.querySelector("#t-up").focus()`)
	reads("the key is over")
	b.Clean()
}

// What the field of t refuses leaves t as it was found: by the length of the text.
func TestRefusedTLeavesAuto(t *testing.T) {
	b := open(t, "?seed=3&windows=2&vs=", 1440, 900)
	finished(t, b)
	b.Run(`const box = document.querySelector("#t-box"); box.focus(); box.value = "four"; box.dispatchEvent(new Event("change", {bubbles: true}))`)
	b.Until("the field says what it wants", `document.querySelector(".notices")?.textContent.includes("t wants a number")`)
	b.Until("t follows the length as before", `document.querySelector("#auto").getAttribute("aria-checked") === "true" && document.querySelector("#t-box").value === "2"`)
	b.Clean()
}

// A t that follows the text does not write over what is being typed into its field.
func TestTypedTStands(t *testing.T) {
	b := open(t, "?seed=3&windows=16&vs=&on=text&hide=compare", 1440, 900)
	b.Until("the text grows", `Number(document.querySelector("#t-out").textContent) >= 2`)
	b.Run(`const box = document.querySelector("#t-box"); box.focus(); box.select(); document.execCommand("insertText", false, "1")`)
	b.Until("t moves on", `Number(document.querySelector("#t-out").textContent) >= 4`)
	b.Run(`document.execCommand("insertText", false, "2.5"); window.typed = document.querySelector("#t-box").value; document.querySelector("#t-box").blur()`)
	b.Until("what was typed is t", `window.typed === "12.5" && document.querySelector("#t-out").textContent === "12.50" && document.querySelector("#t-box").value === "12.5"`)
	b.Click("#auto")
	b.Until("the field follows again", `document.querySelector("#auto").getAttribute("aria-checked") === "true" && Number(document.querySelector("#t-box").value) === Number(document.querySelector("#t-out").textContent)`)
	b.Clean()
}
