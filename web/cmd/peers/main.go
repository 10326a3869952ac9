//go:build !js

// Command peers has this project's engine, llama.cpp, compiled to WebAssembly by npm's @wllama/wllama, and npm's onnxruntime-web read and
// write in turns in one headless browser, its kernels beside their twins in C, and prints tables: ours, and by how much they are more than
// theirs, medians of the ratios of a round.
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
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/tokenizer"
	"clexlab/tinymodels"
	"clexlab/web/browsertest"
)

//go:embed peers.html
var page []byte

func main() {
	wllama := flag.String("wllama", "", "folder of the package @wllama/wllama")
	dist := flag.String("dist", "", "folder with engine.js and ours.wasm")
	ort := flag.String("onnxruntime", "", "folder of the package onnxruntime-web, if any")
	twins := flag.String("twins", "", "folder with twin.wasm and twin-relaxed.wasm, if any")
	models := flag.String("models", "small,medium", "models, comma-separated")
	rounds := flag.Int("rounds", 5, "rounds that count")
	lengths := flag.String("lengths", "256,1024,4096", "lengths in tokens")
	flag.Parse()
	if err := run(folders{*wllama, *ort, *dist, *twins}, strings.Split(*models, ","), *rounds, strings.Split(*lengths, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// folders are where the contestants lie.
type folders struct{ wllama, onnxruntime, dist, twins string }

func run(in folders, models []string, rounds int, lengths []string) error {
	files, err := os.MkdirTemp("", "peers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(files)
	configs := map[string]model.Config{}
	for _, m := range models {
		c, err := export(m, files)
		if err != nil {
			return err
		}
		configs[m] = c
	}
	mux := http.NewServeMux()
	for name, dir := range map[string]string{"/wllama/": in.wllama, "/onnxruntime/": in.onnxruntime, "/dist/": in.dist, "/twins/": in.twins} {
		if dir != "" {
			mux.Handle(name, http.StripPrefix(name, http.FileServer(http.Dir(dir))))
		}
	}
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
		c := configs[m]
		rates, err := ask(tab, fmt.Sprintf("window.compare(%q, %d, [%s], {layers: %d, heads: %d, dim: %d, runs: %t})", m, rounds, strings.Join(cells, ","), c.Layers, c.KVHeads, c.Rotary.HeadDim, in.onnxruntime != ""))
		if err != nil {
			return fmt.Errorf("%s: %w", m, err)
		}
		table(m, rates, lengths)
	}
	if in.twins == "" {
		return nil
	}
	for _, m := range models {
		var cells []string
		for _, k := range kernels {
			for _, s := range shapes(configs[m]) {
				cells = append(cells, fmt.Sprintf("[%q, %d, %d, %d]", k.kind, k.rows, s.In, s.Out))
			}
		}
		rates, err := ask(tab, fmt.Sprintf("window.products(%d, [%s])", rounds, strings.Join(cells, ",")))
		if err != nil {
			return fmt.Errorf("products of %s: %w", m, err)
		}
		productTable(m, shapes(configs[m]), rates, []string{"C", "C, relaxed"})
	}
	return nil
}

// ask has the page compare something: rates by cell and contestant.
func ask(tab context.Context, script string) (rates map[string]map[string][]float64, err error) {
	ctx, end := context.WithTimeout(tab, time.Hour)
	defer end()
	var text string
	if err := chromedp.Run(ctx, chromedp.Evaluate(script, &text,
		func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) })); err != nil {
		return nil, err
	}
	return rates, json.Unmarshal([]byte(text), &rates)
}

// longest is the longest text in tokens, with what is written behind it.
const longest = 4224

// export writes a model's base as the others run it fastest here, with weights in float32.
func export(name, dir string) (cfg model.Config, err error) {
	sub, err := fs.Sub(tinymodels.Files, name+"/base")
	if err != nil {
		return cfg, err
	}
	c, err := checkpoint.Read(context.Background(), sub, nil)
	if err != nil {
		return cfg, err
	}
	words, err := tinymodels.Files.ReadFile(name + "/" + checkpoint.TokenizerFile)
	if err != nil {
		return cfg, err
	}
	tok, err := tokenizer.Parse(words)
	if err != nil {
		return cfg, err
	}
	s, err := clex.New("rope", c.Config.Rotary, clex.Options{})
	if err != nil {
		return cfg, err
	}
	f, err := os.Create(filepath.Join(dir, name+".gguf"))
	if err != nil {
		return cfg, err
	}
	defer f.Close()
	if err := c.WriteGGUF(f, tok, s, 1, checkpoint.F32); err != nil {
		return cfg, err
	}
	var e clex.Encoding
	if err := s.Encode(&e, 1, longest); err != nil {
		return cfg, err
	}
	frequencies := make([]float32, len(e.InvFreq))
	for i, v := range e.InvFreq {
		frequencies[i] = float32(v)
	}
	graph, err := llama(c.Config, c.Weights, frequencies, longest)
	if err != nil {
		return cfg, err
	}
	return c.Config, os.WriteFile(filepath.Join(dir, name+".onnx"), graph, 0o644)
}

const mine = "ours"

func table(name string, rates map[string]map[string][]float64, lengths []string) {
	fmt.Printf("\n| %s |", name)
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
	for _, who := range names {
		if who == mine {
			fmt.Print("| ours, tokens/s |")
		} else {
			fmt.Printf("| ÷ %s |", who)
		}
		for _, op := range []string{"read ", "write "} {
			for _, n := range lengths {
				cell := rates[op+n]
				if who == mine {
					fmt.Printf(" %.0f |", median(cell[mine]))
					continue
				}
				ratios := make([]float64, len(cell[who]))
				for i, v := range cell[who] {
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
