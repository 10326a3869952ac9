package work

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"clexlab/model"
	"clexlab/wasm/wire/jobs"
)

// mostKeys is how many of the tokens that are looked at are told.
const mostKeys = 12

// attend tells what the last of the tokens looks at: one head's attention, or the mean of a layer's heads. It runs on
// the CPU, on a sequence of its own: the measured text keeps what it has cached.
func (w *Worker) attend(ctx context.Context, r *jobs.Attend) error {
	x, err := w.readerOf(ctx, r.Method, r.FactorRule)
	if err != nil {
		return err
	}
	tokens := r.Tokens
	if n := len(tokens); n == 0 || n > w.maxTokens() {
		return fmt.Errorf("attention of the last of %d tokens: want 1 … %d", n, w.maxTokens())
	}
	cfg := x.model.Config()
	if r.Layer < 0 || r.Layer >= cfg.Layers || r.Head < -1 || r.Head >= cfg.Heads {
		return fmt.Errorf("attention of layer %d, head %d: the model has %d layers of %d heads", r.Layer, r.Head, cfg.Layers, cfg.Heads)
	}
	length := max(r.Length, len(tokens))
	_, e, err := x.Encoding(length)
	if err != nil {
		return err
	}
	s, _, err := w.textOn(ctx, x.set, &x.held, 0, tokens, len(tokens))
	if err != nil {
		return err
	}
	// What was read under the same encoding stands; the token itself is read again.
	keep := min(s.Len(), len(tokens)-1)
	if !s.Encoding().Equal(e) {
		keep = 0
	}
	if err := s.Truncate(keep); err != nil {
		return err
	}
	if _, err := x.Fit(ctx, s, length); err != nil {
		return err
	}
	last := len(tokens) - 1
	o := &model.Observer{Progress: func(int, int) { w.Yield() }}
	for h := range cfg.Heads {
		if r.Head < 0 || r.Head == h {
			o.Rows = append(o.Rows, &model.AttentionRows{Layer: r.Layer, Head: h, From: last, To: last + 1})
		}
	}
	if err := s.Prefill(ctx, tokens[keep:], o); err != nil {
		return err
	}
	weights := make([]float64, len(tokens))
	for _, row := range o.Rows {
		for k, v := range row.Weights[0] {
			weights[k] += float64(v) / float64(len(o.Rows))
		}
	}
	keys := make([]int, len(tokens))
	for k := range keys {
		keys[k] = k
	}
	slices.SortStableFunc(keys, func(a, b int) int { return cmp.Compare(weights[b], weights[a]) })
	out := &jobs.Attended{T: w.asked(r.FactorRule, length)}
	if x.steady {
		if out.T, err = x.Rule.T(length, x.window()); err != nil {
			return err
		}
	}
	for _, k := range keys[:min(mostKeys, len(keys))] {
		out.Keys, out.Weights = append(out.Keys, k), append(out.Weights, round(weights[k]))
	}
	w.Emit(jobs.Answer{Attended: out})
	return nil
}
