package work

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/gpu"
	"clexlab/model/train"
	"clexlab/wasm/wire/jobs"
)

// training is a tuning under way.
type training struct {
	worker  *Worker
	job     int
	ask     *jobs.Train
	trainer *train.Trainer
	config  model.Config
	held    []int32
	backend string
	prior   map[float64]*clex.Encoding
	kept    *keptStates
	// run is what it does next; asked are the changes that wait for the end of a step, of which heard tells.
	run   jobs.Run
	asked []jobs.Steer
	heard chan struct{}
	// release gives a GPU back, which onGPU tells, or ends the worker that helps. spent is the time that steps took, of which
	// since there were so many, those long past counting less.
	release func()
	onGPU   bool
	spent   time.Duration
	since   float64
	// spare is the last state where there is no room to keep it.
	spare spareState
}

// train tunes the weights of a method with CLEX, and tells how it goes. The result is the worker's own;
// the model that it holds stays as it is.
func (w *Worker) train(ctx context.Context, id int, r *jobs.Train) error {
	// What is asked for while texts and weights are fetched waits for the beginning.
	t := &training{worker: w, job: id, ask: r, asked: w.ahead, prior: map[float64]*clex.Encoding{}, run: jobs.Going, heard: make(chan struct{}, 1)}
	w.training, w.ahead = t, nil
	defer func() { w.training = nil }()
	if err := t.prepare(ctx); err != nil {
		return err
	}
	defer t.leave()
	if r.Resume != nil {
		if err := t.back(ctx, *r.Resume); err != nil {
			return err
		}
	} else {
		t.chooseBackend(ctx)
		if err := t.report(ctx, jobs.Trained{Backend: t.backend}, true); err != nil {
			return err
		}
	}
	for {
		err := t.learn(ctx)
		// What was learnt before a stop is a result as well.
		if err == nil && t.trainer.Steps() > 0 {
			err = t.publish()
		}
		if err == nil {
			return ctx.Err()
		}
		var device *gpu.Error
		if !errors.As(err, &device) || !t.failed(err) {
			return err
		}
	}
}

