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
	wllama := os.Getenv("CLEXLAB_WLLAMA")
	if wllama == "" {
		t.Skip("CLEXLAB_WLLAMA names no folder of npm's @wllama/wllama: make llamacpp")
	}
	browser, err := browsertest.Start()
	if err != nil {
		t.Skip(err)
	}
	defer browser.Close()
	files := t.TempDir()
	mux := http.NewServeMux()
	mux.Handle("/wllama/", http.StripPrefix("/wllama/", http.FileServer(http.Dir(wllama))))
	mux.Handle("/files/", http.StripPrefix("/files/", http.FileServer(http.Dir(files))))
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, runner)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	ctx, cancel := chromedp.NewContext(browser.Context())
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	if err := chromedp.Run(ctx, chromedp.Navigate(server.URL), chromedp.Poll("window.ready", nil)); err != nil {
		t.Fatal(err)
	}
	const prompt, count = "Once upon a time there was a little fox who lived", 400
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
	s, err := r.model.NewSequence(len(tokens) + count)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.extension.Fit(t.Context(), s, len(tokens)); err != nil {
		t.Fatal(err)
	}
	if err := s.Prefill(t.Context(), tokens, nil); err != nil {
		t.Fatal(err)
	}
	for tok, err := range model.Generate(t.Context(), s, model.Options{MaxTokens: count, Alternatives: 10, Extension: &r.extension}) {
		if err != nil {
			t.Fatal(err)
		}
		tok.Alternatives = slices.Clone(tok.Alternatives)
		out, ids = append(out, tok), append(ids, tok.ID)
	}
	return out, ids
}
