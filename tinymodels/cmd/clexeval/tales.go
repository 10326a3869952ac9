package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/tokenizer"
	"clexlab/model/train/evaluate"
	"clexlab/tinymodels"
)

const (
	taleSeeds  = 3
	talePrompt = "Once upon a time there was a king who had three sons"
)

// tales lets plain RoPE and CLEX each write taleSeeds long texts, and the base
// judge them a window at a time.
func (e *evaluation) tales(ctx context.Context, m tinymodels.Model, tok *tokenizer.Tokenizer) error {
	if e.taleTokens == 0 || len(e.results.Tales) > 0 && !e.again {
		return nil
	}
	books, err := e.corpus.Books("train")
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, b := range books {
		for _, w := range evaluate.Words(b) {
			known[w] = true
		}
	}
	plan := evaluate.TalePlan{
		Prompt: tok.Encode(nil, talePrompt), Tokens: e.taleTokens,
		Decode: func(tokens []int32) string { return string(tok.Decode(nil, tokens)) },
		Known:  func(w string) bool { return known[w] },
	}
	e.results.Tales = nil
	for _, name := range []string{"base", "clex"} {
		at := slices.IndexFunc(m.Variants, func(v tinymodels.Variant) bool { return v.Name == name })
		if at < 0 {
			continue
		}
		r, err := e.reader(ctx, m.Variants[at], e.taleTokens)
		if err != nil {
			return err
		}
		if name == "base" {
			// The judge reads one window at t = 1, where the base is what it was trained as.
			if plan.Judge, err = e.reader(ctx, m.Variants[at], r.Scheme.Rotary().Window); err != nil {
				return err
			}
		}
		for seed := range uint64(taleSeeds) {
			plan.Sampling = model.Sampling{Temperature: 0.8, TopP: 0.95, Seed: seed + 1}
			tale, err := r.Tale(ctx, plan, nil)
			if err != nil {
				return fmt.Errorf("tale of %s: %w", name, err)
			}
			tale.Label = fmt.Sprintf("%s, seed %d", name, seed+1)
			fmt.Printf("tale of %s: surprise %v, words %v\n", tale.Label, tale.Surprise, tale.Words)
			e.results.Tales = append(e.results.Tales, tale)
		}
	}
	return nil
}

// reader reads a variant as it ships, t following the length of the text.
func (e *evaluation) reader(ctx context.Context, v tinymodels.Variant, longest int) (*evaluate.Reader, error) {
	c, err := checkpoint.Read(ctx, os.DirFS(filepath.Join(e.dir, filepath.Dir(v.Config.Path))), nil)
	if err != nil {
		return nil, err
	}
	m, err := model.New(c.Config, c.Weights)
	if err != nil {
		return nil, err
	}
	scheme, err := c.SchemeNamed(v.Scheme)
	if err != nil {
		return nil, err
	}
	return evaluate.NewReader(m, scheme, clex.LengthRule{TMax: c.TMax()}, longest)
}

// taleTable writes how the texts held up.
func taleTable(b *strings.Builder, tales []evaluate.Tale) {
	if len(tales) == 0 {
		return
	}
	fmt.Fprintf(b, "## Long tales\n\nEach text was written from %q at temperature 0.8, top-p 0.95, t following its length. "+
		"Every %d tokens of it are judged alone: how surprised the base is to read them, in nats per token, and what share of their words occurs in the training text.\n\n| text |", talePrompt, tales[0].Piece)
	// Eight columns are enough to see the trend.
	pieces := len(tales[0].Surprise)
	step := max(1, pieces/8)
	var shown []int
	for i := 0; i < pieces; i += step {
		shown = append(shown, i)
	}
	if last := pieces - 1; shown[len(shown)-1] != last {
		shown = append(shown, last)
	}
	for _, i := range shown {
		fmt.Fprintf(b, " to %d |", (i+1)*tales[0].Piece)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(shown)) + "\n")
	for _, t := range tales {
		fmt.Fprintf(b, "| %s |", t.Label)
		for _, i := range shown {
			if i < len(t.Surprise) {
				fmt.Fprintf(b, " %.2f, %.0f %% |", t.Surprise[i], 100*t.Words[i])
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\nHow they end:\n\n")
	for _, t := range tales {
		fmt.Fprintf(b, "- %s: … %s\n", t.Label, strings.Join(strings.Fields(t.Ending), " "))
	}
	b.WriteString("\n")
}
