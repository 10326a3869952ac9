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
window.follow = async (file, prompt, text) => {
	const w = new Wllama({ "single-thread/wllama.wasm": "/wllama/esm/single-thread/wllama.wasm" }, { suppressNativeLog: true });
	const blob = await (await fetch(file)).blob();
	await w.loadModel([blob], { n_ctx: 1024, n_threads: 1, cache_type_k: "f32", cache_type_v: "f32" });
	const tokens = await w.tokenize(prompt), likeliest = [];
	await w.decode(tokens, {});
	for (const token of text) {
		likeliest.push((await w.getLogits(1)).map(x => [x.token, x.p])[0]);
		await w.decode([token], {});
	}
	await w.exit();
	return JSON.stringify({ tokens, likeliest });
};
window.ready = true;
</script>`

// TestStockLlamaCppReadsTheSame: reading what this program wrote, stock llama.cpp holds the same tokens for likeliest
// with the file that -gguf writes.
func TestStockLlamaCppReadsTheSame(t *testing.T) {
	ctx, files := stock(t, "CLEXLAB_WLLAMA", runner)
	const prompt = "Once upon a time there was a little fox who lived"
	count := 400
	if testing.Short() {
		// Every token is three messages.
		count = 40
	}
	for _, c := range []struct {
		model, method, kind, at string
		tie, near               float64
	}{
		// tie is by how much, relatively, two tokens may differ for rounding to choose; near how far probabilities may be apart.
		{"small/clex", "clex", "f32", "1", 0.01, 5e-3},
		{"small/clex", "clex", "f32", "4", 0.01, 5e-3},
		{"small/clex", "clex", "f32", "16", 0.01, 5e-3},
		{"small/clex", "clex", "f32", "64", 0.01, 5e-3},
		{"small/yarn", "yarn", "f32", "16", 0.01, 5e-3},
		{"small/ntk", "ntk", "f32", "16", 0.01, 5e-3},
		{"medium/clex", "clex", "f32", "64", 0.01, 5e-3},
		{"small/clex", "clex", "f16", "4", 0.02, 1e-2},
		{"small/clex", "clex", "q8_0", "4", 0.2, 5e-2},
	} {
		if testing.Short() && c.kind == "f32" && slices.Contains(written, setting{c.model, c.method, c.at}) {
			continue // the other test has all its tokens
		}
		name := strings.ReplaceAll(c.model, "/", "-") + "-" + c.at + "." + c.kind + ".gguf"
		var out, notes strings.Builder
		folder := filepath.Join("..", "..", c.model)
		args := []string{"-method", c.method, "-t", c.at, "-temperature", "0", "-top-p", "1", "-prompt", prompt}
		if err := run(t.Context(), append(args, "-gguf", filepath.Join(files, name), "-type", c.kind, folder), &out, &notes); err != nil {
			t.Fatal(err)
		}
		ours, text := greedy(t, append(args, folder), prompt, count)
		list, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var answer string
		if err := chromedp.Run(ctx, chromedp.Evaluate(fmt.Sprintf("window.follow(%q, %q, %s)", "/files/"+name, prompt, list), &answer, awaitPromise)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var theirs struct {
			Tokens    []int32      `json:"tokens"`
			Likeliest [][2]float64 `json:"likeliest"`
		}
		if err := json.Unmarshal([]byte(answer), &theirs); err != nil {
			t.Fatal(err)
		}
		same, most := 0, 0.0
		for i, x := range theirs.Likeliest {
			mine := ours[i].Alternatives
			at := slices.IndexFunc(mine, func(a model.Alternative) bool { return a.ID == int32(x[0]) })
			if at == 0 {
				same++
			}
			if at < 0 || mine[at].Prob < (1-c.tie)*mine[0].Prob {
				t.Errorf("%s: place %d: %v with %.5f, here %v", name, i, x[0], x[1], mine)
				break
			}
			most = max(most, math.Abs(mine[at].Prob-x[1]))
		}
		t.Logf("%s: at %d of %d places the same token is likeliest, probabilities within %.1g", name, same, count, most)
		if most > c.near || len(theirs.Likeliest) != count {
			t.Errorf("%s: probabilities are up to %.3g apart, want %g", name, most, c.near)
		}
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
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
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
	return answer.choices[0].text;
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
	const prompt, count = "Once upon a time there was a little fox who lived", 400
	for _, c := range written {
		name := strings.ReplaceAll(c.model, "/", "-") + "-" + c.at + ".gguf"
		var out, notes strings.Builder
		folder := filepath.Join("..", "..", c.model)
		args := []string{"-method", c.method, "-t", c.at, "-temperature", "0", "-top-p", "1", "-prompt", prompt}
		if err := run(t.Context(), append(args, "-gguf", filepath.Join(files, name), "-type", "f32", folder), &out, &notes); err != nil {
			t.Fatal(err)
		}
		var theirs string
		if err := chromedp.Run(ctx, chromedp.Evaluate(fmt.Sprintf("window.write(%q, %q, %d)", "/files/"+name, prompt, count), &theirs, awaitPromise)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		tokens, _ := greedy(t, append(args, folder), prompt, count)
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
