package work

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/wasm/wire/jobs"
)

const (
	// endOfStory stands for the special token between two texts.
	endOfStory = "\n\n⁂\n\n"
	// alternatives is how many come with each token.
	alternatives = 8
	// batch is how long tokens are held back to travel together.
	batch = 30 * time.Millisecond
)

// writing is a job that writes, on whichever machine it is at.
type writing struct {
	id  int
	ask *jobs.Write
	// rule is how t is found, which may change while the job runs.
	rule jobs.FactorRule
	// tokens are the text so far and ts, for those that were written here, their
	// t; promptTokens of them were there at the beginning.
	tokens       []int32
	promptTokens int
	ts           []float64
	// promptSent says that the prompt's tokens have been sent.
	promptSent bool
	by         *reader
	decode     model.Decoder
	maxTokens  int
	start      time.Time
	// first is the time to the first token in milliseconds, begun when writing began.
	first float64
	begun time.Time
	held  []jobs.Token
	sent  time.Time
	lastT float64
}

// write reads what is given and continues it. If the GPU fails, the CPU goes on from where it was.
func (w *Worker) write(ctx context.Context, id int, r *jobs.Write) (jobs.StopReason, error) {
	by, err := w.readerOf(ctx, r.Method, r.FactorRule)
	if err != nil {
		return "", err
	}
	return w.writeBy(ctx, id, r, by)
}

// writeBy does it by a reader.
func (w *Worker) writeBy(ctx context.Context, id int, r *jobs.Write, by *reader) (jobs.StopReason, error) {
	j := &writing{id: id, ask: r, rule: r.FactorRule, by: by, tokens: r.Tokens, promptSent: len(r.Tokens) > 0, start: time.Now(), decode: w.tok.Stream()}
	w.writing = j
	defer func() { w.writing = nil }()
	if !j.promptSent {
		j.tokens = w.tok.Encode(nil, r.Prompt)
	}
	if len(j.tokens) == 0 {
		return "", fmt.Errorf("the prompt is empty: write a few words first")
	}
	j.maxTokens, j.promptTokens = min(r.MaxLength, w.maxTokens()), len(j.tokens)
	if len(j.tokens) >= j.maxTokens {
		if j.maxTokens == w.maxTokens() {
			return "", fmt.Errorf("the text has %d tokens already, and %d is the longest that this model reads: cut it back first", len(j.tokens), j.maxTokens)
		}
		return "", fmt.Errorf("the text has %d tokens already, the length asked for is %d: choose a longer one", len(j.tokens), j.maxTokens)
	}
	var reason jobs.StopReason
	err := w.onEither(r.GPUAttempt, func(attempt int) (err error) {
		reason, err = w.run(ctx, j, attempt)
		return err
	})
	return reason, err
}

// run reads the text so far on a machine and writes on.
func (w *Worker) run(ctx context.Context, j *writing, attempt int) (jobs.StopReason, error) {
	s, rest, err := w.textOn(ctx, j.by.set, &j.by.text, attempt, j.tokens, j.maxTokens)
	if err != nil {
		return "", err
	}
	if !j.promptSent && s.Len() > 0 {
		// The loss of the prompt is shown, so it is read anew from its first token.
		if err := s.Truncate(0); err != nil {
			return "", err
		}
		rest = j.tokens
	}
	if len(rest) > len(j.ts) {
		// All that was written here is to be read again as it was written, t by t.
		given := rest[:len(rest)-len(j.ts)]
		t, err := j.by.Fit(ctx, s, j.promptTokens)
		if err != nil {
			return "", err
		}
		loss := &model.LossTrace{}
		err = w.prefill(ctx, j.by.set, s, given, &model.Observer{Loss: loss, Progress: func(done, total int) {
			w.Emit(jobs.Answer{Reading: &jobs.Progress{Done: int64(done), Total: int64(total)}})
			w.Yield()
		}})
		if err != nil {
			return "", err
		}
		if !j.promptSent {
			j.promptSent = true
			w.Emit(jobs.Answer{Tokens: &jobs.Tokens{List: w.prompt(j.tokens, loss, t)}})
		}
		rest = rest[len(given):]
	}
	if len(rest) > 0 {
		if err := w.replay(ctx, j, s, rest); err != nil {
			return "", err
		}
	}
	return w.generate(ctx, j, s)
}

