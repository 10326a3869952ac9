//go:build !js

package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"clexlab/web/browsertest"
	"clexlab/web/state"
)

// TestTrainHere goes all the way of a training in the tab: a text of one's own, a few steps, a pause, a reload, back to the beginning and
// on, an end; then the result writes, answers a question, is taken away as a folder, and that folder is opened again. The model is the
// small random one, as a page without a compiler for speed trains the shipped one for half a minute; make screens trains that.
func TestTrainHere(t *testing.T) {
	s := builtSite(t)
	b := s.tab(t, 1440, 900)
	models := t.TempDir()
	tunedModels(t, models)
	address, far, longest := s.serve(t, "", models)+oneWorker, "512 tokens", 512
	if os.Getenv("CLEXLAB_SCREENS") != "" {
		address, far, longest = s.shipped(t)+"/?windows=1&backend=cpu&"+plainly, "4,096 tokens", 4096
	}
	visit := func() {
		b.Visit(address)
		b.Until("a text stands there", rested)
		b.Click("#side-train")
	}
	visit()
	b.Until("the panel is open", `document.querySelector("#train-now:not(:disabled)")`)
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

	b.Set("#train-tmax", "20", "change")
	b.Until("the panel says how far positions reach", `document.querySelector("#train .prose").textContent.includes("up to 20 windows")`)
	b.Set("#train-sampler", "drawn", "change")
	b.Until("it says how they are drawn", `document.querySelector("#train-positions").textContent.includes("CLEX's reference code")`)
	b.Set("#train-steps", "2000", "change")
	b.Click("#train-now")
	b.Until("it says what it does", `/step ([3-9]|[0-9]{2,}) of 2000 · loss [0-9.]+ nats · [0-9,]+ tokens.s on CPU/.test(document.querySelector("#train-progress")?.textContent)`)
	b.Click("#train-pause")
	b.Until("it pauses", `/pausing/.test(document.querySelector("#train-progress")?.textContent)`)
	step := func() (n int) {
		b.Eval(`+/step ([0-9]+)/.exec(document.querySelector("#train-progress").textContent)[1]`, &n)
		return n
	}
	later := func(than int) string {
		return `+/step ([0-9]+)/.exec(document.querySelector("#train-progress")?.textContent)?.[1] > ` + strconv.Itoa(than)
	}
	stands := step()
	visit()
	b.Until("what is kept is offered", `document.querySelector("#train-kept")?.textContent.includes("stands at step `+strconv.Itoa(stands)+`")`)
	b.Until("it can go on", `document.querySelector("#train-resume:not(:disabled)")`)
	b.Click("#train-resume")
	b.Until("it goes on", later(stands))
	b.Until("what it was begun with stands there", `document.querySelector("#train-tmax").value === "20" && document.querySelector("#train-sampler").value === "drawn" && document.querySelector("#train-file").textContent.includes("“wolf.txt”")`)
	b.Set("#train-back", "0", "change")
	b.Until("it stands at its beginning", `/step 0 .* pausing/.test(document.querySelector("#train-progress")?.textContent)`)
	b.Click("#train-go")
	b.Until("it goes on from there", later(2))
	b.Click("#train-stop")
	b.Until("the result is there", `document.querySelector("#train-use:not(:disabled)")`)
	if held := b.Text("#train-held"); !strings.Contains(held, far) {
		t.Errorf("the held text's losses: %q", held)
	}

	b.Run(catchDownload)
	b.Click("#train-download")
	b.Until("the file is there", `window.caught`)
	folder := unzipped(t, b, "trained-here-1-clex.zip")
	for name, want := range map[string]string{"config.json": `"max_factor": 20`, "tokenizer.json": `"model"`, "tokenizer_config.json": "tokenizer_class", "recipe.json": `"sampler": "drawn"`} {
		if !strings.Contains(folder[name], want) {
			t.Errorf("%s of the file: no %q in %.2000q", name, want, folder[name])
		}
	}
	if card := folder["README.md"]; !regexp.MustCompile(`[0-9]+ of 2000 steps of [0-9]+ tokens each on “wolf.txt”.*; t from 1 to 20, positions drawn 100 %; .* build [0-9a-z]+`).MatchString(card) {
		t.Errorf("the card does not say how it was made: %s", card)
	}
	b.Click("#train-keep")
	b.Click("#train-use")
	b.Until("it writes", `document.querySelector("#model").selectedOptions[0].textContent.startsWith("Trained here 1 · ") && `+rested)
	var kept string
	b.Until("the result is kept", `[...document.querySelectorAll("#model option")].some(o => o.value.startsWith("own-trained-here-1-"))`)
	b.Eval(`document.querySelector("#model").value`, &kept)
	if kept != "trained-here-1" {
		t.Errorf("the model in use is %s", kept)
	}
	// Windows of the random model are shorter than a question.
	b.Click("#side-recall")
	b.Until("the probe is there", `document.querySelector("#trials") && document.querySelector("#probe:not(:disabled)")`)
	b.Run(`document.querySelectorAll("[id^=probe-w]").forEach(e => { if (e.checked !== (e.parentElement.textContent === "` + state.Tokens(longest) + `")) e.click() })`)
	b.Run(`document.querySelectorAll("#recall [type=checkbox][id^=probe-]:not([id^=probe-w])").forEach(e => { if (e.checked !== (e.id === "probe-clex")) e.click() })`)
	b.Set("#trials", "1", "change")
	b.Click("#probe")
	b.Until("it answers", `/^[01]\/1$/.test(document.querySelector("#recall .grids td button:not(:disabled)")?.textContent) && document.querySelector("#recall .trouble") === null`)
	// What was taken away is unpacked and brought again, as a model of anybody's.
	b.Run(`(() => {
		const dropped = new DataTransfer();
		for (const [name, part] of Object.entries(taken)) dropped.items.add(new File([part], name));
		dispatchEvent(new DragEvent("drop", {dataTransfer: dropped, bubbles: true, cancelable: true}));
	})()`)
	b.Until("it says what was brought", `document.querySelector("#model-found")?.textContent.includes("tuned with CLEX to t = 20")`)
	b.Click("#side-text")
	b.Click("#model-open")
	b.Until("what was brought writes", `document.querySelector("#model").value === "own-model-of-yours" && `+rested)
	visit()
	b.Until("the training is kept still", `document.querySelector("#train-delete")`)
	b.Click("#train-delete")
	b.Click(`[data-key="deleted"] .btn`)
	b.Until("Undo brings it back", `document.querySelector("#train-delete") && !document.querySelector("#close-deleted")`)
	b.Click("#train-delete")
	b.Click("#close-deleted")
	b.Until("it is gone", `(async () => { const d = await (await navigator.storage.getDirectory()).getDirectoryHandle("training"); for await (const k of d.keys()) return false; return true })()`)
	b.Clean()
}

