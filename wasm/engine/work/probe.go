package work

import (
	"context"
	"errors"
	"fmt"

	"clexlab/model"
	"clexlab/wasm/wire/jobs"
)

// probe asks the model for hidden facts, cell by cell.
func (w *Worker) probe(ctx context.Context, id int, r *jobs.Probe) error {
	if w.task == nil {
		return errors.New("this model's vocabulary lacks the words of the recall probe")
	}
	for _, cell := range r.Cells {
		if cell.Tokens > w.maxTokens() {
			return fmt.Errorf("a probe of %d tokens is longer than 16 windows", cell.Tokens)
		}
		answer := jobs.Recalled{Cell: cell}
		answer.Right = 0
		for trial := range cell.Trials {
			right, said, want, err := w.ask(ctx, r, cell, r.Seed+uint64(trial))
			if w.gaveUp(id, r.Try, err) {
				r.Try = 0
				right, said, want, err = w.ask(ctx, r, cell, r.Seed+uint64(trial))
			}
			if err != nil {
				return err
			}
			if right {
				answer.Right++
			}
			answer.Said, answer.Want = said, want
		}
		w.Emit(jobs.Answer{ID: id, Cell: &answer})
	}
	return nil
}

// ask runs one probe: the likeliest next token after the question is the answer.
func (w *Worker) ask(ctx context.Context, r *jobs.Probe, c jobs.Cell, seed uint64) (right bool, said, want string, err error) {
	p, err := w.task.NewProbe(c.Tokens, c.Depth, seed, 1, nil)
	if err != nil {
		return false, "", "", err
	}
	if err := w.use(ctx, c.Method); err != nil {
		return false, "", "", err
	}
	tune := r.Tune
	ext, err := w.extension(c.Method, &tune)
	if err != nil {
		return false, "", "", err
	}
	s, _, err := w.textOn(ctx, &w.look, r.Try, nil, len(p.Tokens)+1)
	if err != nil {
		return false, "", "", err
	}
	if err := s.Truncate(0); err != nil {
		return false, "", "", err
	}
	if _, err := ext.Fit(ctx, s, len(p.Tokens)); err != nil {
		return false, "", "", err
	}
	if err := s.Prefill(ctx, p.Tokens, &model.Observer{Progress: func(int, int) { w.Yield() }}); err != nil {
		return false, "", "", err
	}
	best := model.Likeliest(nil, s.Logits(), 1)[0].ID
	return best == p.Answer, w.spell(best), w.spell(p.Answer), nil
}
