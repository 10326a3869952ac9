//go:build !js

package page_test

import (
	"fmt"
	"strconv"
	"testing"

	"clexlab/viz/scene"
	"clexlab/web/page/testdata/stand/rule"
	"clexlab/web/state"
)

func TestPhone(t *testing.T) {
	b := open(t, "?windows=2", 390, 844)
	for _, part := range []string{"picture", "text", "recall", "guide"} {
		b.Click("#phone-" + part)
		b.Until(part+" is chosen", `document.querySelector("#phone-`+part+`").getAttribute("aria-selected") === "true"`)
		b.Until(part+" can be seen", `(() => { const r = document.querySelector({picture: "#stage", text: "#story-0", recall: "#recall", guide: "#guide"}["`+part+`"]).getBoundingClientRect(); return r.width > 150 && r.height > 150 })()`)
		var wide, bottom float64
		b.Eval(`document.documentElement.scrollWidth`, &wide)
		b.Eval(`document.querySelector("#t").getBoundingClientRect().bottom`, &bottom)
		var tall float64
		b.Eval(`document.documentElement.scrollHeight`, &tall)
		if tall > 844 {
			t.Errorf("%s: something reaches below the page, to %g", part, tall)
		}
		if wide > 390 {
			t.Errorf("%s scrolls sideways: %g pixels wide", part, wide)
		}
		if bottom <= 0 || bottom > 844/2 {
			t.Errorf("%s: the slider ends at %g, want it in the upper half", part, bottom)
		}
	}
	b.Clean()
}

// TestHiddenTextOpensWhereItsReaderIs looks at a text again that was behind another part
// of the page: at its newest words, also those that came meanwhile, or where the reader went.
func TestHiddenTextOpensWhereItsReaderIs(t *testing.T) {
	for _, screen := range []struct {
		name          string
		width, height int64
		tabs          string
	}{{"phone", 390, 844, "#phone-"}, {"desktop", 1440, 900, "#side-"}} {
		t.Run(screen.name, func(t *testing.T) {
			b := open(t, "?windows=8&scene=loss", screen.width, screen.height)
			finished := func(n int) {
				b.Until("the text is finished", fmt.Sprintf(`document.querySelector("#live").textContent.startsWith("Writing finished: %s")`, state.Tokens(n)))
			}
			behind := func() {
				b.Click(screen.tabs + "guide")
				b.Until("the guide stands before it", `document.querySelector("#guide") !== null && document.querySelector("#story-0") === null`)
			}
			if screen.name == "desktop" {
				behind() // on a phone the picture is in front
			}
			finished(8 * rule.Rotary.Window)
			b.Click(screen.tabs + "text")
			b.Until("the text opens at its end", atItsEnd)
			behind()
			b.Click(screen.tabs + "text")
			b.Until("it opens at its end again", atItsEnd)
			b.Eval(`new Promise(done => { const s = document.querySelector("#story-0"); s.addEventListener("scroll", () => done(true), {once: true}); s.scrollTop = 150 })`, nil)
			behind()
			b.Click(screen.tabs + "text")
			b.Until("it opens where the reader went", `document.querySelector("#story-0")?.scrollTop === 150`)
			if screen.name == "phone" {
				b.Click("#phone-picture")
				b.Until("the picture stands before it", `document.querySelector("#story-0").clientHeight === 0`)
				b.Click("#phone-text")
				b.Until("it opens there again", `document.querySelector("#story-0")?.scrollTop === 150`)
			}
			b.Set("#windows", "16", "change")
			b.Click("#generate")
			behind()
			finished(16 * rule.Rotary.Window)
			b.Click(screen.tabs + "text")
			b.Until("a text that nobody has seen opens at its end", atItsEnd)
			b.Clean()
		})
	}
}

// ended lists what a box too narrow for it ends with an ellipsis.
const ended = `[...document.querySelectorAll("body *")].filter(e => getComputedStyle(e).textOverflow === "ellipsis" && getComputedStyle(e).overflowX === "hidden" && e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1).map(e => e.id + ": " + e.textContent).join("; ")`

// TestPhoneCutsNoHints: what can be done in a picture is read to its end on a phone, and so is a reading of two lines.
func TestPhoneCutsNoHints(t *testing.T) {
	b := open(t, "?windows=2", 360, 740)
	finished(t, b)
	for _, row := range scene.Scenes {
		b.Click("#scene-" + string(row.Name))
		b.Until(string(row.Name)+" is chosen", `document.querySelector("#scene-`+string(row.Name)+`")?.getAttribute("aria-selected") === "true"`)
		// Here no picture is there to be read: its hint is put in its place.
		b.Run(`document.querySelector("#reading span").textContent = ` + strconv.Quote(row.Hint))
		var cut string
		if b.Eval(ended, &cut); cut != "" {
			t.Errorf("%s: %s", row.Name, cut)
		}
		if row.Recall {
			b.Click("#phone-picture")
		}
		if row.Both {
			continue // its hint has no room there: the texts do
		}
		b.Run(`document.querySelector("#reading span").textContent = "word ".repeat(20)`)
		b.Until("two lines of "+string(row.Name)+" can be read", uncovered("#reading span")+` && (r => r.height > 30)(document.querySelector("#reading span").getBoundingClientRect())`)
	}
	b.Clean()
}

// TestPhoneWithoutPicture opens a link that hides the picture: the text is in front.
func TestPhoneWithoutPicture(t *testing.T) {
	b := open(t, "?windows=1&hide=picture", 390, 844)
	b.Until("the text can be seen", `document.querySelector("#story-0").clientHeight > 100 && document.querySelector("#phone-text").getAttribute("aria-selected") === "true"`)
	b.Clean()
}
