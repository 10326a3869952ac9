//go:build !js

package main

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestTrainHere trains two steps in the tab while the page stays usable, takes the result for the model in use,
// and has it write; what is offered for download is a checkpoint. The model is the small random one, as a page without a compiler
// for speed trains the shipped one for half a minute; make screens trains that.
func TestTrainHere(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	models := t.TempDir()
	tunedModels(t, models)
	address, far, factor, largest, family := s.serve(t, "", models)+oneWorker, "512 tokens16", `"max_factor": 16`, "16", "rig"
	if os.Getenv("CLEXLAB_SCREENS") != "" {
		address, far, factor, largest, family = s.shipped(t)+"/?windows=1&backend=cpu&"+plainly, "4,096 tokens", `"max_factor": 64`, "64", "small"
	}
	b.Visit(address)
	b.Until("a text stands there", rested)
	b.Click("#side-train")
	b.Until("the panel is open", `document.querySelector("#train-now:not(:disabled)")`)
	b.Run(`const n = document.querySelector("#train-steps"); n.value = "2"; n.dispatchEvent(new Event("change", {bubbles: true}))`)
	// Its text is a file that is dropped on the panel, or chosen; what is no text is refused and leaves it.
	b.Run(`(() => {
		const held = (name, data) => { const d = new DataTransfer(); d.items.add(new File([data], name)); return d };
		window.drop = (name, data) => document.querySelector("#train h2").dispatchEvent(new DragEvent("drop", {dataTransfer: held(name, data), bubbles: true, cancelable: true}));
		window.choose = (name, data) => { const c = document.querySelector("#train-choose"); c.files = held(name, data).files; c.dispatchEvent(new Event("change", {bubbles: true})) };
		drop("fox.md", "The little fox ran into the wood. ".repeat(3e5));
	})()`)
	b.Until("a long file is cut where it says", `/“fox.md”, 2.1 MB/.test(document.querySelector("#train-file")?.textContent) && /10.2 MB.*up to “… .*fox/.test(document.querySelector("#train-text-said").textContent)`)
	b.Run(`choose("picture.png", new Uint8Array([137, 80, 78, 71, 0, 1]))`)
	b.Until("what is no text is refused", `document.querySelector("#train-text-error")?.textContent.startsWith("“picture.png” is no text") && document.querySelector("#train-file").textContent.includes("fox.md")`)
	b.Click("#train-tales")
	b.Until("the tales are back", `document.querySelector("#train-text") && !document.querySelector("#train-text-error, #train-text-said")`)
	b.Run(`choose("wolf.txt", "The old wolf lay by the river and said nothing. ".repeat(200))`)
	b.Until("a chosen file is taken", `document.querySelector("#train-file")?.textContent.includes("“wolf.txt”, 10 kB")`)
	b.Click("#train-now")
	b.Until("it says what it does", `/step 1 of 2 · loss [0-9.]+ nats · [0-9,]+ tokens.s on CPU/.test(document.querySelector("#train-progress")?.textContent) || document.querySelector("#train-use")`)
	b.Until("the result is there", `document.querySelector("#train-use:not(:disabled)")`)
	if held := b.Text("#train-held"); !strings.Contains(held, "after 2") || !strings.Contains(held, far) {
		t.Errorf("the held text's losses: %q", held)
	}
	var config, magic string
	b.Eval(`(async () => { window.taken = await Promise.all(["config", "weights"].map(async n => (await fetch(document.querySelector("#train-" + n).href)).blob())); return taken[0].text() })()`, &config)
	b.Eval(`taken[1].slice(8, 9).text()`, &magic)
	if !strings.Contains(config, factor) || magic != "{" {
		t.Errorf("config %q, weights begin %q", config, magic)
	}
	b.Click("#train-keep")
	b.Click("#train-use")
	b.Until("it writes", `document.querySelector("#model").selectedOptions[0].textContent.startsWith("Trained here 1 · 2 steps") && `+rested)
	b.Until("the result is kept", `[...document.querySelectorAll("#model option")].some(o => o.value === "own-trained-here-1-2-steps-of-both")`)
	// What was taken away is brought again, as a model of anybody's.
	b.Run(`(async () => {
		const dropped = new DataTransfer(), root = document.querySelector('script[src$="/boot.js"]').src.replace("/boot.js", "/models");
		dropped.items.add(new File([taken[0]], "config.json"));
		dropped.items.add(new File([taken[1]], "model.safetensors"));
		dropped.items.add(new File([await (await fetch(root + ` + strconv.Quote("/"+family+"/tokenizer.json") + `)).blob()], "tokenizer.json"));
		dispatchEvent(new DragEvent("drop", {dataTransfer: dropped, bubbles: true, cancelable: true}));
	})()`)
	b.Until("it says what was brought", `document.querySelector("#model-found")?.textContent.includes("tuned with CLEX to t = `+largest+`")`)
	b.Click("#model-open")
	b.Until("what was brought writes", `document.querySelector("#model").value === "own-model-of-yours" && `+rested)
	b.Clean()
}

// TestTrainingOutlivesThePage pauses a training, reloads, takes it up where it stood, goes back to its beginning, and has what is kept deleted.
func TestTrainingOutlivesThePage(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	models := t.TempDir()
	tunedModels(t, models)
	address := s.serve(t, "", models) + oneWorker
	visit := func() {
		b.Visit(address)
		b.Until("a text stands there", rested)
		b.Click("#side-train")
	}
	visit()
	b.Until("the panel is open", `document.querySelector("#train-now:not(:disabled)")`)
	b.Run(`const n = document.querySelector("#train-steps"); n.value = "2000"; n.dispatchEvent(new Event("change", {bubbles: true}))`)
	b.Click("#train-now")
	b.Until("a step is made", `/step [1-9]/.test(document.querySelector("#train-progress")?.textContent)`)
	b.Click("#train-pause")
	b.Until("it pauses", `/pausing/.test(document.querySelector("#train-progress")?.textContent)`)
	var stands int
	b.Eval(`+/step ([0-9]+)/.exec(document.querySelector("#train-progress").textContent)[1]`, &stands)
	visit()
	b.Until("what is kept is offered", `document.querySelector("#train-kept")?.textContent.includes("stands at step `+strconv.Itoa(stands)+`")`)
	b.Until("it can go on", `document.querySelector("#train-resume:not(:disabled)")`)
	b.Click("#train-resume")
	b.Until("it goes on", `+/step ([0-9]+)/.exec(document.querySelector("#train-progress")?.textContent)?.[1] > `+strconv.Itoa(stands))
	b.Run(`const n = document.querySelector("#train-back"); n.value = "0"; n.dispatchEvent(new Event("change", {bubbles: true}))`)
	b.Until("it stands at its beginning", `/step 0 .* pausing/.test(document.querySelector("#train-progress")?.textContent)`)
	b.Click("#train-stop")
	b.Until("it is over", `document.querySelector("#train-now:not(:disabled)")`)
	visit()
	b.Until("what is kept is offered", `document.querySelector("#train-delete")`)
	b.Click("#train-delete")
	b.Until("it is gone", `(async () => { const d = await (await navigator.storage.getDirectory()).getDirectoryHandle("training"); for await (const k of d.keys()) return false; return true })()`)
	b.Clean()
}
