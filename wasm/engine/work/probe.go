package work

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"clexlab/model"
	"clexlab/model/recall"
	"clexlab/wasm/wire/jobs"
)

// probe asks the model for hidden facts, cell by cell.
func (w *Worker) probe(ctx context.Context, r *jobs.Probe) error {
	attempt := r.GPUAttempt
	if w.task == nil {
		return errors.New("this model's vocabulary lacks the words of the recall probe")
	}
	for _, cell := range r.Cells {
		if cell.Tokens > w.maxTokens() {
			return fmt.Errorf("a probe of %d tokens is longer than the %d that this model reads", cell.Tokens, w.maxTokens())
		}
		answer := jobs.Recalled{Cell: cell}
		answer.Right = 0
		for trial := range cell.Trials {
			var right bool
			err := w.onEither(attempt, func(now int) (err error) {
				attempt = now
				right, err = w.ask(ctx, r, &answer, r.Seed+uint64(trial), attempt)
				return err
			})
			if err != nil {
				return err
			}
			if right {
				answer.Right++
			}
		}
		w.Emit(jobs.Answer{Cell: &answer})
	}
	return nil
}

// ask runs one probe: the likeliest next token after the question is the answer.
func (w *Worker) ask(ctx context.Context, r *jobs.Probe, a *jobs.Recalled, seed uint64, attempt int) (right bool, err error) {
	p, err := w.task.NewProbe(a.Tokens, a.Depth, seed, 1, nil)
	if err != nil {
		return false, err
	}
	x, err := w.readerOf(ctx, a.Method, r.FactorRule)
	if err != nil {
		return false, err
	}
	s, _, err := w.textOn(ctx, x.set, &x.look, attempt, nil, len(p.Tokens)+1)
	if err != nil {
		return false, err
	}
	if err := s.Truncate(0); err != nil {
		return false, err
	}
	if _, err := x.Fit(ctx, s, len(p.Tokens)); err != nil {
		return false, err
	}
	if err := w.prefill(ctx, x.set, s, p.Tokens, &model.Observer{Progress: func(int, int) { w.Yield() }}); err != nil {
		return false, err
	}
	best := model.Likeliest(nil, s.Logits(), 1)[0].ID
	a.Said, a.Want = w.spell(best), w.spell(p.Answer)
	if r.Show {
		if a.Shown, err = w.show(ctx, s, p); err != nil {
			return false, err
		}
	}
	return best == p.Answer, nil
}

const (
	shownAround       = 14 // tokens shown on either side of the fact
	shownAsked        = 16 // tokens shown of the question's end
	shownAlternatives = 4
)

// show describes a probe that s has just read.
func (w *Worker) show(ctx context.Context, s model.Session, p *recall.Probe) (*jobs.Shown, error) {
	n := len(p.Tokens)
	asked := max(p.FactEnd, n-shownAsked)
	after := min(asked, p.FactEnd+shownAround)
	out := &jobs.Shown{
		// The text's mark is no part of the story.
		Before: w.words(p.Tokens[max(1, p.Fact-shownAround):p.Fact]), Fact: w.words(p.Tokens[p.Fact:p.FactEnd]),
		After: w.words(p.Tokens[p.FactEnd:after]), Skipped: asked - after, Question: w.words(p.Tokens[asked:]),
	}
	logits := s.Logits()
	likeliest := model.Likeliest(nil, logits, shownAlternatives)
	for _, g := range likeliest {
		out.Alternatives = append(out.Alternatives, jobs.Alternative{ID: g.ID, Text: w.spell(g.ID), P: g.Prob})
	}
	out.Chance = likeliest[0].Prob * math.Exp(float64(logits[p.Answer]-logits[likeliest[0].ID]))
	c := s.Config()
	for layer := range c.Layers {
		for head := range c.Heads {
			// A GPU gives whole rows of one head at a time.
			rows := model.AttentionRows{Layer: layer, Head: head, From: n - 1, To: n}
			if err := s.Truncate(n - 1); err != nil {
				return nil, err
			}
			if err := s.Prefill(ctx, p.Tokens[n-1:], &model.Observer{Rows: []*model.AttentionRows{&rows}}); err != nil {
				return nil, err
			}
			var sum float64
			for _, x := range rows.Weights[0][p.Fact:p.FactEnd] {
				sum += float64(x)
			}
			if sum > out.Weight {
				out.Layer, out.Head, out.Weight = layer, head, sum
			}
		}
		w.Yield()
	}
	return out, nil
}

// words spells a run of tokens, which may begin or end inside a character.
func (w *Worker) words(ids []int32) string {
	return strings.ToValidUTF8(string(w.tok.Decode(nil, ids)), "\uFFFD")
}
