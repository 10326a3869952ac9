package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"clexlab/model"
	"clexlab/web/browsertest"
)

// runner is a page that has llama.cpp, compiled to WebAssembly by npm's @wllama/wllama, load a
// file and read a text, and tells the token that it holds for likeliest at every place.
const runner = `<!doctype html><script type="module">
import { Wllama } from "/wllama/esm/index.js";
async function load(file) {
	const w = new Wllama({ "single-thread/wllama.wasm": "/wllama/esm/single-thread/wllama.wasm" }, { suppressNativeLog: true });
	const blob = await (await fetch(file)).blob();
	await w.loadModel([blob], { n_ctx: 2048, n_threads: 1, cache_type_k: "f32", cache_type_v: "f32" });
	return w;
}
window.follow = async (file, prompt, text) => {
	const w = await load(file);
	const tokens = await w.tokenize(prompt), likeliest = [];
	await w.decode(tokens, {});
	for (const token of text) {
		likeliest.push((await w.getLogits(1)).map(x => [x.token, x.p])[0]);
		await w.decode([token], {});
	}
	await w.exit();
	return JSON.stringify({ tokens, likeliest });
};
// loss is -log p of every token but the first.
window.loss = async (file, text) => {
	const w = await load(file), loss = [];
	await w.decode([text[0]], {});
	for (const token of text.slice(1)) {
		const is = x => x.token === token;
		// All of them are many: most tokens are among the likeliest.
		loss.push(-Math.log(((await w.getLogits(64)).find(is) ?? (await w.getLogits(-1)).find(is)).p));
		await w.decode([token], {});
	}
	await w.exit();
	return JSON.stringify(loss);
};
window.ids = async (file, texts) => {
	const w = await load(file), ids = [];
	for (const text of texts) {
		ids.push(Array.from(await w.tokenize(text)));
	}
	await w.exit();
	return JSON.stringify(ids);
};
window.ready = true;
</script>`

// read is a file that stock llama.cpp reads.
type read struct {
	setting
	kind string
	// tie is by how much, relatively, the two likeliest tokens may differ for rounding to choose between them; near is how far
	// probabilities may be apart.
	tie, near float64
}

func (r read) String() string {
	return strings.ReplaceAll(r.model, "/", "-") + " by " + r.method + " at " + r.at + ", " + r.kind
}

// reads are all files of the full test: both models under CLEX from t = 1 to 64, NTK and YaRN within what they were tuned for.
func reads() (list []read) {
	for _, m := range []string{"small", "medium"} {
		for _, at := range []string{"1", "4", "16", "64"} {
			list = append(list, read{setting{m + "/clex", "clex", at}, "f32", 0.01, 5e-3})
		}
		for _, method := range []string{"ntk", "yarn"} {
			for _, at := range []string{"4", "64"} {
				list = append(list, read{setting{m + "/" + method, method, at}, "f32", 0.01, 5e-3})
			}
		}
		list = append(list, read{setting{m + "/clex", "clex", "4"}, "f16", 0.02, 1e-2})
	}
	return list
}

