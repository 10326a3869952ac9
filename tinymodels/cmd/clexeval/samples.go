package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"clexlab/model"
	"clexlab/model/tokenizer"
	"clexlab/model/train/evaluate"
	"clexlab/tinymodels"
)

const (
	sampleSeeds  = 3
	samplePrompt = "Once upon a time there was a king who had three sons"
)

// samples lets plain RoPE and CLEX each write sampleSeeds long texts, and the base
// judge them a window at a time.
func (e *evaluation) samples(ctx context.Context, m tinymodels.Model, tok *tokenizer.Tokenizer) error {
	if e.sampleTokens == 0 || len(e.only) > 0 && e.only[0] != "none" || len(e.results.LongSamples) > 0 && !e.again {
		return nil
	}
	known, err := e.knownWords()
	if err != nil {
		return err
	}
	plan := evaluate.LongSamplePlan{
		Prompt: tok.Encode(nil, samplePrompt), Tokens: e.sampleTokens,
		Decode: func(tokens []int32) string { return string(tok.Decode(nil, tokens)) },
		Known:  known,
	}
	e.results.LongSamples = nil
	for _, name := range []string{"base", "clex"} {
		at := slices.IndexFunc(m.Variants, func(v tinymodels.Variant) bool { return v.Name == name })
		if at < 0 {
			continue
		}
		x, err := e.load(ctx, job{path: pathOf(e.dir, m.Variants[at]), variant: m.Variants[at], scheme: m.Variants[at].Scheme, trained: true})
		if err != nil {
			return err
		}
		r := x.reader
		if name == "base" {
			// The judge reads one window at t = 1, where the base is what it was trained as.
			plan.Judge = r
		}
		for seed := range uint64(sampleSeeds) {
			plan.Sampling = model.Sampling{Temperature: 0.8, TopP: 0.95, Seed: seed + 1}
			sample, err := r.WriteLong(ctx, plan, nil)
			if err != nil {
				return fmt.Errorf("sample of %s: %w", name, err)
			}
			sample.Label = fmt.Sprintf("%s, seed %d", name, seed+1)
			fmt.Printf("sample of %s: loss %v, words %v\n", sample.Label, sample.Loss, sample.Words)
			e.results.LongSamples = append(e.results.LongSamples, sample)
		}
	}
	return nil
}

// knownWords tells the words of the training text.
func (e *evaluation) knownWords() (func(word string) bool, error) {
	if e.known == nil {
		books, err := e.corpus.Books("train", "tales", "simple")
		if err != nil {
			return nil, err
		}
		e.known = map[string]bool{}
		for _, b := range books {
			for _, w := range evaluate.Words(b) {
				e.known[w] = true
			}
		}
	}
	return func(w string) bool { return e.known[w] }, nil
}

// sampleTable writes how the texts held up.
func sampleTable(b *strings.Builder, samples []evaluate.LongSample) {
	if len(samples) == 0 {
		return
	}
	fmt.Fprintf(b, "## Long samples\n\nEach text was written from %q at temperature 0.8, top-p 0.95, t following its length. "+
		"Every %d tokens of it are judged alone: how surprised the base is to read them, in nats per token, and what share of their words occurs in the training text.\n\n| text |", samplePrompt, samples[0].Piece)
	// Eight columns are enough to see the trend.
	pieces := len(samples[0].Loss)
	step := max(1, pieces/8)
	var shown []int
	for i := 0; i < pieces; i += step {
		shown = append(shown, i)
	}
	if last := pieces - 1; shown[len(shown)-1] != last {
		shown = append(shown, last)
	}
	for _, i := range shown {
		fmt.Fprintf(b, " to %d |", (i+1)*samples[0].Piece)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(shown)) + "\n")
	for _, t := range samples {
		fmt.Fprintf(b, "| %s |", t.Label)
		for _, i := range shown {
			if i < len(t.Loss) {
				fmt.Fprintf(b, " %.2f, %.0f %% |", t.Loss[i], 100*t.Words[i])
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\nHow they end:\n\n")
	for _, t := range samples {
		fmt.Fprintf(b, "- %s: … %s\n", t.Label, strings.Join(strings.Fields(t.Ending), " "))
	}
	b.WriteString("\n")
}
