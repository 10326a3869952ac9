//go:build !js

// Command peers has this project's engine and llama.cpp, compiled to WebAssembly by npm's @wllama/wllama, read and write in turns in one
// headless browser, and prints a table: our tokens a second, and by how much ours are more than theirs, medians of the ratios of a round.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"clexlab/clex"
	"clexlab/model/checkpoint"
	"clexlab/model/tokenizer"
	"clexlab/tinymodels"
	"clexlab/web/browsertest"
)

//go:embed peers.html
var page []byte

func main() {
	wllama := flag.String("wllama", "", "folder of the package @wllama/wllama")
	dist := flag.String("dist", "", "folder with engine.js, wasm_exec.js, replay.js and ours.wasm")
	models := flag.String("models", "small,medium", "models, comma-separated")
	rounds := flag.Int("rounds", 5, "rounds that count")
	lengths := flag.String("lengths", "256,1024,4096", "lengths in tokens")
	flag.Parse()
	if err := run(*wllama, *dist, strings.Split(*models, ","), *rounds, strings.Split(*lengths, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run(wllama, dist string, models []string, rounds int, lengths []string) error {
	files, err := os.MkdirTemp("", "peers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(files)
	for _, m := range models {
		if err := export(m, filepath.Join(files, m+".gguf")); err != nil {
			return err
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/wllama/", http.StripPrefix("/wllama/", http.FileServer(http.Dir(wllama))))
	mux.Handle("/dist/", http.StripPrefix("/dist/", http.FileServer(http.Dir(dist))))
	mux.Handle("/models/", http.StripPrefix("/models/", http.FileServerFS(tinymodels.Files)))
	mux.Handle("/", http.FileServer(http.Dir(files)))
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(page)
	})
	// Threads need memory that is shared, which browsers give only to pages that let nobody else in.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Cross-Origin-Embedder-Policy", "require-corp")
		mux.ServeHTTP(w, r)
	}))
	defer server.Close()
	browser, err := browsertest.Start()
	if err != nil {
		return err
	}
	defer browser.Close()
	tab, cancel := chromedp.NewContext(browser.Context())
	defer cancel()
	if err := chromedp.Run(tab, chromedp.Navigate(server.URL), chromedp.Poll("window.ready", nil)); err != nil {
		return err
	}
	var cells []string
	for _, op := range []string{"read", "write"} {
		for _, n := range lengths {
			cells = append(cells, fmt.Sprintf("[%q, %s]", op, n))
		}
	}
	for _, m := range models {
		var text string
		ctx, end := context.WithTimeout(tab, time.Hour)
		err := chromedp.Run(ctx, chromedp.Evaluate(fmt.Sprintf("window.compare(%q, %d, [%s])", m, rounds, strings.Join(cells, ",")), &text,
			func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
		end()
		if err != nil {
			return fmt.Errorf("%s: %w", m, err)
		}
		var rates map[string]map[string][]float64
		if err := json.Unmarshal([]byte(text), &rates); err != nil {
			return err
		}
		table(m, rates, lengths)
	}
	return nil
}

// export writes a model's base as llama.cpp runs it fastest here, with weights in float32.
func export(name, file string) error {
	sub, err := fs.Sub(tinymodels.Files, name+"/base")
	if err != nil {
		return err
	}
	c, err := checkpoint.Read(context.Background(), sub, nil)
	if err != nil {
		return err
	}
	words, err := tinymodels.Files.ReadFile(name + "/" + checkpoint.TokenizerFile)
	if err != nil {
		return err
	}
	tok, err := tokenizer.Parse(words)
	if err != nil {
		return err
	}
	s, err := clex.New("rope", c.Config.Rotary, clex.Options{})
	if err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	return c.WriteGGUF(f, tok, s, 1, checkpoint.F32)
}

const mine = "ours"

func table(model string, rates map[string]map[string][]float64, lengths []string) {
	fmt.Printf("\n| %s |", model)
	for _, op := range []string{"read", "write at"} {
		for _, n := range lengths {
			fmt.Printf(" %s %s |", op, n)
		}
	}
	fmt.Printf("\n|---|%s\n", strings.Repeat("---|", 2*len(lengths)))
	names := slices.Sorted(maps.Keys(rates["read "+lengths[0]]))
	slices.SortStableFunc(names, func(a, b string) int {
		return map[bool]int{true: -1, false: 0}[a == mine] - map[bool]int{true: -1, false: 0}[b == mine]
	})
	for _, name := range names {
		if name == mine {
			fmt.Print("| ours, tokens/s |")
		} else {
			fmt.Printf("| ÷ %s |", name)
		}
		for _, op := range []string{"read ", "write "} {
			for _, n := range lengths {
				cell := rates[op+n]
				if name == mine {
					fmt.Printf(" %.0f |", median(cell[mine]))
					continue
				}
				ratios := make([]float64, len(cell[name]))
				for i, v := range cell[name] {
					ratios[i] = cell[mine][i] / v
				}
				fmt.Printf(" %.2f |", median(ratios))
			}
		}
		fmt.Println()
	}
}

func median(x []float64) float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	if n := len(x); n%2 == 0 {
		return (x[n/2-1] + x[n/2]) / 2
	}
	return x[len(x)/2]
}
