package work

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"clexlab/model"
	"clexlab/wasm/wire/jobs"
)

const (
	// endOfStory stands for the special token between two texts.
	endOfStory = "\n\n⁂\n\n"
	// alternatives is how many rivals come with each token.
	alternatives = 8
	// batch is how long tokens are held back to travel together.
	batch = 30 * time.Millisecond
)

// write reads what is given and continues it.
func (w *Worker) write(ctx context.Context, id int, r *jobs.Write) (string, error) {
	start := time.Now()
	if err := w.use(ctx, r.Method); err != nil {
		return "", err
	}
	tokens := r.Tokens
	fromPrompt := len(tokens) == 0
	if fromPrompt {
		tokens = w.tok.Encode(nil, r.Prompt)
	}
	if len(tokens) == 0 {
		return "", fmt.Errorf("the prompt is empty: write a few words first")
	}
	upto := min(r.Upto, w.maxTokens())
	if len(tokens) >= upto {
		return "", fmt.Errorf("the text has %d tokens already, the length asked for is %d: choose a longer one", len(tokens), upto)
	}
	s, rest, err := w.resume(w.text, tokens, upto)
	if err != nil {
		return "", err
	}
	w.text = s
	if fromPrompt && s.Len() > 0 {
		// The prompt's surprise is shown, so it is read anew from its first token.
		if err := s.Truncate(0); err != nil {
			return "", err
		}
		rest = tokens
	}
	ext, err := w.extension(r.Method, &r.Tune)
	if err != nil {
		return "", err
	}
	t, err := ext.Fit(ctx, s, len(tokens))
	if err != nil {
		return "", err
	}
	loss := &model.LossTrace{}
	if len(rest) > 0 {
		err := s.Prefill(ctx, rest, &model.Observer{Loss: loss, Progress: func(done, total int) {
			w.Emit(jobs.Answer{ID: id, Reading: &jobs.Progress{Done: int64(done), Total: int64(total)}})
			w.Yield()
		}})
		if err != nil {
			return "", err
		}
	} else if err := s.Refresh(); err != nil {
		return "", err
	}
	if fromPrompt {
		w.Emit(jobs.Answer{ID: id, Tokens: &jobs.Tokens{List: w.given(tokens, loss, t)}})
	}
	return w.generate(ctx, id, r, s, ext, upto, start)
}

// given lists the prompt's tokens with the surprise of each.
func (w *Worker) given(tokens []int32, loss *model.LossTrace, t float64) []jobs.Token {
	out := make([]jobs.Token, len(tokens))
	stream := w.tok.Stream()
	for i, id := range tokens {
		out[i] = jobs.Token{ID: id, Text: strings.ToValidUTF8(stream.Decode(id), "\uFFFD"), Nats: -1, T: t, Prompt: true}
		if k := i - loss.First; k >= 0 && k < len(loss.Nats) {
			out[i].Nats = finite(float64(loss.Nats[k]))
		}
	}
	return out
}

func (w *Worker) generate(ctx context.Context, id int, r *jobs.Write, s *model.Sequence, ext *model.Extension, upto int, start time.Time) (string, error) {
	options := model.Options{
		Sampling:  model.Sampling{Temperature: r.Temperature, TopP: r.TopP, MinP: r.MinP, TopK: r.TopK, Seed: r.Seed},
		MaxTokens: upto - s.Len(), Alternatives: alternatives, Decoder: w.tok.Stream(), Extension: ext,
	}
	var (
		held  []jobs.Token
		first float64
		begun = time.Now()
		sent  time.Time
		count int
		last  float64
		why   = "length"
	)
	flush := func() {
		if len(held) == 0 {
			return
		}
		rate := float64(count) / max(1e-6, time.Since(begun).Seconds())
		w.Emit(jobs.Answer{ID: id, Tokens: &jobs.Tokens{List: held, Rate: rate, First: first}})
		held, sent = nil, time.Now()
		w.Yield()
	}
	for tok, err := range model.Generate(ctx, s, options) {
		if err != nil {
			flush()
			return "", err
		}
		if tok.Stop == model.StopByToken {
			why = "end of text"
			break
		}
		count++
		if count == 1 {
			first = float64(time.Since(start).Microseconds()) / 1000
		}
		out := jobs.Token{ID: tok.ID, Text: strings.ToValidUTF8(tok.Text, "\uFFFD"), Nats: finite(-tok.LogProb), T: tok.T}
		if w.tok.Special(tok.ID) {
			out.Text = endOfStory
		}
		for _, a := range tok.Alternatives {
			out.Others = append(out.Others, jobs.Other{ID: a.ID, Text: strings.ToValidUTF8(w.spell(a.ID), "\uFFFD"), P: round(a.Prob)})
		}
		held = append(held, out)
		if tok.T != last || time.Since(sent) >= batch {
			last = tok.T
			flush()
		}
	}
	flush()
	return why, nil
}

// finite keeps JSON from failing on what is no number; -1 stands for not known.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return -1
	}
	return math.Round(max(0, v)*1e4) / 1e4
}

// round keeps probabilities short on their way.
func round(p float64) float64 { return math.Round(p*1e5) / 1e5 }
