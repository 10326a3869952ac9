// Package work is what an engine worker does: it holds one model and answers the
// page's requests one after the other. It knows no browser: the program around
// it fetches files, passes requests in and answers out, and lets other events
// through whenever Yield is called.
package work

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/recall"
	"clexlab/model/tokenizer"
	"clexlab/wasm/wire/jobs"
)

// Worker holds one model: a tokenizer and the weights that its methods run on.
type Worker struct {
	// Emit sends an answer; Yield lets waiting requests through and must return soon.
	Emit  func(jobs.Answer)
	Yield func()
	// OpenGPU, if set, asks for a GPU.
	OpenGPU func(context.Context) (GPU, error)

	// Tuned are the weights that methods run on instead of those of Load; Fetch
	// gets their two files.
	Tuned map[string]jobs.Weights
	Fetch func(ctx context.Context, w jobs.Weights) (config, weights []byte, err error)

	tok  *tokenizer.Tokenizer
	task *recall.Task
	// clock is time.Now, except in tests.
	clock func() time.Time
	// weights is the set in use, first that of Load, and tuned the others so far, by name.
	*weights
	first   *weights
	tuned   map[string]*weights
	machine machine
}

// weights is one checkpoint, with the sequences that its jobs go on from.
type weights struct {
	model *model.Model
	// made says what the weights were made for; its Weights are raw's alone.
	made    checkpoint.Checkpoint
	schemes map[string]clex.Scheme
	text    shelf              // of the last writing job
	look    shelf              // of the last measurement
	losses  map[string]*losses // by method, of its last measurement
	// raw is what a GPU would be given, gpu the model there.
	raw *model.Weights
	gpu GPUModel
}

// maxTokens bounds a text: as many trained windows as the model was made for.
func (w *Worker) maxTokens() int { return int(w.first.made.TMax()) * w.model.Config().Rotary.Window }

// Load takes a checkpoint whose files have been read.
func (w *Worker) Load(config, data, vocabulary []byte) error {
	tok, err := tokenizer.Parse(vocabulary)
	if err != nil {
		return fmt.Errorf("the model's tokenizer is damaged: %w", err)
	}
	first, err := read(config, data, tok)
	if err != nil {
		return err
	}
	w.dropGPU()
	w.forgetRaw(first)
	w.tok, w.first, w.weights, w.tuned = tok, first, first, map[string]*weights{}
	if w.task, err = recall.NewTask(tok.Encode); err != nil {
		w.task = nil
	}
	return nil
}

// read makes a checkpoint's files ready to run.
func read(config, data []byte, tok *tokenizer.Tokenizer) (*weights, error) {
	c, err := checkpoint.ReadParts(config, data)
	if err != nil {
		return nil, fmt.Errorf("the model's file is damaged: %w", err)
	}
	m, err := model.New(c.Config, c.Weights)
	if err != nil {
		return nil, fmt.Errorf("the model's file does not fit its configuration: %w", err)
	}
	if tok.Size() > c.Config.Vocab {
		return nil, fmt.Errorf("the tokenizer has %d tokens and the model %d: they do not belong together", tok.Size(), c.Config.Vocab)
	}
	set := &weights{model: m, raw: c.Weights, made: *c, schemes: map[string]clex.Scheme{}, losses: map[string]*losses{}}
	set.made.Weights = nil
	return set, nil
}

// forgetRaw saves the memory where there is no GPU to give it to.
func (w *Worker) forgetRaw(set *weights) {
	if w.OpenGPU == nil {
		set.raw = nil
	}
}

// use puts the weights in place that a method runs on.
func (w *Worker) use(ctx context.Context, method string) error {
	t, ok := w.Tuned[method]
	if !ok || w.Fetch == nil {
		w.weights = w.first
		return nil
	}
	if set := w.tuned[t.Name]; set != nil {
		w.weights = set
		return nil
	}
	config, data, err := w.Fetch(ctx, t)
	if err != nil {
		return err
	}
	set, err := read(config, data, w.tok)
	if err != nil {
		return fmt.Errorf("the weights %q: %w", t.Name, err)
	}
	if set.made.CLEX == nil && w.first.made.CLEX != nil {
		// CLEX on other weights runs with the network that it has.
		set.made.CLEX, set.made.Scaling = w.first.made.CLEX, w.first.made.Scaling
	}
	w.forgetRaw(set)
	w.tuned[t.Name], w.weights = set, set
	return nil
}

// scheme makes a method once.
func (w *Worker) scheme(name string) (clex.Scheme, error) {
	if s := w.schemes[name]; s != nil {
		return s, nil
	}
	s, err := w.made.SchemeNamed(name)
	if err != nil {
		return nil, err
	}
	w.schemes[name] = s
	return s, nil
}

// extension lets t follow the text or the hand.
func (w *Worker) extension(method string, tune *jobs.Tune) (*model.Extension, error) {
	s, err := w.scheme(method)
	if err != nil {
		return nil, err
	}
	x := &model.Extension{Scheme: s}
	w.follow(x, method, tune)
	return x, nil
}

// follow has x read texts at the t that is asked for now: it may change while a job runs.
func (w *Worker) follow(x *model.Extension, method string, tune *jobs.Tune) {
	if f := w.Tuned[method].Factor; f > 0 && w.weights != w.first {
		x.Rule = clex.AtT(f)
		return
	}
	// A t held by hand means the frequencies that are shown at it, however long the text is.
	x.Rule, x.IgnoreLength = w.rule(tune), !tune.Auto
}

// rule is the one that is asked for.
func (w *Worker) rule(tune *jobs.Tune) clex.LengthRule {
	tMax := w.first.made.TMax()
	if tune.Auto {
		return clex.LengthRule{TMax: tMax}
	}
	return clex.AtT(min(tMax, max(1, tune.T)))
}

// asked is the t that a text of n tokens is to be read at.
func (w *Worker) asked(tune *jobs.Tune, n int) (float64, error) {
	return w.rule(tune).T(n, w.model.Config().Rotary.Window)
}

// Do carries one job out and says how it ended. tune is the part of the request
// that Tune requests change while the job runs.
func (w *Worker) Do(ctx context.Context, r jobs.Request) {
	reason, err := w.do(ctx, r)
	switch {
	case errors.Is(err, context.Canceled):
		w.Emit(jobs.Answer{ID: r.ID, Done: true, StopReason: jobs.StopCancelled})
	case err != nil:
		w.Emit(jobs.Answer{ID: r.ID, Error: err.Error()})
	default:
		w.Emit(jobs.Answer{ID: r.ID, Done: true, StopReason: reason})
	}
}

func (w *Worker) do(ctx context.Context, r jobs.Request) (reason jobs.StopReason, err error) {
	if w.first == nil {
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
	case r.FreeGPU:
		w.dropGPU()
		return "", nil
	}
	return "", errors.New("an empty request")
}

func (w *Worker) now() time.Time {
	if w.clock != nil {
		return w.clock()
	}
	return time.Now()
}

// spell spells a token by itself.
func (w *Worker) spell(id int32) string { return string(w.tok.Token(id)) }
