package work

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"clexlab/wasm/wire/jobs"
)

// subject is a text that measurements ask about.
type subject struct {
	revision int
	tokens   []int32
}

// bytesPerToken bounds how much of a text is cut into tokens when so many of them are wanted: no
// vocabulary here has longer words on average.
const bytesPerToken = 16

// take takes a text in: tokens that go on where it has some, or words to be cut into tokens,
// which are told then as they are spelled.
func (w *Worker) take(ctx context.Context, r *jobs.Subject) error {
	delete(w.subjects, r.Replaces)
	text := []byte(r.Text)
	if r.Address != "" {
		var err error
		if text, err = w.FetchText(ctx, r.Address); err != nil {
			return err
		}
	}
	if len(text) > 0 {
		tokens, spelled := w.cut(text, min(r.MaxTokens, w.maxTokens()))
		w.subjects[r.ID] = &subject{r.Revision, tokens}
		w.Emit(jobs.Answer{Spelled: spelled})
		return nil
	}
	have := w.subjects[r.ID]
	if have == nil {
		have = &subject{}
	}
	if r.From < 0 || r.From > len(have.tokens) {
		return fmt.Errorf("text %d goes on at token %d, where it has %d", r.ID, r.From, len(have.tokens))
	}
	// Losses keep a text's tokens: they are not written over.
	w.subjects[r.ID] = &subject{r.Revision, slices.Concat(have.tokens[:r.From], r.Tokens)}
	return nil
}

// cut cuts the beginning of a text into at most so many tokens.
func (w *Worker) cut(text []byte, most int) ([]int32, *jobs.Spelled) {
	spelled := &jobs.Spelled{Of: len(text)}
	if limit := most * bytesPerToken; len(text) > limit {
		for limit > 0 && !utf8.RuneStart(text[limit]) {
			limit--
		}
		text = text[:limit]
	}
	tokens := w.tok.Encode(nil, strings.ToValidUTF8(string(text), "\uFFFD"))
	tokens = tokens[:min(len(tokens), most)]
	spelled.Bytes = min(len(w.tok.Decode(nil, tokens)), spelled.Of)
	stream := w.tok.Stream()
	spelled.Tokens = make([]string, len(tokens))
	for i, id := range tokens {
		spelled.Tokens[i] = strings.ToValidUTF8(stream.Decode(id), "\uFFFD")
	}
	return tokens, spelled
}

// tokensOf is the text, or the beginning of it, that a measurement asks about.
func (w *Worker) tokensOf(r *jobs.Measure) ([]int32, error) {
	s := w.subjects[r.Subject]
	if s == nil {
		return nil, fmt.Errorf("there is no text %d here", r.Subject)
	}
	n := min(len(s.tokens), w.maxTokens())
	if r.Length > 0 {
		n = min(n, r.Length)
	}
	return s.tokens[:n], nil
}
