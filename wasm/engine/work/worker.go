// Package work is what an engine worker does: it holds one model and answers the
// page's requests one after the other. It knows no browser: the program around
// it fetches files, passes requests in and answers out, and lets other events
// through whenever Yield is called. Dispatcher keeps the requests in order; Worker carries
// one out; a set is the weights that a method runs on, with the texts that were read on them.
package work

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"clexlab/model/recall"
	"clexlab/model/tokenizer"
	"clexlab/model/train"
	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// Worker holds one model: a tokenizer and the weights that its methods run on.
type Worker struct {
	// Emit sends an answer; Yield lets waiting requests through and must return soon.
	Emit  func(jobs.Answer)
	Yield func()
	// Picture, if set, shows maps in the picture; the page hears a summary of them.
	Picture func(*scene.Maps)
	// OpenGPU, if set, asks for a GPU.
	OpenGPU func(context.Context) (GPU, error)
	// Fetch gets the two files of weights that a method runs on instead of those of
	// Load; FetchText gets a text.
	Fetch     func(ctx context.Context, w jobs.Weights) (config, weights []byte, err error)
	FetchText func(ctx context.Context, address string) ([]byte, error)
	// Files are files of a model as one folder, read as they come.
	Files func(ctx context.Context, files []jobs.File) fs.FS
	// Publish makes data an address that the page and other workers can fetch, NewFile one of what is written. OpenTrainer, if set, asks for a GPU to train on.
	Publish     func(data []byte, mime string) string
	NewFile     func() OutFile
	OpenTrainer func(ctx context.Context, r *train.Recipe, v *train.Vectors) (c train.Computer, name string, release func(), err error)
	// Send, if set, passes a note to another worker of the page, by its number.
	Send func(to int, n *Note) error

	// OpenHelpers, if set, starts what computes shards beside this worker, at most so many; none where that is of no use.
	OpenHelpers func(r *train.Recipe, most int) (list []train.Helper, release func())
	// OpenStates, if set, opens the place where States are kept for as long as the browser does; without one they
	// are kept for as long as the worker.
	OpenStates func() States
	States     States

	tok  *tokenizer.Tokenizer
	task *recall.Task
	// clock is time.Now, except in tests.
	clock func() time.Time
	// tuned says which methods run on weights of their own; first is the set of Load, and
	// sets are the others so far, by name.
	tuned   map[string]jobs.Weights
	first   *set
	sets    map[string]*set
	backend backend
	// subjects are the texts that are asked about, by ID; writing is the job that writes.
	subjects map[int]*subject
	writing  *writing
	// helpers are the workers that the page thinks have nothing to do while the job at hand runs.
	helpers  []int
	inboxes  inboxes
	patience patience
	training *training
	// ahead is what was asked of the training that begins next, while it waited.
	ahead []jobs.Steer
}

// maxTokens bounds a text: t_max trained windows.
func (w *Worker) maxTokens() int {
	return int(w.first.tMax) * w.first.window()
}

// Load takes a checkpoint whose files have been read, and tuned, the weights that methods
// run on instead. If it fails, the worker keeps the model that it had.
func (w *Worker) Load(config, data, vocabulary []byte, tuned map[string]jobs.Weights) error {
	tok, err := tokenizer.Parse(vocabulary)
	if err != nil {
		return fmt.Errorf("the model's tokenizer is damaged: %w", err)
	}
	first, err := read(config, data, tok)
	if err != nil {
		return err
	}
	w.use(first, tok, tuned)
	return nil
}

// use makes a set the worker's first.
func (w *Worker) use(first *set, tok *tokenizer.Tokenizer, tuned map[string]jobs.Weights) {
	w.dropGPU()
	w.forgetRaw(first)
	w.tok, w.tuned, w.first, w.sets, w.subjects = tok, tuned, first, map[string]*set{}, map[int]*subject{}
	var err error
	if w.task, err = recall.NewTask(tok.Encode); err != nil {
		w.task = nil
	}
}

// asked is t for a text of n tokens by a rule.
func (w *Worker) asked(rule jobs.FactorRule, n int) float64 {
	return rule.At(n, w.first.window(), w.first.tMax)
}

// SetFactor gives the job that writes another t; a job that is over hears nothing.
func (w *Worker) SetFactor(id int, rule jobs.FactorRule) {
	if w.writing != nil && w.writing.id == id {
		w.writing.rule = rule
	}
}

// Do carries one job out and says how it ended.
func (w *Worker) Do(ctx context.Context, r jobs.Request) {
	emit := w.Emit
	w.Emit = func(a jobs.Answer) {
		if a.Kind == "" {
			a.ID, a.Kind = r.ID, r.Kind()
		}
		emit(a)
	}
	w.helpers = r.Helpers
	defer func() { w.Emit, w.helpers = emit, nil }()
	reason, err := w.do(ctx, r)
	switch {
	case errors.Is(err, context.Canceled):
		w.Emit(jobs.Answer{Done: true, StopReason: jobs.StopCancelled})
	case err != nil:
		w.Emit(jobs.Answer{Error: err.Error()})
	default:
		w.Emit(jobs.Answer{Done: true, StopReason: reason})
	}
}

func (w *Worker) do(ctx context.Context, r jobs.Request) (jobs.StopReason, error) {
	switch {
	case r.Describe != nil:
		return "", w.describe(ctx, r.Describe)
	case r.Export != nil:
		return "", w.export(ctx, r.Export)
	case w.first == nil:
		return "", errors.New("no model is loaded yet")
	case r.Write != nil:
		return w.write(ctx, r.ID, r.Write)
	case r.Subject != nil:
		return "", w.take(ctx, r.Subject)
	case r.Measure != nil:
		return "", w.onEither(r.Measure.GPUAttempt, func(attempt int) error { return w.measure(ctx, r.Measure, attempt) })
	case r.Judge != nil:
		return "", w.onEither(r.Judge.GPUAttempt, func(attempt int) error { return w.judge(ctx, r.Judge, attempt) })
	case r.Attend != nil:
		return "", w.attend(ctx, r.Attend)
	case r.Probe != nil:
		return "", w.probe(ctx, r.Probe)
	case r.Train != nil:
		return "", w.train(ctx, r.ID, r.Train)
	case r.Tune != nil:
		w.tune(r.Tune)
		return "", nil
	case r.Calibrate != nil:
		return "", w.calibrate(ctx, r.Calibrate)
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
