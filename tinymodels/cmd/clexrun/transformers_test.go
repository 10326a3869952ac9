package main

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// saidHere is what the script compares with: a text that begins with Prompt tokens of a prompt.
type saidHere struct {
	Taught bool     `json:"taught"`
	T      float64  `json:"t"`
	Prompt int      `json:"prompt"`
	IDs    []int32  `json:"ids"`
	Texts  []string `json:"texts"`
}

// TestTransformersReadsTheSame: stock transformers reads what -hf writes, and what a card's Python makes of a folder with CLEX's own
// network, as this program does: the same token likeliest at every place of a text, logits close, the same text
// written, the same tokens of any words. CLEXLAB_TRANSFORMERS names a Python that has transformers.
func TestTransformersReadsTheSame(t *testing.T) {
	python := os.Getenv("CLEXLAB_TRANSFORMERS")
	if python == "" {
		t.Skip("CLEXLAB_TRANSFORMERS names no Python with transformers: make transformers")
	}
	script, err := filepath.Abs("testdata/read_with_transformers.py")
	if err != nil {
		t.Fatal(err)
	}
	const prompt, count = "Once upon a time there was a little fox who lived", 400
	for _, c := range []struct {
		model, method, kind, at string
		taught                  bool
		// near is how far logits may be apart.
		near float64
	}{
		{"small/clex", "clex", "f32", "1", false, 2e-3},
		{"small/clex", "clex", "f32", "4", false, 2e-3},
		{"small/clex", "clex", "f32", "16", false, 2e-3},
		{"small/clex", "clex", "f32", "64", false, 2e-3},
		{"small/clex", "clex", "f32", "4", true, 2e-3},
		{"small/clex", "clex", "f32", "64", true, 2e-3},
		{"small/ntk", "ntk", "f32", "16", false, 2e-3},
		{"small/yarn", "yarn", "f32", "16", false, 2e-3},
		{"medium/clex", "clex", "f32", "64", false, 2e-3},
		{"small/clex", "clex", "f16", "4", false, 0.1},
	} {
		name := strings.ReplaceAll(c.model, "/", "-") + " by " + c.method + " at " + c.at + ", " + c.kind
		if c.taught {
			name += ", by the card's Python"
		}
		t.Run(name, func(t *testing.T) {
			source, folder := filepath.Join("..", "..", c.model), filepath.Join(t.TempDir(), "model")
			args := []string{"-method", c.method, "-t", c.at, "-temperature", "0", "-top-p", "1", "-prompt", prompt}
			write := append(args, "-hf", folder, "-type", c.kind, source)
			if c.taught {
				write = []string{"-clex", folder, "-type", c.kind, source}
			}
			var out, notes strings.Builder
			if err := run(t.Context(), write, &out, &notes); err != nil {
				t.Fatal(err)
			}
			o, err := parse(append(args, source), &notes)
			if err != nil {
				t.Fatal(err)
			}
			r, err := load(t.Context(), o, &notes)
			if err != nil {
				t.Fatal(err)
			}
			_, text := greedy(t, append(args, source), prompt, count)
			tokens := r.tok.Encode(nil, prompt)
			said := saidHere{c.taught, o.rule.Fixed, len(tokens), append(tokens, text...), []string{
				prompt, "  Two  spaces,\ttabs\nand lines\n\n", "Ünïcödé — “quotes” … 日本 🦊", "It's 3,5 o'clock; she'll've 1234567 reasons!", "<|endoftext|> # x"}}
			data, err := json.Marshal(said)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, "ours.json"), data, 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), python, script, folder)
			var trouble strings.Builder
			cmd.Stderr = &trouble
			answer, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, trouble.String())
			}
			var theirs struct {
				Versions           string
				Likeliest, Written []int32
				Logits             []float64
				Texts              [][]int32
			}
			if err := json.Unmarshal(answer, &theirs); err != nil {
				t.Fatal(err)
			}
			logits := r.reading(t, said.IDs, 0).Logits()
			far := 0.0
			for i, x := range theirs.Logits {
				far = max(far, math.Abs(x-float64(logits[i])))
			}
			same, wrote := 0, 0
			for i, id := range theirs.Likeliest {
				if id == text[i] {
					same++
				}
			}
			for wrote < count && theirs.Written[wrote] == text[wrote] {
				wrote++
			}
			t.Logf("%s: at %d of %d places the same token is likeliest, %d of %d written alike, logits of the last within %.1g", theirs.Versions, same, count, wrote, count, far)
			if len(theirs.Logits) != len(logits) || !(far <= c.near) {
				t.Errorf("logits are up to %.3g apart, want %g", far, c.near)
			}
			if c.kind == "f32" && (same != count || wrote != count) {
				t.Errorf("the same token is likeliest at %d of %d places, and %d are written alike", same, count, wrote)
			}
			for i, s := range said.Texts {
				if want := r.tok.Encode(nil, s); !slices.Equal(theirs.Texts[i], want) {
					t.Errorf("%q is %v, here %v", s, theirs.Texts[i], want)
				}
			}
		})
	}
}