// catchDownload catches files on their way to the downloads.
const catchDownload = `HTMLAnchorElement.prototype.click = function () { window.caught = { name: this.download, href: this.href } }`

// unzipped are the texts of a zip archive that was caught; the page has its files as taken.
func unzipped(t *testing.T, b *browsertest.Tab, name string) map[string]string {
	t.Helper()
	var file struct {
		Name string
		Data []byte
	}
	b.Eval(`(async () => {
		window.archive = await (await fetch(caught.href)).blob();
		const address = await new Promise(done => { const r = new FileReader(); r.onload = () => done(r.result); r.readAsDataURL(archive) });
		return {Name: caught.name, Data: address.slice(address.indexOf(",") + 1)};
	})()`, &file)
	z, err := zip.NewReader(bytes.NewReader(file.Data), int64(len(file.Data)))
	if err != nil || file.Name != name {
		t.Fatalf("%s of %d bytes: %v", file.Name, len(file.Data), err)
	}
	out := map[string]string{}
	b.Run(`window.taken = {}`)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		at, err := f.DataOffset()
		if err != nil || f.Method != zip.Store {
			t.Fatalf("%s is packed: %v", f.Name, err)
		}
		out[f.Name] = string(data)
		b.Run(fmt.Sprintf(`taken[%q] = archive.slice(%d, %d)`, f.Name, at, at+int64(len(data))))
	}
	return out
}
