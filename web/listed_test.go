//go:build !js

package main

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/modeltest"
)

// listedFolder is the rig's model frozen at t = 4, as it leaves for other readers, with a list of its own for texts within the window.
func (s *site) listedFolder(t *testing.T) fstest.MapFS {
	t.Helper()
	ck, err := checkpoint.ReadParts(s.files.Config, s.files.Weights)
	if err != nil {
		t.Fatal(err)
	}
	field, err := ck.SchemeNamed("clex")
	if err != nil {
		t.Fatal(err)
	}
	frozen, err := ck.Frozen(field, 4)
	if err != nil {
		t.Fatal(err)
	}
	near, err := checkpoint.Portable(field, 1.5)
	if err != nil {
		t.Fatal(err)
	}
	frozen.Scaling.ShortFactor = near.ShortFactor
	written, err := modeltest.Written(frozen, s.files.Tokenizer)
	if err != nil {
		t.Fatal(err)
	}
	return written.FS()
}

// writtenAsFiled is what a model writes by the scheme and the rule of its file, as programs outside of the page do.
func writtenAsFiled(t *testing.T, folder fstest.MapFS, prompt string, o model.Options, length int) string {
	t.Helper()
	ck, tok, err := checkpoint.Loader{Int8: true}.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(ck.Config, ck.Weights)
	if err != nil {
		t.Fatal(err)
	}
	x := &model.Extension{}
	if x.Scheme, x.Rule, err = ck.Scheme(); err != nil {
		t.Fatal(err)
	}
	seq, err := m.NewSequence(length)
	if err != nil {
		t.Fatal(err)
	}
	tokens := tok.Encode(nil, prompt)
	if _, err := x.Fit(t.Context(), seq, len(tokens)); err != nil {
		t.Fatal(err)
	}
	if err := seq.Prefill(t.Context(), tokens, nil); err != nil {
		t.Fatal(err)
	}
	o.Extension, o.MaxTokens = x, length-len(tokens)
	for next, err := range model.Generate(t.Context(), seq, o) {
		if err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, next.ID)
	}
	return string(tok.Decode(nil, tokens))
}

// TestListedModel opens a folder whose file lists its frequencies, others beyond the window than within it: the list is a method there
// and nowhere else, it is chosen at once, and the text is that of other programs on the same files, across the window's edge.
func TestListedModel(t *testing.T) {
	s := builtSite(t)
	folder := s.listedFolder(t)
	own := http.StripPrefix("/listed", http.FileServerFS(folder))
	b := s.tab(t, 1440, 900)
	b.Visit(s.serveAround(t, "", s.models, func(w http.ResponseWriter, r *http.Request) bool {
		mine := strings.HasPrefix(r.URL.Path, "/listed/")
		if mine {
			own.ServeHTTP(w, r)
		}
		return mine
	}) + oneWorker + "&seed=5")
	b.Until("a text stands there", rested)
	b.Until("no list is on offer", `document.querySelector("#method-0 option") !== null && document.querySelector("#method-0 option[value=longrope], #chip-longrope") === null`)
	b.Run(`(async () => {
		const dropped = new DataTransfer();
		for (const name of ["config.json", "model.safetensors", "tokenizer.json"]) {
			dropped.items.add(new File([await (await fetch("/listed/" + name)).blob()], name));
		}
		dispatchEvent(new DragEvent("drop", {dataTransfer: dropped, bubbles: true, cancelable: true}));
	})()`)
	b.Until("it says how the model is read", `document.querySelector("#model-found")?.textContent.includes("trained on 32 tokens, with a list of frequencies in its file, by which it is read.")`)
	b.Click("#model-open")
	const chosen = `document.querySelector("#model").value.startsWith("own-") && document.querySelector("#method-0").value === "longrope" && document.querySelector("#method-0").selectedOptions[0].textContent === "File's list" && `
	write := func(length int) string {
		return wrote(t, writtenAsFiled(t, folder, "the little fox", model.Options{Sampling: model.Sampling{Temperature: 0.8, TopP: 0.95, TopK: 40, Seed: 5}}, length))
	}
	b.Until("the list writes", chosen+write(32))
	b.Set("#windows", "2", "change")
	b.Click("#generate")
	b.Until("it writes beyond the window", chosen+write(64))
	var signed string
	b.Eval(`document.querySelector("#story-0").getAttribute("aria-label")`, &signed)
	if !strings.Contains(signed, "File's list") {
		t.Errorf("it is signed %q", signed)
	}
	b.Set("#model", "rig", "change")
	b.Until("another model has no list", `document.querySelector("#method-0").value === "clex" && document.querySelector("#method-0 option[value=longrope], #chip-longrope") === null && `+rested)
	b.Clean()
}
