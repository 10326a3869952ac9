package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"clexlab/model/train"
)

// follow trains one recipe to its end, from where it was left, and exports it.
func (o *options) follow(ctx context.Context, r *train.Recipe) error {
	tok, err := o.corpus.Tokenizer(filepath.Join(o.out, o.model, "tokenizer.json"), r.Model.Vocab, r.Corpus...)
	if err != nil {
		return err
	}
	step, row := r.Tokens()
	text, err := o.corpus.Text(tok, row, r.Corpus...)
	if err != nil {
		return err
	}
	var start *train.Parameters
	if r.From != "" {
		if start, err = o.finished(ctx, r); err != nil {
			return err
		}
	}
	if r.Impact != nil {
		if text, err = o.impactful(ctx, r, text, start); err != nil {
			return err
		}
	}
	t, err := train.NewTrainer(r, text, start)
	if err != nil {
		return err
	}
	states := filepath.Join(o.states, o.model, r.Name)
	warning, err := t.Resume(states)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if warning != nil {
		fmt.Println("warning:", warning)
	}
	fmt.Printf("%s/%s: %d parameters, step %d of %d, %d tokens a step\n", o.model, r.Name, len(t.Parameters.Flat), t.Steps(), r.Steps, step)
	if o.gpu && !t.Done() {
		release, err := onGPU(ctx, t, start)
		if err != nil {
			return err
		}
		defer release()
	}
	if err := loop(ctx, t, states, func() { o.sample(tok, t) }); err != nil {
		return err
	}
	return o.export(ctx, t)
}

const (
	reportEvery = 20 * time.Second
	saveEvery   = 2 * time.Minute
	sampleEvery = 5 * time.Minute
)

// loop steps until the recipe is done, saying how it goes. It saves the state
// now and then, and when it is stopped.
func loop(ctx context.Context, t *train.Trainer, states string, sample func()) error {
	begin, first := time.Now(), t.Steps()
	reported, saved, sampled := begin, begin, begin
	var mean, weight, answers, answerWeight float64
	for !t.Done() {
		report, err := t.Step(ctx)
		if err != nil {
			if t.Steps() > first {
				err = errors.Join(err, t.Save(states))
			}
			return err
		}
		mean, weight = 0.97*mean+0.03*report.Loss, 0.97*weight+0.03
		if report.AnswerLoss > 0 {
			answers, answerWeight = 0.97*answers+0.03*report.AnswerLoss, 0.97*answerWeight+0.03
		}
		now := time.Now()
		if now.Sub(reported) >= reportEvery || t.Done() {
			per := now.Sub(begin) / time.Duration(t.Steps()-first)
			fmt.Printf("%6d/%d  loss %.4f  answers %.3f  gradient %.2f  rate %.2e  %.0f tokens/s  %s left\n", report.Step, t.Recipe.Steps, mean/weight, answers/max(answerWeight, 0.03), report.GradientNorm,
				report.LearningRate, float64(report.Tokens)/per.Seconds(), (per * time.Duration(t.Recipe.Steps-t.Steps())).Round(time.Second))
			reported = now
		}
		if now.Sub(saved) >= saveEvery {
			if err := t.Save(states); err != nil {
				return err
			}
			saved = now
		}
		if now.Sub(sampled) >= sampleEvery {
			if err := t.Store(ctx); err != nil {
				return err
			}
			sample()
			sampled = time.Now()
		}
	}
	if t.Steps() == first {
		return nil
	}
	return t.Save(states)
}
