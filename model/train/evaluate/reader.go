package evaluate

import (
	"context"
	"fmt"
	"math"

	"clexlab/clex"
	"clexlab/model"
)

// Reader reads texts with one model under one scheme.
type Reader struct {
	model.Extension
	// Opening is what the model's texts open with, as its tokenizer says: it stands in place of the first tokens of
	// every window, so that windows end where they end without it.
	Opening []int32

	sequence *model.Sequence
	loss     model.LossTrace
}

// NewReader makes a reader for texts of up to longest tokens, each read at the t that rule has for its length.
func NewReader(m *model.Model, scheme clex.Scheme, rule clex.LengthRule, longest int) (*Reader, error) {
	s, err := m.NewSequence(longest)
	if err != nil {
		return nil, err
	}
	return &Reader{Extension: model.Extension{Scheme: scheme, Rule: rule}, sequence: s}, nil
}

// SameEncodings tells whether two schemes encode texts of the given lengths alike where t follows the length by one rule.
func SameEncodings(a, b clex.Scheme, rule clex.LengthRule, lengths []int) (bool, error) {
	ea, eb := model.Extension{Scheme: a, Rule: rule}, model.Extension{Scheme: b, Rule: rule}
	for _, n := range lengths {
		_, x, err := ea.Encoding(n)
		if err != nil {
			return false, err
		}
		_, y, err := eb.Encoding(n)
		if err != nil || !x.Equal(y) {
			return false, err
		}
	}
	return true, nil
}

// begin empties the sequence and sets the encoding for a text of n tokens.
func (r *Reader) begin(n int) error {
	if err := r.sequence.Truncate(0); err != nil {
		return err
	}
	_, err := r.Fit(context.Background(), r.sequence, n)
	return err
}

// Losses returns -log p of tokens[from:] in nats, from >= 1; the slice is reused by the next call.
func (r *Reader) Losses(ctx context.Context, tokens []int32, from int) ([]float32, error) {
	if err := r.begin(len(tokens)); err != nil {
		return nil, err
	}
	r.loss.From = from
	if err := r.sequence.Prefill(ctx, tokens, &model.Observer{Loss: &r.loss}); err != nil {
		return nil, err
	}
	if len(r.loss.NLL) != len(tokens)-from {
		return nil, fmt.Errorf("evaluate: %d losses for %d tokens", len(r.loss.NLL), len(tokens))
	}
	return r.loss.NLL, nil
}

// Answer returns whether answer is the most probable next token after tokens, and its probability.
func (r *Reader) Answer(ctx context.Context, tokens []int32, answer int32) (right bool, probability float64, err error) {
	if err := r.begin(len(tokens)); err != nil {
		return false, 0, err
	}
	if err := r.sequence.Prefill(ctx, tokens, nil); err != nil {
		return false, 0, err
	}
	logits := r.sequence.Logits()
	best := 0
	for i, v := range logits {
		if v > logits[best] {
			best = i
		}
	}
	var sum float64
	for _, v := range logits {
		sum += math.Exp(float64(v - logits[best]))
	}
	return best == int(answer), math.Exp(float64(logits[answer]-logits[best])) / sum, nil
}
