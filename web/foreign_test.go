//go:build !js

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"clexlab/viz/scene"
	"clexlab/wasm/wire"
)

// foreign is a script whose said sends what a stranger might: well-formed, t moved by a hand, another scene and method, that the picture has
// failed, and a key; and a port through which something comes that is no maps.
func foreign(t *testing.T) string {
	t.Helper()
	factor := wire.EncodeFactor(scene.Factor{T: 9, Seq: 1 << 20})
	var heads [3]string
	for i, m := range []any{&scene.State{Scene: scene.Losses, T: 9, Active: "pi", Shown: []string{"pi"}, Solver: "dopri5", Step: 0.01, Tol: 1e-6, Pair: -1, Layer: -1, Head: -1, Token: -1, Theme: "dark"},
		&scene.Fault{Fatal: true, Text: "a stranger's words"}, &scene.Key{Key: "+"}} {
		f, err := wire.Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wire.Decode(f); err != nil {
			t.Fatal(err)
		}
		heads[i] = string(f.Head)
	}
	list, err := json.Marshal(heads)
	if err != nil {
		t.Fatal(err)
	}
	numbers, err := json.Marshal(ints(factor[:]))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`const factor = Uint8Array.from(%s), said = (to, origin) => {
		to.postMessage(factor, origin);
		for (const head of %s) to.postMessage({mark: "clexlab-view", head, tables: []}, origin);
		const {port1, port2} = new MessageChannel();
		to.postMessage({mark: "clexlab-view", port: port1}, origin, [port1]);
		port2.postMessage("no maps");
	};`, numbers, list)
}

func ints(bytes []byte) (list []int) {
	for _, b := range bytes {
		list = append(list, int(b))
	}
	return list
}

// TestStrangersAreNotHeard: page and picture take messages from each other alone, and not from the page's own window, from another frame
// of the same origin, from one that has none, or from what has come into the picture's frame from elsewhere.
func TestStrangersAreNotHeard(t *testing.T) {
	s := builtSite(t)
	script := foreign(t)
	url := s.serveAround(t, "", s.models, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/stranger" {
			return false
		}
		w.Header().Set("Content-Type", "text/html")
		// The picture's frame is the page's first; a frame without an origin is told the page's.
		fmt.Fprintf(w, `<!doctype html><title>stranger</title><script>%s
			said(parent, "*");
			if (parent[0] !== self) said(parent[0], "*");
			parent.postMessage({stranger: self.origin + " " + location.search}, "*");
		</script>`, script)
		return true
	})
	b := s.tab(t, 1440, 900)
	b.Early(`if (top === self) { window.strangers = []; addEventListener("message", e => { if (e.data?.stranger) strangers.push(e.data.stranger) }) }`)
	b.Visit(url + "?prompt=the+little+fox&windows=1&vs=&tint=own&scene=trajectories&t=2&backend=cpu")
	b.Until("the text is written", rested)
	b.Until("the picture is alive", `document.querySelector("iframe#view.live") !== null`)
	type look struct{ T, Search, Notices, Scene, Words, Paper, Live string }
	// An event of ours behind theirs, in both windows, and a frame of each: then theirs have been heard, if they are.
	now := func() (l look) {
		b.Eval(`new Promise(done => setTimeout(() => requestAnimationFrame(() => done({
			T: document.querySelector("#t-out").textContent, Search: location.search, Notices: document.querySelector(".notices")?.textContent ?? "",
			Scene: document.querySelector('[id^=scene-][aria-selected="true"]').id, Words: document.querySelector("#stage").getAttribute("aria-label"),
			Paper: document.querySelector("#view")?.contentWindow.clexlabPaper?.() ?? "", Live: document.querySelector("#view")?.className ?? "no picture",
		})), 1000))`, &l)
		return l
	}
	before := now()
	if len(before.Paper) < 1000 || before.T != "2.00" || before.Notices != "" {
		t.Fatalf("before: %.500q", fmt.Sprint(before))
	}
	same := func(who string) {
		t.Helper()
		if after := now(); after != before {
			t.Errorf("%s was heard: t = %s, %s, notices %q, %s, %s, the picture is the same: %t", who, after.T, after.Search, after.Notices, after.Scene, after.Live, after.Paper == before.Paper)
		}
	}
	b.Run(script + ` said(window, location.origin)`)
	same("the page's own window")
	for _, frame := range []struct{ name, sandbox, origin string }{
		{"a frame of the page's origin", "", url[:len(url)-1]},
		{"a frame without an origin", `f.sandbox = "allow-scripts";`, "null"},
	} {
		b.Run(`const f = document.createElement("iframe"); ` + frame.sandbox + ` f.src = "/stranger?beside"; document.body.append(f)`)
		b.Until(frame.name+" has spoken", fmt.Sprintf(`strangers.includes(%q)`, frame.origin+" ?beside"))
		same(frame.name)
	}
	// The picture hears the page, or all of this says nothing.
	b.Run(script + ` document.querySelector("#view").contentWindow.postMessage(factor, location.origin)`)
	if after := now(); after.Paper == before.Paper {
		t.Error("the picture does not hear the page")
	}
	// The frame is the picture's, what is in it is not.
	b.Run(`document.querySelector("#view").sandbox = "allow-scripts"; document.querySelector("#view").src = "/stranger?inside"`)
	b.Until("the stranger in the picture's frame has spoken", `strangers.includes("null ?inside")`)
	b.Eval(`new Promise(done => setTimeout(done, 1000))`, nil)
	b.Until("the page did not hear it", `document.querySelector("#t-out").textContent === "2.00" && !document.body.textContent.includes("a stranger's words")`)
}
