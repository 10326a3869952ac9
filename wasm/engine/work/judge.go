package work

import (
	"context"

	"clexlab/model"
	"clexlab/wasm/wire/jobs"
)

// judge tells how likely a method at t = 1 holds tokens for, each after those before it in the
// request, which is no longer than the window it was trained on: one judge for all texts,
// whoever wrote them.
func (w *Worker) judge(ctx context.Context, r *jobs.Judge, attempt int) error {
	x, err := w.readerOf(ctx, r.Method, jobs.FactorRule{T: 1})
	if err != nil {
		return err
	}
	tokens := r.Tokens[:min(len(r.Tokens), x.window())]
	skip := min(max(0, r.Skip), len(tokens))
	out := make([]float64, len(tokens)-skip)
	for i := range out {
		out[i] = -1
	}
	if len(tokens) > 1 {
		s, _, err := w.textOn(ctx, x.set, &x.judge, attempt, nil, x.window())
		if err != nil {
			return err
		}
		if err := s.Truncate(0); err != nil {
			return err
		}
		if _, err := x.Fit(ctx, s, len(tokens)); err != nil {
			return err
		}
		trace := &model.LossTrace{}
		if err := s.Prefill(ctx, tokens, &model.Observer{Loss: trace, Progress: func(int, int) { w.Yield() }}); err != nil {
			return err
		}
		for i, v := range trace.NLL {
			if k := trace.First + i - skip; k >= 0 && k < len(out) {
				out[k] = finite(float64(v))
			}
		}
	}
	w.Emit(jobs.Answer{Judged: out})
	return nil
}
