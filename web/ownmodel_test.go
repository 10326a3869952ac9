//go:build !js

package main

import (
	"strings"
	"testing"
)

// TestOwnModel drops the files of a model on the page, opens it under another window, keeps it over a reload, writes with it,
// takes it away as a file that begins as it should, and deletes it.
func TestOwnModel(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	b.Visit(s.shipped(t) + "/?windows=1&backend=cpu&" + plainly)
	b.Until("a text stands there", rested)
	drop := func(names string) {
		b.Run(`(async () => {
			const dropped = new DataTransfer(), root = document.querySelector('script[src$="/boot.js"]').src.replace("/boot.js", "/models");
			for (const name of ` + names + `) {
				const data = await (await fetch(root + "/small/" + name)).blob();
				dropped.items.add(new File([data], name.split("/").pop()));
			}
			dispatchEvent(new DragEvent("drop", {dataTransfer: dropped, bubbles: true, cancelable: true}));
		})()`)
	}
	drop(`["clex/config.json", "clex/model.safetensors"]`)
	b.Until("it says what is missing", `document.querySelector("#model-error")?.textContent.includes("tokenizer.json is not there")`)
	drop(`["clex/config.json", "clex/model.safetensors", "tokenizer.json"]`)
	b.Until("it says what the model needs", `document.querySelector("#model-needs")?.textContent.includes("tokens written a second")`)
	if found := b.Text("#model-found"); !strings.Contains(found, "2.2 M parameters, 4 layers of 4 heads, trained on 256 tokens, tuned with CLEX to t = 64") {
		t.Errorf("it says %q", found)
	}
	b.Run(`const n = document.querySelector("#model-window"); n.value = "128"; n.dispatchEvent(new Event("change", {bubbles: true}))`)
	b.Click("#model-keep")
	b.Click("#model-open")
	own := `document.querySelector("#model").value === "own-model-of-yours" && `
	b.Until("it writes", own+rested)
	b.Until("it counts as trained on 128 tokens", `document.querySelector("#t").getAttribute("aria-valuetext") === "t = 1, 128 tokens"`)
	b.Until("it is kept", `(async () => { try { const d = await (await navigator.storage.getDirectory()).getDirectoryHandle("models"); await (await d.getDirectoryHandle("own-model-of-yours")).getFileHandle("offer.json"); return true } catch { return false } })()`)
	var address string
	b.Eval(`location.href`, &address)
	b.Visit(address)
	b.Until("it is there after a reload", own+rested)
	b.Click("#models")
	b.Until("the panel is open", `document.querySelector("#models-kept")`)
	b.Run(catchDownload)
	b.Click("#export-go")
	b.Until("the file is there", `window.caught`)
	var name, magic string
	b.Eval(`window.caught.name`, &name)
	b.Eval(`fetch(window.caught.href).then(r => r.arrayBuffer()).then(a => new TextDecoder().decode(new Uint8Array(a, 0, 4)))`, &magic)
	if magic != "GGUF" || name != "model-of-yours-clex-t1.f16.gguf" {
		t.Errorf("%s begins with %q", name, magic)
	}
	b.Until("it is said", `document.querySelector("#export-said")?.textContent.includes(".gguf")`)
	b.Click("#models-kept button")
	b.Click("#model-undelete")
	b.Until("Undo brings it back", `document.querySelector("#models-kept button:not(#model-undelete)") && !document.querySelector("#close-deleted")`)
	b.Click("#models-kept button")
	b.Until("it can be undone", `document.querySelector("#model-undelete")`)
	b.Run(`document.querySelector("#close-deleted").click()`)
	b.Until("it is gone", `(async () => { try { await (await (await navigator.storage.getDirectory()).getDirectoryHandle("models")).getDirectoryHandle("own-model-of-yours"); return false } catch { return true } })()`)
	b.Clean()
}