// learn makes steps until all are made or ctx ends.
func (t *training) learn(ctx context.Context) error {
	w := t.worker
	for !t.trainer.Done() {
		w.Yield()
		if err := t.obey(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		if t.trainer.Done() {
			break
		}
		begun := w.now()
		report, err := t.trainer.Step(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			if t.failed(err) {
				continue
			}
			return fmt.Errorf("%w. Undo by training anew with lower rates", err)
		}
		// The first steps are slow: code is compiled while they run, and what helps starts.
		changed := t.changedHands()
		t.spent, t.since = t.spent*9/10+w.now().Sub(begun), t.since*0.9+1
		if t.run == jobs.OneStep {
			t.run = jobs.Paused
		}
		said := jobs.Trained{Step: report.Step, Loss: report.Loss, Rate: t.since * float64(report.Tokens) / max(1e-3, t.spent.Seconds())}
		if changed {
			said.Backend = t.backend
		}
		whole := report.Step%t.ask.TellEvery == 0 || t.trainer.Done() || t.run == jobs.Paused
		if err := t.report(ctx, said, whole); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// publish tells the result as it stands.
func (t *training) publish() error {
	files, err := t.files()
	if err != nil {
		return err
	}
	t.worker.Emit(jobs.Answer{Trained: &jobs.Trained{Step: t.trainer.Steps(), Files: files}})
	return nil
}

// chooseBackend has the steps computed on a GPU if that is asked for and there is one, and by the processor otherwise.
func (t *training) chooseBackend(ctx context.Context) {
	w := t.worker
	t.leave()
	t.backend, t.spent, t.since = "CPU", 0, 0
	if t.ask.GPUAttempt < 1 || w.OpenTrainer == nil {
		t.share()
		return
	}
	c, name, release, err := w.OpenTrainer(ctx, t.trainer.Recipe, t.trainer.Vectors())
	if err != nil {
		w.Emit(jobs.Answer{GPU: &jobs.GPU{Trouble: err.Error()}})
		t.share()
		return
	}
	t.release, t.onGPU = release, true
	t.trainer.Compute(c)
	t.backend = name
}

// mostShards is into how many parts a step's rows are cut, however many workers there are: the order of the sums must not depend on them.
const mostShards = 4

// share has some of the rows computed beside this worker, where that can be.
func (t *training) share() {
	if t.worker.OpenHelpers == nil {
		return
	}
	r := t.trainer.Recipe
	if list, release := t.worker.OpenHelpers(r, r.Batch/r.ShardRows-1); len(list) > 0 {
		t.trainer.ShareWith(list...)
		t.release = release
	}
}

// changedHands names the processor's workers that made the last step, and reports whether they are others than before: their speed is then measured anew.
func (t *training) changedHands() bool {
	if t.onGPU {
		return false
	}
	name := "CPU"
	if n := t.trainer.Hands(); n > 1 {
		name = fmt.Sprintf("CPU, %d workers", n)
	}
	if name == t.backend {
		return false
	}
	t.backend, t.spent, t.since = name, 0, 0
	return true
}

// leave gives the GPU back, or ends the helper.
func (t *training) leave() {
	t.trainer.ShareWith()
	t.onGPU = false
	if t.release != nil {
		t.release()
		t.release = nil
	}
}

// prepare reads the texts and the weights to begin with.
func (t *training) prepare(ctx context.Context) error {
	w, r := t.worker, t.ask
	start, config, err := w.start(ctx, r.From)
	if err != nil {
		return err
	}
	t.config = config
	recipe, err := recipeOf(r, config, w.task != nil)
	if err != nil {
		return err
	}
	body := []byte(r.Text)
	if r.Text == "" {
		if body, err = w.FetchText(ctx, r.Address); err != nil {
			return err
		}
	}
	tokens := w.tok.Encode(nil, strings.ToValidUTF8(string(body), "\uFFFD"))
	if len(tokens) < 2*config.Rotary.Window {
		return fmt.Errorf("the text to learn from has %d tokens: want at least %d, two trained windows", len(tokens), 2*config.Rotary.Window)
	}
	ends := make([]bool, config.Vocab)
	for id := range w.tok.Size() {
		word := strings.TrimRight(w.spell(int32(id)), "\"')\n")
		ends[id] = strings.HasSuffix(word, ".") || strings.HasSuffix(word, "!") || strings.HasSuffix(word, "?")
	}
	text, err := train.NewText([][]int32{tokens}, ends, make([]bool, config.Vocab), w.task, config.Rotary.Window)
	if err != nil {
		return err
	}
	if t.kept, err = w.keptStates(r); err != nil {
		return err
	}
	if t.trainer, err = train.NewTrainer(recipe, text, start); err != nil {
		return err
	}
	held, err := w.FetchText(ctx, r.Held)
	if err != nil {
		return err
	}
	longest := int(heldFactors[len(heldFactors)-1]) * config.Rotary.Window
	t.held, _ = w.cut(held, longest)
	if len(t.held) < longest {
		return fmt.Errorf("the held text has %d tokens, want %d", len(t.held), longest)
	}
	return nil
}

// start are the weights of a method as they can be trained.
func (w *Worker) start(ctx context.Context, method string) (*train.Parameters, model.Config, error) {
	from, ok := w.tuned[method]
	if !ok || w.Fetch == nil {
		return nil, model.Config{}, fmt.Errorf("this model has no weights of its own for %s to begin with", method)
	}
	config, data, err := w.Fetch(ctx, from)
	if err != nil {
		return nil, model.Config{}, err
	}
	c, err := checkpoint.ReadParts(config, data)
	if err != nil {
		return nil, model.Config{}, fmt.Errorf("the weights %q are damaged: %w", from.Name, err)
	}
	p, err := train.NewParameters(c.Config, 0)
	if err != nil {
		return nil, model.Config{}, err
	}
	return p, c.Config, p.Import(c.Weights)
}

// report says how a step went, with what takes time to find out if whole.
func (t *training) report(ctx context.Context, said jobs.Trained, whole bool) error {
	if whole {
		if err := t.trainer.Store(ctx); err != nil {
			return err
		}
		var err error
		if said.Held, said.Places, err = t.losses(ctx); err != nil {
			return err
		}
		if err := t.tellField(&said); err != nil {
			return err
		}
	}
	t.note(&said)
	if whole {
		t.keep(&said)
	}
	said.Pausing = t.run == jobs.Paused
	t.worker.Emit(jobs.Answer{Trained: &said})
	return nil
}

// tellField says where the field stands.
func (t *training) tellField(said *jobs.Trained) (err error) {
	if _, network, err := t.trainer.Result(); err != nil {
		return err
	} else if network != nil {
		// The next step changes it in place.
		said.Network = network.Clone()
	}
	said.Moved, err = t.moved()
	return err
}

// moved compares the field with its prior.
func (t *training) moved() (*jobs.Moved, error) {
	out := &jobs.Moved{}
	for _, factor := range []float64{2, 4, 8, 16, 32, 64} {
		if factor > t.ask.TMax {
			break
		}
		if t.prior[factor] == nil {
			s, err := clex.New("clex", t.config.Rotary, clex.Options{TMax: t.ask.TMax})
			if err != nil {
				return nil, err
			}
			t.prior[factor] = &clex.Encoding{}
			if err := s.Encode(t.prior[factor], factor, 0); err != nil {
				return nil, err
			}
		}
		var e clex.Encoding
		if err := t.trainer.Encoding(&e, factor); err != nil {
			return nil, err
		}
		row := make([]float64, len(e.InvFreq))
		for i, theta := range e.InvFreq {
			row[i] = math.Log(theta / t.prior[factor].InvFreq[i])
		}
		out.Factors, out.Pairs = append(out.Factors, factor), append(out.Pairs, row)
	}
	return out, nil
}

// files writes the result as a checkpoint of int8 rows.
func (t *training) files() (*jobs.Files, error) {
	if err := t.trainer.Store(context.Background()); err != nil {
		return nil, err
	}
	p, network, err := t.trainer.Result()
	if err != nil {
		return nil, err
	}
	recipe, err := json.Marshal(t.trainer.Recipe)
	if err != nil {
		return nil, err
	}
	c := &checkpoint.Checkpoint{Config: t.config, Weights: p.Weights(), CLEX: network, Scaling: checkpoint.CLEXScaling(network, t.ask.TMax),
		Metadata: map[string]string{"format": "pt", checkpoint.RecipeKey: string(recipe), checkpoint.MadeKey: t.made(), "clexlab.steps": fmt.Sprint(t.trainer.Steps())}}
	config, err := c.MarshalConfig(checkpoint.I8)
	if err != nil {
		return nil, err
	}
	var weights bytes.Buffer
	if err := c.WriteWeights(&weights, checkpoint.I8); err != nil {
		return nil, err
	}
	return &jobs.Files{Config: t.worker.Publish(config, "application/json"), Weights: t.worker.Publish(weights.Bytes(), "application/octet-stream"),
		Size: int64(weights.Len()), Network: network, Recipe: t.recipe()}, nil
}
