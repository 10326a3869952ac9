package work

import (
	"context"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// heldTail is how many last tokens of the held text are judged, at every length the same ones.
const heldTail = 256

// heldFactors are the lengths that the held text is read at, in trained windows.
var heldFactors = []float64{1, 4, 16}

// losses reads the held text at several lengths with the weights as they are, and tells of the longest reading the means by place.
func (t *training) losses(ctx context.Context) (out []jobs.HeldLoss, places []float64, err error) {
	p, _, err := t.trainer.Result()
	if err != nil {
		return nil, nil, err
	}
	m, err := model.New(t.config, p.Weights())
	if err != nil {
		return nil, nil, err
	}
	s, err := m.NewSequence(len(t.held))
	if err != nil {
		return nil, nil, err
	}
	for _, factor := range heldFactors {
		n := int(factor) * t.config.Rotary.Window
		at := min(factor, t.ask.TMax)
		var e clex.Encoding
		if err := t.trainer.Encoding(&e, at); err != nil {
			return nil, nil, err
		}
		if err := s.Truncate(0); err != nil {
			return nil, nil, err
		}
		if err := s.SetEncoding(&e); err != nil {
			return nil, nil, err
		}
		trace := &model.LossTrace{From: max(1, n-heldTail)}
		if n == len(t.held) {
			trace.From = 1
		}
		if err := s.Prefill(ctx, t.held[len(t.held)-n:], &model.Observer{Loss: trace, Progress: func(int, int) { t.worker.Yield() }}); err != nil {
			return nil, nil, err
		}
		if n == len(t.held) {
			places = byPlace(trace.NLL, n)
		}
		trace.NLL = trace.NLL[max(0, len(trace.NLL)-heldTail):]
		out = append(out, jobs.HeldLoss{Length: n, T: at, Loss: trace.Mean()})
	}
	return out, places, nil
}

// byPlace are the mean losses of pieces of a text of n tokens, of which the first token has none; -1 is not known.
func byPlace(nll []float32, n int) []float64 {
	out := make([]float64, jobs.HeldPieces)
	for i := range out {
		from, to := scene.Tile(i, len(out), 0, n)
		piece := model.LossTrace{NLL: nll[max(0, from-1) : to-1]}
		out[i] = -1
		if len(piece.NLL) > 0 {
			out[i] = finite(piece.Mean())
		}
	}
	return out
}
