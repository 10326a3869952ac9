//go:build !js

package main

import (
	"strings"
	"testing"
)

// TestTrainedHereIsAMethod has a few steps of training made and sets what they left beside the CLEX that ships: it writes the second
// text, is a curve of losses and of frequencies, and answers in the recall probe. Kept, it is there after a reload, which the address
// asks for; the link that is shared goes without it. Deleted, it goes, and Undo brings it back.
func TestTrainedHereIsAMethod(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	models := t.TempDir()
	tunedModels(t, models)
	b.Visit(s.serve(t, "", models) + "?prompt=the+little+fox&vs=&scene=loss&windows=2&backend=cpu&tint=own")
	b.Until("a text stands there", rested)
	var chips int
	if b.Eval(`document.querySelectorAll("#chip-clex, #chip-trained").length`, &chips); chips != 1 {
		t.Errorf("%d chips of two before anything was trained, want 1", chips)
	}
	b.Click("#side-train")
	b.Until("the panel is open", `document.querySelector("#train-now:not(:disabled)")`)
	b.Set("#train-steps", "3", "change")
	b.Click("#train-now")
	b.Until("the result is there", `document.querySelector("#train-compare") && document.querySelector("#chip-trained")`)
	b.Click("#train-keep")
	b.Until("it is kept", `[...document.querySelectorAll("#model option")].some(o => o.value.startsWith("own-trained-here-1-"))`)
	b.Click("#train-compare")
	const name = "Trained here 1 · 3 steps of field and weights"
	both := func(when string) {
		b.Until("it writes beside"+when, rested+` && document.querySelector("#method-1")?.value === "trained" && document.querySelectorAll("#story-1 .tk:not(.p)").length > 30`)
	}
	both("")
	texts := func() (list []string) {
		b.Eval(`[0, 1].map(i => document.querySelector("#story-" + i).textContent)`, &list)
		return list
	}
	wrote := texts()
	if wrote[0] == wrote[1] {
		t.Errorf("both texts are %q", wrote[0])
	}
	var label string
	if b.Eval(`document.querySelector("#story-1").getAttribute("aria-label")`, &label); !strings.Contains(label, name) {
		t.Errorf("the text is signed %q", label)
	}
	column := func(method string) string {
		return `(() => { const at = [...document.querySelectorAll("#data-table thead th")].findIndex(h => h.textContent.startsWith("` + method + `")); return at < 0 ? "" : [...document.querySelectorAll("#data-table tbody tr")].map(r => r.cells[at]?.textContent).join(" ") })()`
	}
	differ := `(() => { const a = ` + column("CLEX") + `, b = ` + column("Trained here") + `; return /[0-9]/.test(a) && /[0-9]/.test(b) && a !== b })()`
	b.Click("#table")
	b.Until("its losses are others than those of CLEX", differ)
	b.Click("#scene-trajectories")
	b.Set("#t-box", "8", "change")
	b.Until("its frequencies are others too", differ)
	b.Click("#auto")

	b.Click("#side-recall")
	b.Until("the probe asks it", `document.querySelector("#probe-trained") && document.querySelector("#probe:not(:disabled)")`)
	b.Run(`document.querySelectorAll("[id^=probe-w]").forEach(e => { if (e.checked !== (e.parentElement.textContent === "512 tokens")) e.click() })`)
	b.Run(`document.querySelectorAll("#recall [type=checkbox][id^=probe-]:not([id^=probe-w])").forEach(e => { if (e.checked !== (e.id === "probe-trained")) e.click() })`)
	b.Set("#trials", "1", "change")
	b.Click("#probe")
	b.Until("it answers", `/^[01]\/1$/.test(document.querySelector("#recall .grids td button:not(:disabled)")?.textContent) && document.querySelector("#recall .trouble") === null`)

	b.Click("#share")
	b.Until("the link says what it leaves out", `document.querySelector("#share-words")?.textContent.includes("trained here is left out") && !document.querySelector("#share-link").value.includes("trained")`)
	b.Run(`document.querySelector("#share-panel [aria-label=Close]").click()`)
	b.Until("the address has it", `new URL(location).searchParams.get("vs") === "trained"`)
	b.Click("#side-text")
	b.Until("the address has the text in front", `new URL(location).searchParams.get("tab") === "text"`)
	b.Reload()
	both(" after a reload")
	if now := texts(); now[1] != wrote[1] {
		t.Errorf("after a reload it writes %q, before %q", now[1], wrote[1])
	}
	b.Click("#models")
	b.Until("it is listed", `document.querySelector("#models-kept [data-model]")`)
	b.Click("#models-kept [data-model]")
	b.Until("it is gone", `!document.querySelector("#chip-trained") && document.querySelector("#model-undelete")`)
	b.Click("#model-undelete")
	b.Until("it is back", `document.querySelector("#chip-trained")?.getAttribute("aria-pressed") === "true" && document.querySelector("#method-1")?.value === "trained"`)
	b.Clean()
}
