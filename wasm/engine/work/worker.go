// Package work is what an engine worker does: it holds one model and answers the
// page's requests one after the other. It knows no browser: the program around
// it fetches files, passes requests in and answers out, and lets other events
// through whenever Yield is called.
package work

import (
	"context"
	"errors"
	"fmt"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/recall"
	"clexlab/model/tokenizer"
	"clexlab/wasm/wire/jobs"
)

// Worker holds one model and the sequences that its jobs go on from.
type Worker struct {
	// Emit sends an answer; Yield lets waiting requests through and must return soon.
	Emit  func(jobs.Answer)
	Yield func()
	// OpenGPU, if set, asks for a GPU.
	OpenGPU func(context.Context) (GPU, error)

	model   *model.Model
	tok     *tokenizer.Tokenizer
	task    *recall.Task
	network *clex.Network
	schemes map[string]clex.Scheme
	text    shelf // of the last writing job
	look    shelf // of the last measurement
	// weights are kept where a GPU may want them.
	weights *model.Weights
	machine machine
}

// MaxTextTokens bounds a text: sixteen trained windows.
func (w *Worker) maxTokens() int { return 16 * w.model.Config().Rotary.Window }

// Load takes a checkpoint whose files have been read.
func (w *Worker) Load(config, weights, vocabulary []byte) error {
	c, err := checkpoint.ReadParts(config, weights)
	if err != nil {
		return fmt.Errorf("the model's file is damaged: %w", err)
	}
	tok, err := tokenizer.Parse(vocabulary)
	if err != nil {
		return fmt.Errorf("the model's tokenizer is damaged: %w", err)
	}
	m, err := model.New(c.Config, c.Weights)
	if err != nil {
		return fmt.Errorf("the model's file does not fit its configuration: %w", err)
	}
	if tok.Size() > c.Config.Vocab {
		return fmt.Errorf("the tokenizer has %d tokens and the model %d: they do not belong together", tok.Size(), c.Config.Vocab)
	}
	w.dropGPU()
	*w = Worker{Emit: w.Emit, Yield: w.Yield, OpenGPU: w.OpenGPU, model: m, tok: tok, network: c.CLEX, schemes: map[string]clex.Scheme{}}
	if w.OpenGPU != nil {
		w.weights = c.Weights
	}
	if w.task, err = recall.NewTask(tok.Encode); err != nil {
		w.task = nil
	}
	return nil
}

// scheme makes a method once.
func (w *Worker) scheme(name string) (clex.Scheme, error) {
	if s := w.schemes[name]; s != nil {
		return s, nil
	}
	s, err := clex.New(name, w.model.Config().Rotary, clex.Options{Network: w.network})
	if err != nil {
		return nil, err
	}
	w.schemes[name] = s
	return s, nil
}

// extension lets t follow the text or the hand: tune may change while a job runs.
func (w *Worker) extension(method string, tune *jobs.Tune) (*model.Extension, error) {
	s, err := w.scheme(method)
	if err != nil {
		return nil, err
	}
	rule := model.WindowRule(w.model.Config().Rotary.Window, 16)
	return &model.Extension{Scheme: s, T: func(n int) float64 {
		if tune.Auto {
			return rule(n)
		}
		return min(16, max(1, tune.T))
	}}, nil
}

// Do carries one job out and says how it ended. tune is the part of the request
// that Tune requests change while the job runs.
func (w *Worker) Do(ctx context.Context, r jobs.Request) {
	why, err := w.do(ctx, r)
	switch {
	case errors.Is(err, context.Canceled):
		w.Emit(jobs.Answer{ID: r.ID, Done: true, Why: "stopped"})
	case err != nil:
		w.Emit(jobs.Answer{ID: r.ID, Error: err.Error()})
	default:
		w.Emit(jobs.Answer{ID: r.ID, Done: true, Why: why})
	}
}

func (w *Worker) do(ctx context.Context, r jobs.Request) (why string, err error) {
	if w.model == nil {
		return "", errors.New("no model is loaded yet")
	}
	switch {
	case r.Write != nil:
		return w.write(ctx, r.ID, r.Write)
	case r.Measure != nil:
		err := w.measure(ctx, r.ID, r.Measure)
		if w.gaveUp(r.ID, r.Measure.Try, err) {
			r.Measure.Try = 0
			err = w.measure(ctx, r.ID, r.Measure)
		}
		return "", err
	case r.Probe != nil:
		return "", w.probe(ctx, r.ID, r.Probe)
	case r.Calibrate != nil:
		return "", w.calibrate(ctx, r.ID, r.Calibrate)
	}
	return "", errors.New("an empty request")
}

// spell spells a token by itself.
func (w *Worker) spell(id int32) string { return string(w.tok.Token(id)) }
