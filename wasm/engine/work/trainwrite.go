package work

import (
	"context"

	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/wasm/wire/jobs"
)

// write writes a text with the weights as they are, as long as was asked for but no longer than they are trained for. The training
// goes on behind it; a text that cannot be written does not end it.
func (t *training) write(ctx context.Context, r jobs.Write) error {
	if err := t.trainer.Store(ctx); err != nil {
		return err
	}
	w := t.worker
	emit := w.Emit
	tell := func(x jobs.Wrote) {
		emit(jobs.Answer{Trained: &jobs.Trained{Step: t.trainer.Steps(), Wrote: &x}})
	}
	w.Emit = func(a jobs.Answer) {
		switch {
		case a.Tokens != nil:
			tell(jobs.Wrote{Tokens: a.Tokens.List})
		case a.Reading == nil:
			emit(a)
		}
	}
	defer func() { w.Emit = emit }()
	// The CPU reads what was stored, wherever the steps are computed.
	r.GPUAttempt, r.MaxLength = 0, min(r.MaxLength, int(t.ask.TMax)*t.config.Rotary.Window)
	by, err := t.reader(r.Method, r.FactorRule)
	var reason jobs.StopReason
	if err == nil {
		reason, err = w.writeBy(ctx, t.job, &r, by)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		tell(jobs.Wrote{Done: true, Error: err.Error()})
	default:
		tell(jobs.Wrote{Done: true, Stop: reason})
	}
	return nil
}

// reader makes the weights and the field, as they are, ready to read by a method.
func (t *training) reader(method string, rule jobs.FactorRule) (*reader, error) {
	p, network, err := t.trainer.Result()
	if err != nil {
		return nil, err
	}
	s, err := newSet(&checkpoint.Checkpoint{Config: t.config, Weights: p.Weights(), CLEX: network, Scaling: checkpoint.CLEXScaling(network, t.ask.TMax)})
	if err != nil {
		return nil, err
	}
	scheme, err := s.scheme(method)
	if err != nil {
		return nil, err
	}
	by := &reader{s, &model.Extension{Scheme: scheme}, false}
	t.worker.follow(by, rule)
	return by, nil
}
