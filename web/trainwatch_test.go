//go:build !js

package main

import (
	"strings"
	"testing"
)

// TestWatchesATraining looks on while a training makes thirty steps: the frequencies' table follows its field and names it, the
// loss by position has a curve for before and for now, a text that is written on the way is headed by the step that wrote it,
// and then the training goes on to its end, after which the table is the one of the model in use again.
func TestWatchesATraining(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	models := t.TempDir()
	tunedModels(t, models)
	b.Visit(s.serve(t, "", models) + "?prompt=the+little+fox&scene=trajectories&vs=&tint=own&windows=2&t=8&backend=cpu")
	b.Until("a text stands there", rested)
	b.Click("#side-train")
	b.Click("#table")
	b.Until("panel and table are open", `document.querySelector("#train-now:not(:disabled)") && document.querySelector("#data-table td")`)
	const column = `[...document.querySelectorAll("#data-table tbody tr")].map(r => r.cells[4].textContent).join(" ")`
	column4 := func() (words string) { b.Eval(column, &words); return words }
	shipped, head := column4(), b.Text("#data-table thead")
	b.Run(`const n = document.querySelector("#train-steps"); n.value = "30"; n.dispatchEvent(new Event("change", {bubbles: true}))`)
	// A test from outside would come too late to pause so small a model.
	b.Run(`window.seen = {}; new MutationObserver(() => { const h = document.querySelector("#data-table thead")?.textContent, step = /CLEX, in training, step ([0-9]+) at t/.exec(h)?.[1];
		if (step) seen[step] = ` + column + `;
		if (!window.paused && /step [1-9]/.test(document.querySelector("#train-progress")?.textContent)) { paused = true; document.querySelector("#train-pause").click() } }).observe(document.body, {subtree: true, childList: true, characterData: true})`)
	b.Click("#train-now")
	b.Until("it pauses", `/pausing/.test(document.querySelector("#train-progress")?.textContent)`)
	stands := strings.Fields(b.Text("#train-progress"))[1]
	if now := b.Text("#data-table thead"); !strings.Contains(now, "CLEX, in training, step "+stands+" at t") || !strings.Contains(now, "CLEX’s prior at t") {
		t.Errorf("at step %s the table's columns are %q", stands, now)
	}
	if column4() == shipped {
		t.Error("the table stands still")
	}
	b.Click("#train-write")
	b.Until("it has written", `document.querySelector("#train-write:not(:disabled)") && document.querySelectorAll("#train-sample .tk").length > 30`)
	if by := b.Text("#train-sample h3"); by != "CLEX, trained here, step "+stands {
		t.Errorf("the text is headed %q, the training stands at step %s", by, stands)
	}
	if text := b.Text("#train-sample .sample"); !strings.HasPrefix(text, "the little fox") {
		t.Errorf("written: %q", text)
	}
	b.Click("#train-go")
	b.Until("it goes on to its end", `document.querySelector("#train-use:not(:disabled)")`)
	var curves []string
	b.Eval(`[...document.querySelectorAll("#train-places svg path.ln")].map(p => p.getAttribute("class") + (p.getAttribute("d").split("L").length > 60 ? " whole" : ""))`, &curves)
	if words := b.Text("#train-places"); strings.Join(curves, ", ") != "ln was whole, ln now whole" || !strings.Contains(words, "before") || !strings.Contains(words, "after 30") {
		t.Errorf("curves %q, in words %q", curves, words)
	}
	if now, columns := column4(), b.Text("#data-table thead"); now != shipped || columns != head {
		t.Errorf("after the training the table says %q under %q, before %q under %q", now, columns, shipped, head)
	}
	var seen map[string]string
	b.Eval(`seen`, &seen)
	if seen["0"] == "" || seen[stands] == "" || seen["0"] == seen[stands] {
		t.Errorf("the table at its steps: %q", seen)
	}
	b.Clean()
}
