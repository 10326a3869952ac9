package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"clexlab/model/gpu"
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
	states := filepath.Join(o.states, o.model, r.Name)
	t, err := resumed(r, text, start, states)
	if err != nil {
		return err
	}
	fmt.Printf("%s/%s: %d parameters, step %d of %d, %d tokens a step\n", o.model, r.Name, len(t.Parameters.Flat), t.Steps(), r.Steps, step)
	var release func(failed bool)
	if o.open != nil && !t.Done() {
		if release, err = o.open(ctx, t, start); err != nil {
			return err
		}
	}
	err = loop(ctx, t, states, func() { o.sample(tok, t) })
	if release != nil {
		var device *gpu.Error
		failed := errors.As(err, &device)
		release(failed)
		if failed {
			at := t.Steps()
			if t, err = resumed(r, text, start, states); err != nil {
				return errors.Join(device, err)
			}
			fmt.Printf("step %d: %v; going on from the state of step %d on the processor\n", at, device, t.Steps())
			err = loop(ctx, t, states, func() { o.sample(tok, t) })
		}
	}
	if err != nil {
		return err
	}
	return o.export(ctx, t)
}

// resumed is a run as its folder of states has it, at its beginning where that has none.
func resumed(r *train.Recipe, text *train.Text, start *train.Parameters, states string) (*train.Trainer, error) {
	t, err := train.NewTrainer(r, text, start)
	if err != nil {
		return nil, err
	}
	warning, err := t.Resume(states)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if warning != nil {
		fmt.Println("warning:", warning)
	}
	return t, nil
}

const (
	reportEvery = 20 * time.Second
	saveEvery   = 2 * time.Minute
	sampleEvery = 5 * time.Minute
)

// loop steps until the recipe is done, saying how it goes. It saves the state
// now and then, and when it is stopped, which it is at the end of a step: what a GPU has begun it
// makes, and a state is of whole steps. A step that fails leaves what was saved before it.
func loop(ctx context.Context, t *train.Trainer, states string, sample func()) error {
	begin, first := time.Now(), t.Steps()
	reported, saved, sampled := begin, begin, begin
	var mean, weight, answers, answerWeight float64
	for !t.Done() {
		listen()
		if err := ctx.Err(); err != nil {
			if t.Steps() > first {
				return cmp.Or(t.Save(states), err)
			}
			return err
		}
		report, err := t.Step(context.WithoutCancel(ctx))
		if err != nil {
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