// TestStockLlamaCppReadsTheSame: stock llama.cpp, reading a text that this program wrote, holds the same token for likeliest at
// every place, with the file that -gguf writes, and as likely. Only where the two likeliest are level may it be the other.
func TestStockLlamaCppReadsTheSame(t *testing.T) {
	ctx, files := stock(t, "CLEXLAB_WLLAMA", runner)
	const prompt = "Once upon a time there was a little fox who lived"
	count := 400
	if testing.Short() {
		// Every token is three messages.
		count = 40
	}
	for _, c := range reads() {
		if testing.Short() && (c.kind == "f32" && slices.Contains(written, c.setting) || c.method != "clex" && c.at != "64" || strings.HasPrefix(c.model, "medium") && c.at != "64") {
			continue // the other test has all its tokens, or a file beside it is alike
		}
		args := []string{"-method", c.method, "-t", c.at, "-temperature", "0", "-top-p", "1", "-prompt", prompt}
		file := writtenGGUF(t, files, c.setting, c.kind)
		ours, text := greedy(t, append(args, filepath.Join("..", "..", c.model)), prompt, count)
		var theirs struct {
			Tokens    []int32      `json:"tokens"`
			Likeliest [][2]float64 `json:"likeliest"`
		}
		ask(t, ctx, &theirs, "window.follow(%q, %q, %s)", "/files/"+file, prompt, text)
		if len(theirs.Likeliest) != count {
			t.Fatalf("%v: %d places, want %d", c, len(theirs.Likeliest), count)
		}
		same, level, most := 0, 0, 0.0
		for i, x := range theirs.Likeliest {
			mine := ours[i].Alternatives
			at := slices.IndexFunc(mine, func(a model.Alternative) bool { return a.ID == int32(x[0]) })
			switch {
			case at == 0:
				same++
			case at == 1 && mine[1].Prob >= (1-c.tie)*mine[0].Prob:
				level++
				t.Logf("%v: place %d is level: %.5f here, %.5f for the other", c, i, mine[0].Prob, mine[1].Prob)
			default:
				t.Errorf("%v: place %d: %v with %.5f, here %v", c, i, x[0], x[1], mine)
			}
			if at >= 0 {
				most = max(most, math.Abs(mine[at].Prob-x[1]))
			}
		}
		t.Logf("%v: at %d of %d places the same token is likeliest, %d are level, probabilities within %.1g", c, same, count, level, most)
		if !(most <= c.near) {
			t.Errorf("%v: probabilities are up to %.3g apart, want %g", c, most, c.near)
		}
	}
}

// writtenGGUF writes a setting as a file of that type into the folder, and names it.
func writtenGGUF(t *testing.T, folder string, s setting, kind string) string {
	t.Helper()
	name := strings.ReplaceAll(s.model, "/", "-") + "-" + s.at + "." + kind + ".gguf"
	var out, notes strings.Builder
	args := []string{"-method", s.method, "-t", s.at, "-gguf", filepath.Join(folder, name), "-type", kind, filepath.Join("..", "..", s.model)}
	if err := run(t.Context(), args, &out, &notes); err != nil {
		t.Fatal(err)
	}
	return name
}

// ask has the page call one of its functions and reads the JSON that it answers. Arguments that are no texts are given as JSON.
func ask(t *testing.T, ctx context.Context, answer any, call string, args ...any) {
	t.Helper()
	for i, x := range args {
		if _, ok := x.(string); ok {
			continue
		}
		text, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		args[i] = text
	}
	call = fmt.Sprintf(call, args...)
	var said string
	if err := chromedp.Run(ctx, chromedp.Evaluate(call, &said, awaitPromise)); err != nil {
		t.Fatalf("%.100s: %v", call, err)
	}
	if err := json.Unmarshal([]byte(said), answer); err != nil {
		t.Fatalf("%.100s: %v", call, err)
	}
}

// stock opens a page beside the folder of the package that the variable names; what lies in files it can load.
func stock(t *testing.T, variable, page string) (ctx context.Context, files string) {
	t.Helper()
	wllama := os.Getenv(variable)
	if wllama == "" {
		t.Skip(variable + " names no folder of npm's @wllama/wllama: make llamacpp")
	}
	browser, err := browsertest.Start(browsertest.Quick...)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(browser.Close)
	files = t.TempDir()
	mux := http.NewServeMux()
	mux.Handle("/wllama/", http.StripPrefix("/wllama/", http.FileServer(http.Dir(wllama))))
	mux.Handle("/files/", http.StripPrefix("/files/", http.FileServer(http.Dir(files))))
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, page)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	ctx, cancel := chromedp.NewContext(browser.Context())
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 15*time.Minute)
	t.Cleanup(cancel)
	if err := chromedp.Run(ctx, chromedp.Navigate(server.URL), chromedp.Poll("window.ready", nil)); err != nil {
		t.Fatal(err)
	}
	return ctx, files
}

