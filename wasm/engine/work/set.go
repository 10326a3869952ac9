package work

import (
	"context"
	"fmt"
	"maps"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/tokenizer"
	"clexlab/wasm/wire/jobs"
)

// set is one checkpoint, with the sequences that its jobs go on from.
type set struct {
	model *model.Model
	// made says what the weights were made for; its Weights are raw's alone.
	made checkpoint.Checkpoint
	// tMax is the largest t that it is read at.
	tMax    float64
	schemes map[string]clex.Scheme
	text    cachedSequence     // of the last writing job
	look    cachedSequence     // of the last measurement
	judge   cachedSequence     // of the last judgement
	held    cachedSequence     // of the last token that was held
	chunk   cachedSequence     // of the last chunk that was read for another worker
	losses  map[string]*losses // by method, of its last measurement
	// raw is what a GPU would be given, nil where memory would hardly hold it beside the model; gpu is the model there.
	raw *model.Weights
	gpu GPUModel
}

// read makes a checkpoint's files ready to run.
func read(config, data []byte, tok *tokenizer.Tokenizer) (*set, error) {
	c, err := checkpoint.ReadParts(config, data)
	if err != nil {
		return nil, fmt.Errorf("the model's file is damaged: %w", err)
	}
	if tok.Size() > c.Config.Vocab {
		return nil, fmt.Errorf("the tokenizer has %d tokens and the model %d: they do not belong together", tok.Size(), c.Config.Vocab)
	}
	return newSet(c)
}

func newSet(c *checkpoint.Checkpoint) (*set, error) {
	m, err := model.New(c.Config, c.Weights)
	if err != nil {
		return nil, fmt.Errorf("the model's file does not fit its configuration: %w", err)
	}
	s := bareSet(c, m)
	s.raw = c.Weights
	return s, nil
}

func bareSet(c *checkpoint.Checkpoint, m *model.Model) *set {
	s := &set{model: m, made: *c, tMax: c.TMax(), schemes: map[string]clex.Scheme{}, losses: map[string]*losses{}}
	s.made.Weights = nil
	return s
}

// window is the trained length in tokens.
func (s *set) window() int { return s.made.Config.Rotary.Window }

// forgetRaw saves the memory where there is no GPU to give it to.
func (w *Worker) forgetRaw(s *set) {
	if w.OpenGPU == nil {
		s.raw = nil
	}
}

// setOf is the set that a method runs on, fetched when it is first needed.
func (w *Worker) setOf(ctx context.Context, method string) (*set, error) {
	t, ok := w.tuned[method]
	if !ok || w.Fetch == nil {
		return w.first, nil
	}
	if s := w.sets[t.Name]; s != nil {
		return s, nil
	}
	config, data, err := w.Fetch(ctx, t)
	if err != nil {
		return nil, err
	}
	s, err := read(config, data, w.tok)
	if err != nil {
		return nil, fmt.Errorf("the weights %q: %w", t.Name, err)
	}
	if method == clex.TrainedHere {
		// It is read as far as the model that it stands beside, on a field of its own.
		s.tMax = max(s.tMax, w.first.tMax)
	} else if s.made.CLEX == nil && w.first.made.CLEX != nil {
		// CLEX on other weights runs with the network that it has.
		s.made.CLEX, s.made.Scaling = w.first.made.CLEX, w.first.made.Scaling
	}
	w.forgetRaw(s)
	w.sets[t.Name] = s
	return s, nil
}

// tune gives a method other weights, and drops those that it had.
func (w *Worker) tune(r *jobs.Tune) {
	old := w.tuned[r.Method]
	if old == r.Weights {
		return
	}
	tuned := map[string]jobs.Weights{}
	maps.Copy(tuned, w.tuned)
	if delete(tuned, r.Method); r.Weights.Name != "" {
		tuned[r.Method] = r.Weights
	}
	w.tuned = tuned
	if s := w.sets[old.Name]; s != nil {
		if s.gpu != nil {
			w.dropGPU()
		}
		delete(w.sets, old.Name)
	}
}

// scheme makes a method once.
func (s *set) scheme(name string) (clex.Scheme, error) {
	if made := s.schemes[name]; made != nil {
		return made, nil
	}
	o := s.made.Options(name)
	if name == clex.TrainedHere {
		o = s.made.Options("clex")
	}
	if o.Network == nil || name == clex.TrainedHere {
		// Before training, CLEX is a formula that goes as far as one asks.
		o.TMax = s.tMax
	}
	made, err := clex.New(name, s.made.Config.Rotary, o)
	if err != nil {
		return nil, err
	}
	s.schemes[name] = made
	return made, nil
}

// reader is a method ready to read: its weights, and the rule by which it encodes.
type reader struct {
	*set
	*model.Extension
	// steady is set where the method keeps one t wherever the slider stands.
	steady bool
}

// readerOf makes a method ready to read at the t that a rule says, which weights that were
// tuned at one factor do not follow.
func (w *Worker) readerOf(ctx context.Context, method string, rule jobs.FactorRule) (*reader, error) {
	s, err := w.setOf(ctx, method)
	if err != nil {
		return nil, err
	}
	scheme, err := s.scheme(method)
	if err != nil {
		return nil, err
	}
	x := &reader{s, &model.Extension{Scheme: scheme}, false}
	if f := w.tuned[method].Factor; f > 0 && s != w.first {
		x.Rule, x.steady = clex.AtT(f), true
	}
	w.follow(x, rule)
	return x, nil
}

// follow has a reader read at the t that is asked for now.
func (w *Worker) follow(x *reader, rule jobs.FactorRule) {
	if !x.steady {
		// A t held by hand means the frequencies that are shown at it, however long the text is.
		x.Rule, x.IgnoreLength = rule.Rule(w.first.tMax), !rule.Auto
	}
}
