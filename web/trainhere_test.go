//go:build !js

package main

import (
	"strings"
	"testing"
)

// TestTrainHere trains two steps in the tab while the page stays usable, takes the result for the model in use,
// and has it write; what is offered for download is a checkpoint.
func TestTrainHere(t *testing.T) {
	s := builtSite(t)
	b := s.browser.Tab(t, 1440, 900)
	b.Visit(s.shipped(t) + "/?windows=1&backend=cpu")
	b.Until("a text stands there", rested)
	b.Click("#side-train")
	b.Until("the panel is open", `document.querySelector("#train-now:not(:disabled)")`)
	b.Run(`const n = document.querySelector("#train-steps"); n.value = "2"; n.dispatchEvent(new Event("change", {bubbles: true}))`)
	b.Click("#train-now")
	b.Until("it says what it does", `/step 1 of 2 · loss [0-9.]+ nats · [0-9,]+ tokens.s on CPU/.test(document.querySelector("#train-progress")?.textContent) || document.querySelector("#train-use")`)
	b.Until("the result is there", `document.querySelector("#train-use:not(:disabled)")`)
	if held := b.Text("#train-held"); !strings.Contains(held, "4,096") || !strings.Contains(held, "after 2") {
		t.Errorf("the held text's losses: %q", held)
	}
	var config, magic string
	b.Eval(`fetch(document.querySelector("#train-config").href).then(r => r.text())`, &config)
	b.Eval(`fetch(document.querySelector("#train-weights").href).then(r => r.arrayBuffer()).then(a => new TextDecoder().decode(new Uint8Array(a, 8, 1)))`, &magic)
	if !strings.Contains(config, `"max_factor": 64`) || magic != "{" {
		t.Errorf("config %q, weights begin %q", config, magic)
	}
	b.Click("#train-use")
	b.Until("it writes", `document.querySelector("#model").selectedOptions[0].textContent.startsWith("Trained here 1 · 2 steps") && `+rested)
	b.Clean()
}