// replay reads the last tokens of what was written as they were written: each under its t.
func (w *Worker) replay(ctx context.Context, j *writing, s model.Session, rest []int32) error {
	ts := j.ts[len(j.ts)-len(rest):]
	for len(rest) > 0 {
		at := &model.Extension{Scheme: j.by.Scheme, Rule: clex.AtT(ts[0]), IgnoreLength: j.by.IgnoreLength}
		n := 1
		for ; n < len(rest) && ts[n] == ts[0]; n++ {
			if same, err := at.Same(s.Len()+1, s.Len()+1+n); err != nil {
				return err
			} else if !same {
				break
			}
		}
		if _, err := at.Fit(ctx, s, s.Len()+1); err != nil {
			return err
		}
		if err := s.Prefill(ctx, rest[:n], &model.Observer{Progress: func(int, int) { w.Yield() }}); err != nil {
			return err
		}
		rest, ts = rest[n:], ts[n:]
	}
	return nil
}

// prompt lists the prompt's tokens with the loss of each.
func (w *Worker) prompt(tokens []int32, loss *model.LossTrace, t float64) []jobs.Token {
	out := make([]jobs.Token, len(tokens))
	stream := w.tok.Stream()
	for i, id := range tokens {
		out[i] = jobs.Token{ID: id, Text: strings.ToValidUTF8(stream.Decode(id), "\uFFFD"), NLL: -1, T: t, Prompt: true}
		if k := i - loss.First; k >= 0 && k < len(loss.NLL) {
			out[i].NLL = finite(float64(loss.NLL[k]))
		}
	}
	return out
}

// flush sends the tokens held back.
func (w *Worker) flush(j *writing) {
	if len(j.held) == 0 {
		return
	}
	rate := float64(len(j.ts)) / max(1e-6, time.Since(j.begun).Seconds())
	w.Emit(jobs.Answer{Tokens: &jobs.Tokens{List: j.held, Rate: rate, First: j.first}})
	j.held, j.sent = nil, time.Now()
	w.Yield()
}

func (w *Worker) generate(ctx context.Context, j *writing, s model.Session) (jobs.StopReason, error) {
	r := j.ask
	options := model.Options{
		Sampling:  model.Sampling{Temperature: r.Temperature, TopP: r.TopP, MinP: r.MinP, TopK: r.TopK, Seed: r.Seed},
		MaxTokens: j.maxTokens - s.Len(), Alternatives: alternatives, Decoder: j.decode, Extension: j.by.Extension, SkipDraws: len(j.ts),
	}
	if options.MaxTokens == 0 {
		return jobs.StopLength, nil
	}
	if j.begun.IsZero() {
		j.begun = time.Now()
	}
	w.follow(j.by, j.rule)
	for tok, err := range model.Generate(ctx, s, options) {
		if err != nil {
			w.flush(j)
			return "", err
		}
		if tok.Stop == model.StopByToken {
			w.flush(j)
			return jobs.StopEndOfText, nil
		}
		j.tokens, j.ts = append(j.tokens, tok.ID), append(j.ts, tok.T)
		if len(j.ts) == 1 {
			j.first = float64(time.Since(j.start).Microseconds()) / 1000
		}
		out := jobs.Token{ID: tok.ID, Text: strings.ToValidUTF8(tok.Text, "\uFFFD"), NLL: finite(-tok.LogProb), T: tok.T}
		if w.tok.Special(tok.ID) {
			out.Text = endOfStory
		}
		for _, a := range tok.Alternatives {
			out.Alternatives = append(out.Alternatives, jobs.Alternative{ID: a.ID, Text: strings.ToValidUTF8(w.spell(a.ID), "\uFFFD"), P: round(a.Prob)})
		}
		j.held = append(j.held, out)
		if tok.T != j.lastT || time.Since(j.sent) >= batch {
			j.lastT = tok.T
			w.flush(j)
			w.follow(j.by, j.rule)
		}
	}
	w.flush(j)
	return jobs.StopLength, nil
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
