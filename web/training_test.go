//go:build !js

package main

import (
	"regexp"
	"strconv"
	"testing"
)

// TestWaysOfTraining draws PoSE, which has PI's frequencies, on the weights that it
// tuned: on the base's it would lose a nat a token more than CLEX past the window
// (PI without tuning), and not a tenth. Then it chooses a model that lacks them.
func TestWaysOfTraining(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	b.Visit(s.shipped(t) + "/?show=clex,rope,pose&scene=loss&windows=4&backend=cpu&vs=&tint=own")
	b.Until("both losses are measured past the window",
		`["CLEX", "PoSE"].every(m => new RegExp(m + "(?: at t = [0-9.]+)?: mean loss [0-9.]+ nats within the trained window, [0-9.]+ beyond it").test(document.querySelector("figcaption").textContent)) &&
		document.querySelectorAll("#story-0 .tk").length >= 1024`)
	beyond := func(method string) float64 {
		t.Helper()
		words := b.Text("figcaption")
		found := regexp.MustCompile(method + `(?: at t = [0-9.]+)?: mean loss [0-9.]+ nats within the trained window, ([0-9.]+) beyond it`).FindStringSubmatch(words)
		if found == nil {
			t.Fatalf("no loss of %s in %q", method, words)
		}
		v, err := strconv.ParseFloat(found[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if clex, own := beyond("CLEX"), beyond("PoSE"); own > clex+0.5 {
		t.Errorf("past the window PoSE loses %v nats a token, CLEX %v", own, clex)
	}
	b.Run(`const m = document.querySelector("#model"); m.value = "small-clex"; m.dispatchEvent(new Event("change", {bubbles: true}))`)
	b.Until("PoSE is gone, the page says why, and the other model writes",
		`!document.querySelector("#chip-pose") && document.querySelector(".notice[data-key=model-methods]") &&
		document.querySelector("#chip-rope") && document.querySelectorAll("#story-0 .tk").length > 60`)
	b.Clean()
}
