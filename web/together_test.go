//go:build !js

package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"clexlab/wasm/wire/jobs"
)

// cores makes the page, or a worker, think that the machine has so many.
func cores(n int) string {
	return `Object.defineProperty((globalThis.WorkerNavigator ?? Navigator).prototype, "hardwareConcurrency", {get: () => ` + strconv.Itoa(n) + `});`
}

// tap, before the loader of a worker, has it say whenever it tells another one what it has seen in its chunk of a text.
const tap = `{ const post = MessagePort.prototype.postMessage;
	MessagePort.prototype.postMessage = function (m, ...rest) {
		if (m && typeof m.head === "string" && m.head.includes('"kind":"looked"')) new BroadcastChannel("looked").postMessage("");
		return post.call(this, m, ...rest);
	}; }
`

// TestReadsTogether has a long prompt read by two workers and by one: the text, and the losses and the attention of it, are the same.
func TestReadsTogether(t *testing.T) {
	s := builtSite(t)
	book, err := os.ReadFile("../assets/static/books/household-tales.txt")
	if err != nil {
		t.Fatal(err)
	}
	prompt := strings.ToValidUTF8(string(book[:700]), "")
	loader, err := os.ReadFile(filepath.Join(s.dist, "engine.js"))
	if err != nil {
		t.Fatal(err)
	}
	address := s.serveAround(t, "", "../tinymodels", func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/engine.js") {
			return false
		}
		w.Header().Set("Content-Type", "text/javascript")
		w.Write(append([]byte(tap), loader...))
		return true
	}) + "?windows=2&seed=5&vs=&tint=own&backend=cpu&scene=attention&on=text&prompt=" + url.QueryEscape(prompt)
	var texts, tables [2]string
	for i, n := range []int{1, 2} {
		b := s.tab(t, 1440, 900)
		b.Early(cores(n) + `if (top === self) { window.looked = window.compiled = 0;
			new BroadcastChannel("looked").onmessage = () => looked++;
			const compile = WebAssembly.compileStreaming; WebAssembly.compileStreaming = answer => (compiled++, compile.call(WebAssembly, answer)); }`)
		b.Visit(address)
		b.Until("the text is written", rested)
		b.Click("#table")
		whole := `document.querySelector("#data-table caption")?.textContent.endsWith("over tokens 1 to 512.")`
		b.Until("the maps are there", whole)
		b.Run(`window.before = looked`)
		b.Set("#t-box", "10", "change")
		b.Until("the maps follow t", whole+` && document.querySelector("#data-table caption").textContent.includes("t = 10 ")`)
		b.Eval(`document.querySelector("#data-table").textContent`, &tables[i])
		var maps, writing int
		b.Eval(`looked - before`, &maps)
		// The worker that would help may still be judging what was written before.
		for try := 0; try < 3 && (try == 0 || n > 1 && maps+writing == 0); try++ {
			b.Run(`new Promise(done => setTimeout(done, 2000))`)
			b.Run(`window.before = looked`)
			b.Click("#generate")
			b.Until("it writes again", `document.querySelector("#stop") !== null`)
			b.Until("the text is written again", rested+` && document.querySelectorAll("#story-0 .tk").length > 400`)
			b.Eval(`looked - before`, &writing)
		}
		texts[i] = story(b, 0)
		if together := maps + writing; (together > 0) != (n > 1) {
			t.Errorf("%d cores: %d chunks were read by helpers", n, together)
		}
		var compiled int
		b.Eval(`compiled`, &compiled)
		if compiled != 1 {
			t.Errorf("%d cores: the engine is compiled %d times, want once for all workers", n, compiled)
		}
		b.Clean()
	}
	if texts[0] != texts[1] || len(texts[0]) < len(prompt)+300 {
		t.Errorf("after %d bytes it writes %d alone, and together other %d", len(prompt), len(texts[0])-len(prompt), len(texts[1])-len(prompt))
	}
	if tables[0] != tables[1] {
		t.Errorf("alone the table says\n%s\ntogether\n%s", tables[0], tables[1])
	}
}

// engines are two of the page's workers without the page, connected to each other, and a measurement of losses, or of maps, of a book.
const engines = `
	const [first] = await (await fetch("/web/models/first.json")).json();
	const program = await WebAssembly.compileStreaming(fetch("/web/engine.wasm"));
	const start = () => new Promise((done, fail) => {
		const w = new Worker("/web/engine.js", {name: "engine.wasm"});
		w.postMessage({program});
		w.ended = () => {};
		w.onmessage = e => {
			if (e.data instanceof Uint8Array) { // the end of a measurement, or what its maps sum up to
				if (e.data.length <= end) w.ended();
				return;
			}
			const a = JSON.parse(e.data.head);
			if (a.error) fail(a.error);
			else if (!a.kind) w.postMessage(first);
			else if (a.ready) done(w);
			else if (a.done) w.ended();
		};
	});
	const [a, b] = [await start(), await start()];
	const channel = new MessageChannel(), mark = "clexlab-view";
	a.postMessage({mark, peer: 1, port: channel.port1}, [channel.port1]);
	b.postMessage({mark, peer: 0, port: channel.port2}, [channel.port2]);
	let id = 1;
	const ask = r => new Promise((done, fail) => { a.ended = done; setTimeout(() => fail(new Error("no end in a minute")), 60000); a.postMessage(JSON.stringify({v: 6, id: ++id, ...r})) });
	await ask({subject: {id: 1, address: "/web/books/household-tales.txt", maxTokens: 16384}});
	window.measure = async (length, what, helpers) => {
		const begun = performance.now();
		await ask({helpers, measure: {subject: 1, length, [what]: ["clex"], t: 16 + id / 1024}});
		return performance.now() - begun;
	};
	return true;`

// BenchmarkTogether measures a new t's losses and maps of a book, as one worker reads it and as two do, in turns.
func BenchmarkTogether(b *testing.B) {
	tab, address := bench(b)
	t := tab(800, 600)
	t.Open(address + "web/view.js")
	last, brief := jobs.Brief(jobs.Answer{Number: 1 << 30, ID: 1 << 30, Kind: jobs.Measuring, Done: true, Memory: 1 << 30})
	if !brief {
		b.Fatal("the end of a measurement travels otherwise")
	}
	var ok bool
	t.Eval(fmt.Sprintf(`(async () => { const end = %d;%s})()`, len(last), engines), &ok)
	for _, what := range []string{"loss", "maps"} {
		for _, n := range []int{512, 1024, 4096} {
			b.Run(fmt.Sprintf("%s-%d", what, n), func(b *testing.B) {
				var alone, together, gains []float64
				for b.Loop() {
					var one, two float64
					t.Eval(fmt.Sprintf(`measure(%d, %q, [])`, n, what), &one)
					t.Eval(fmt.Sprintf(`measure(%d, %q, [1])`, n, what), &two)
					alone, together, gains = append(alone, one), append(together, two), append(gains, one/two)
				}
				for name, all := range map[string][]float64{"ms-alone": alone, "ms-together": together, "times": gains} {
					slices.Sort(all)
					b.ReportMetric(all[len(all)/2], name)
				}
				b.ReportMetric(alone[0]/together[0], "times-quickest")
			})
		}
	}
}
