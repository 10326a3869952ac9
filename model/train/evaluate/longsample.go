package evaluate

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"clexlab/model"
)

// LongSamplePlan is a long text to be written and how it is judged.
type LongSamplePlan struct {
	// Prompt begins the text, Tokens is how long it becomes.
	Prompt   []int32
	Tokens   int
	Sampling model.Sampling
	// Decode turns tokens into text, Known tells a word of the training text, in lower case.
	Decode func(tokens []int32) string
	Known  func(word string) bool
	// Judge is a model that reads the text one trained window at a time, so that it is
	// never asked about more than it was trained for.
	Judge *Reader
}

// LongSample is a long text that a model wrote, judged in pieces of one trained window.
type LongSample struct {
	// Label says which method and weights wrote it.
	Label string `json:"label"`
	Piece int    `json:"piece"`
	// Loss is the judge's mean loss of each piece in nats per token, Words the
	// share of its words that occur in the training text. results.json has the loss under a name of its own.
	Loss  []float64 `json:"surprise"`
	Words []float64 `json:"words"`
	// Ending is the last of the text.
	Ending string `json:"ending"`
}

// WriteLong writes a text under r's scheme, t following its length, and judges it.
func (r *Reader) WriteLong(ctx context.Context, p LongSamplePlan, progress func(done int)) (LongSample, error) {
	sample := LongSample{Piece: r.Extension.Scheme.Rotary().Window}
	text, err := r.write(ctx, p.Prompt, p.Tokens, p.Sampling, progress)
	if err != nil {
		return sample, err
	}
	for at := 0; at+sample.Piece <= len(text); at += sample.Piece {
		piece := text[at : at+sample.Piece]
		losses, err := p.Judge.Losses(ctx, piece, 1)
		if err != nil {
			return sample, err
		}
		var sum float64
		for _, v := range losses {
			sum += float64(v)
		}
		sample.Loss = append(sample.Loss, round(sum/float64(len(losses))))
		sample.Words = append(sample.Words, round(knownWords(p.Decode(piece), p.Known)))
	}
	sample.Ending = p.Decode(text[max(0, len(text)-80):])
	return sample, nil
}

// write goes on from a prompt until the text has so many tokens, t following its length, and returns all of it.
func (r *Reader) write(ctx context.Context, prompt []int32, tokens int, sampling model.Sampling, progress func(done int)) ([]int32, error) {
	x := &r.Extension
	if err := r.sequence.Truncate(0); err != nil {
		return nil, err
	}
	if _, err := x.Fit(ctx, r.sequence, len(prompt)); err != nil {
		return nil, err
	}
	if err := r.sequence.Prefill(ctx, prompt, nil); err != nil {
		return nil, err
	}
	options := model.Options{Sampling: sampling, MaxTokens: tokens - len(prompt), Extension: x}
	for token, err := range model.Generate(ctx, r.sequence, options) {
		if err != nil {
			return nil, err
		}
		if progress != nil {
			progress(token.N)
		}
	}
	return slices.Clone(r.sequence.Tokens()), nil
}

// knownWords is the share of the whole words of text that are known.
func knownWords(text string, known func(string) bool) float64 {
	words := wholeWords(text)
	n := 0
	for _, w := range words {
		if known(w) {
			n++
		}
	}
	return float64(n) / float64(max(1, len(words)))
}

// wholeWords are the words of text but the first and the last, which may be cut.
func wholeWords(text string) []string {
	words := Words(text)
	if len(words) < 3 {
		return nil
	}
	return words[1 : len(words)-1]
}

// Words splits text into its words, in lower case.
func Words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) && c != '\'' })
}
