package evaluate

import (
	"context"
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
	x := &r.Extension
	if err := r.sequence.Truncate(0); err != nil {
		return sample, err
	}
	if _, err := x.Fit(ctx, r.sequence, len(p.Prompt)); err != nil {
		return sample, err
	}
	if err := r.sequence.Prefill(ctx, p.Prompt, nil); err != nil {
		return sample, err
	}
	options := model.Options{Sampling: p.Sampling, MaxTokens: p.Tokens - len(p.Prompt), Extension: x}
	for token, err := range model.Generate(ctx, r.sequence, options) {
		if err != nil {
			return sample, err
		}
		if progress != nil {
			progress(token.N)
		}
	}
	text := append([]int32(nil), r.sequence.Tokens()...)
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

// knownWords is the share of the words of text that are known. The first and the
// last may be cut and do not count.
func knownWords(text string, known func(string) bool) float64 {
	words := Words(text)
	if len(words) < 3 {
		return 0
	}
	words = words[1 : len(words)-1]
	n := 0
	for _, w := range words {
		if known(w) {
			n++
		}
	}
	return float64(n) / float64(len(words))
}

// Words splits text into its words, in lower case.
func Words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) && c != '\'' })
}
