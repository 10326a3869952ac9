package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"time"

	"clexlab/model"
)

// write goes on from the prompt and returns the tokens of the whole text.
func (r *running) write(ctx context.Context, o *options, stdout, stderr io.Writer) ([]int32, error) {
	prefix, _ := r.tok.Frame()
	tokens := r.tok.Encode(prefix, o.prompt)
	if len(tokens) == 0 {
		return nil, fmt.Errorf("-prompt: empty: there is nothing to go on from")
	}
	length := o.length
	if length == 0 && o.loss == "" {
		length = max(2*r.window, len(tokens)+1)
	}
	if length <= len(tokens) {
		if o.loss == "" {
			return nil, fmt.Errorf("-length %d: the prompt has %d tokens already", length, len(tokens))
		}
		return tokens, nil
	}
	s, err := r.model.NewSequence(length)
	if err != nil {
		return nil, err
	}
	t, err := r.extension.Fit(ctx, s, len(tokens))
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(stderr, "%s, t = %s\n", r.extension.Scheme.Name(), number(t))
	if err := s.Prefill(ctx, tokens, nil); err != nil {
		return nil, err
	}
	stream := r.tok.Stream()
	for _, id := range prefix {
		stream.Decode(id)
	}
	text := ""
	for _, id := range tokens[len(prefix):] {
		text += stream.Decode(id)
	}
	if _, err := io.WriteString(stdout, text); err != nil {
		return nil, err
	}
	begun, count, last, stop := time.Now(), 0, t, model.NotStopped
	for tok, err := range model.Generate(ctx, s, model.Options{
		Sampling: o.Sampling, MaxTokens: length - len(tokens), StopTokens: r.ends, Decoder: stream, Extension: &r.extension,
	}) {
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(stdout, tok.Text); err != nil {
			return nil, err
		}
		count++
		if tok.T != 0 {
			last = tok.T
		}
		stop = tok.Stop
	}
	if _, err := io.WriteString(stdout, "\n"); err != nil {
		return nil, err
	}
	fmt.Fprintf(stderr, "%d tokens at %.0f a second, t = %s at the end: %s\n", count, float64(count)/max(time.Since(begun).Seconds(), 1e-9), number(last), stop)
	return append([]int32(nil), s.Tokens()...), nil
}

// number writes t without a tail of digits.
func number(t float64) string { return strconv.FormatFloat(t, 'g', 6, 64) }

// writeLoss reads the whole text at the t of its length and writes the loss of each token.
func (r *running) writeLoss(ctx context.Context, file string, tokens []int32, stderr io.Writer) (err error) {
	if len(tokens) < 2 {
		return fmt.Errorf("-loss: a text of %d tokens has nothing to predict", len(tokens))
	}
	s, err := r.model.NewSequence(len(tokens))
	if err != nil {
		return err
	}
	t, err := r.extension.Fit(ctx, s, len(tokens))
	if err != nil {
		return err
	}
	trace := &model.LossTrace{}
	if err := s.Prefill(ctx, tokens, &model.Observer{Loss: trace}); err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	w := csv.NewWriter(f)
	rows := [][]string{{"position", "token", "text", "loss_nats", "t"}}
	for i, nll := range trace.NLL {
		id := tokens[trace.First+i]
		rows = append(rows, []string{strconv.Itoa(trace.First + i), strconv.Itoa(int(id)), string(r.tok.Token(id)), strconv.FormatFloat(float64(nll), 'f', 5, 32), number(t)})
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%s at t = %s, %d tokens: perplexity %.4g\n", r.extension.Scheme.Name(), number(t), len(tokens), math.Exp(trace.Mean()))
	return nil
}
