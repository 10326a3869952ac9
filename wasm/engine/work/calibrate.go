package work

import (
	"context"
	"time"

	"clexlab/model"
	"clexlab/wasm/wire/jobs"
)

const (
	// raceTokens is how much is read in the race, at most.
	raceTokens = 256
	// raceTime bounds the writing, for each machine.
	raceTime = 250 * time.Millisecond
)

// calibrate races the machines on the real model. An adapter that is only
// software takes part when the person insists on it: its race would cost more than it can bring.
func (w *Worker) calibrate(ctx context.Context, r *jobs.Calibrate) error {
	answer := jobs.GPU{Raced: true}
	defer func() { w.Emit(jobs.Answer{GPU: &answer}) }()
	d, err := w.device(ctx, r.GPUAttempt)
	if err != nil {
		answer.Trouble = err.Error()
		return ctx.Err()
	}
	answer.Adapter, answer.Software = d.Name(), d.Software()
	if answer.Software && !r.Software {
		return nil
	}
	tokens := w.sampleText(min(raceTokens, w.maxTokens()/2))
	cpu, _, err := w.textOn(ctx, w.first, &cachedSequence{}, 0, nil, 2*len(tokens))
	if err == nil {
		answer.CPU, err = w.race(ctx, cpu, tokens)
	}
	if err != nil {
		return err
	}
	text, _, err := w.textOn(ctx, w.first, &w.first.look, r.GPUAttempt, nil, 0)
	if err == nil {
		answer.Report = w.first.gpu.Report()
		answer.GPU, err = w.race(ctx, text, tokens)
	}
	if err != nil {
		if !w.gaveUp(r.GPUAttempt, err) {
			return err
		}
		answer.Trouble = err.Error()
	}
	return nil
}

// race measures how many tokens a machine reads and writes in a second.
func (w *Worker) race(ctx context.Context, s model.Session, tokens []int32) (v jobs.Speed, err error) {
	w.Yield()
	// What is only slow the first time does not count.
	if err := s.Prefill(ctx, tokens[:min(len(tokens), 16)], nil); err != nil {
		return v, err
	}
	if err := s.Truncate(0); err != nil {
		return v, err
	}
	start := time.Now()
	if err := s.Prefill(ctx, tokens, nil); err != nil {
		return v, err
	}
	v.Prefill = float64(len(tokens)) / time.Since(start).Seconds()
	w.Yield()
	count := 0
	start = time.Now()
	options := model.Options{Sampling: model.Sampling{Temperature: 0.8, TopK: 40, TopP: 0.95}, MaxTokens: min(64, s.Capacity()-s.Len()), Alternatives: alternatives}
	for _, err := range model.Generate(ctx, s, options) {
		if err != nil {
			return v, err
		}
		if count++; time.Since(start) > raceTime {
			break
		}
	}
	v.Decode = float64(count) / time.Since(start).Seconds()
	return v, nil
}