// writer is a page that has the package's version 3, which has no tokens any more and only completes, write from a file.
const writer = `<!doctype html><script type="module">
import { Wllama } from "/wllama/esm/index.js";
window.write = async (file, prompt, count) => {
	const w = new Wllama({ default: "/wllama/esm/wasm/wllama.wasm" }, { suppressNativeLog: true });
	const blob = await (await fetch(file)).blob();
	await w.loadModel([blob], { n_ctx: 1024, n_threads: 1, cache_type_k: "f32", cache_type_v: "f32" });
	const answer = await w.createCompletion({ prompt, max_tokens: count, temperature: 0, top_k: 1 });
	await w.exit();
	return JSON.stringify(answer.choices[0].text);
};
window.ready = true;
</script>`

// setting is a model under a method at a t.
type setting struct{ model, method, at string }

// written is what the newer llama.cpp is left to write with.
var written = []setting{{"small/clex", "clex", "4"}, {"small/clex", "clex", "64"}, {"small/yarn", "yarn", "16"}, {"medium/clex", "clex", "16"}}

// TestStockLlamaCppWritesTheSame: a newer llama.cpp, left to itself, writes the same text from the file that -gguf writes.
func TestStockLlamaCppWritesTheSame(t *testing.T) {
	ctx, files := stock(t, "CLEXLAB_WLLAMA3", writer)
	const prompt = "Once upon a time there was a little fox who lived"
	count := 400
	if testing.Short() {
		count = 150
	}
	for _, c := range written {
		name := writtenGGUF(t, files, c, "f32")
		args := []string{"-method", c.method, "-t", c.at, "-temperature", "0", "-top-p", "1", "-prompt", prompt}
		var theirs string
		ask(t, ctx, &theirs, "window.write(%q, %q, %s)", "/files/"+name, prompt, count)
		tokens, _ := greedy(t, append(args, filepath.Join("..", "..", c.model)), prompt, count)
		ours, at := "", 0
		for _, token := range tokens {
			ours += token.Text
			if strings.HasPrefix(theirs, ours) {
				at++
			}
		}
		t.Logf("%s: %d of %d tokens are the same", name, at, count)
		// Where two tokens are as likely, rounding chooses; what follows is another text.
		if at < count {
			if p := tokens[at].Alternatives; p[1].Prob < 0.99*p[0].Prob {
				t.Errorf("%s: after %q it writes %.30q, here %v", name, ours, theirs, p)
			}
		}
	}
}

func awaitPromise(p *runtime.EvaluateParams) *runtime.EvaluateParams {
	return p.WithAwaitPromise(true)
}

// greedy is what this program writes under the same flags.
func greedy(t *testing.T, args []string, prompt string, count int) (out []model.Token, ids []int32) {
	t.Helper()
	var notes strings.Builder
	o, err := parse(args, &notes)
	if err != nil {
		t.Fatal(err)
	}
	r, err := load(t.Context(), o, &notes)
	if err != nil {
		t.Fatal(err)
	}
	tokens := r.tok.Encode(nil, prompt)
	for tok, err := range model.Generate(t.Context(), r.reading(t, tokens, count), model.Options{MaxTokens: count, Alternatives: 10, Extension: &r.extension}) {
		if err != nil {
			t.Fatal(err)
		}
		tok.Alternatives = slices.Clone(tok.Alternatives)
		out, ids = append(out, tok), append(ids, tok.ID)
	}
	return out, ids
}

// reading is a text that has been read, with room for more.
func (r *running) reading(t *testing.T, ids []int32, room int) *model.Sequence {
	t.Helper()
	s, err := r.model.NewSequence(len(ids) + room)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.extension.Fit(t.Context(), s, len(ids)); err != nil {
		t.Fatal(err)
	}
	if err := s.Prefill(t.Context(), ids, nil); err != nil {
		t.Fatal(err)
	}
	return s
}
