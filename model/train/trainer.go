package train

import (
	"context"
	"fmt"
	"math"
	"slices"

	"clexlab/clex"
)

// Trainer follows a recipe. It is not safe for concurrent use.
type Trainer struct {
	Recipe     *Recipe
	Parameters *Parameters
	// Field is the CLEX field being trained; nil for other schemes.
	Field *Field

	text     *Text
	scheme   clex.Scheme
	start    *Parameters // what the run began with, for what is merged with it
	vectors  Vectors
	computer Computer
	batch    *Batch
	ahead    chan *Batch // the next step's rows, drawn while this step is computed; nil before the first
	spare    *Batch
	// behind says that the computer has made a step, or tried to, since it last wrote the vectors.
	behind  bool
	step    int
	helpers []Helper
}

// Report tells of one step.
type Report struct {
	Step int
	// Loss is the mean weighted loss in nats per token of the step's batch.
	Loss float64
	// AnswerLoss is the mean loss of the answers among them, 0 when there were none.
	AnswerLoss float64
	// GradientNorm is the norm before clipping.
	GradientNorm float64
	LearningRate float64
	// Tokens is how many tokens the step read.
	Tokens int
}

// NewTrainer prepares a run. start holds the weights to begin with (their
// configuration must be the recipe's), or is nil for a fresh model; it stays as it is.
func NewTrainer(r *Recipe, text *Text, start *Parameters) (*Trainer, error) {
	cfg := r.Model.Config()
	if len(text.Ends) != cfg.Vocab {
		return nil, fmt.Errorf("train: the tokenizer has %d tokens, recipe %q says vocab %d", len(text.Ends), r.Name, cfg.Vocab)
	}
	if start == nil {
		p, err := NewParameters(cfg, r.Seed)
		if err != nil {
			return nil, err
		}
		start = p
	}
	begun := start
	start = &Parameters{Config: start.Config, Layout: start.Layout, Flat: slices.Clone(start.Flat)}
	if start.Config != cfg {
		return nil, fmt.Errorf("train: the start has another configuration than recipe %q: %+v", r.Name, start.Config)
	}
	t := &Trainer{Recipe: r, Parameters: start, text: text, start: begun, vectors: newVectors(start, r.Average != nil), batch: newBatch(r), spare: newBatch(r)}
	if r.Scheme.Name == "clex" {
		f, err := newField(cfg.Rotary, r)
		if err != nil {
			return nil, err
		}
		t.Field = f
	} else {
		s, err := clex.New(r.Scheme.Name, cfg.Rotary, clex.Options{})
		if err != nil {
			return nil, fmt.Errorf("train: recipe %q: %w", r.Name, err)
		}
		t.scheme = s
	}
	return t, nil
}

// Compute lets c make the steps from now on, which must hold the run's vectors as they stand; by
// default the processor's cores do.
func (t *Trainer) Compute(c Computer) { t.computer = c }

// Vectors are the run's weights and moments as a Computer last stored them, see [Trainer.Store].
func (t *Trainer) Vectors() *Vectors { return &t.vectors }

// Store brings Parameters and Vectors up to the last step. What was stored since is not asked for again. After an error they are
// of no step: the run goes on from a state, see [Trainer.ReadState].
func (t *Trainer) Store(ctx context.Context) error {
	if t.computer == nil || !t.behind {
		return nil
	}
	if err := t.computer.Store(ctx, &t.vectors); err != nil {
		return err
	}
	t.behind = false
	return nil
}

// SetRates changes the peak learning rates of weights and field from the next step on. What a run does not train it goes on
// not to train: a rate of 0 stays.
func (t *Trainer) SetRates(weights, field float64) error {
	for _, r := range []float64{weights, field} {
		if !(r >= 0) || math.IsInf(r, 0) {
			return fmt.Errorf("train: learning rate %v: want a finite number, at least 0", r)
		}
	}
	r := t.Recipe
	if r.LearningRate > 0 && weights > 0 {
		r.LearningRate = weights
	}
	if r.FieldRate > 0 && field > 0 {
		r.FieldRate = field
	}
	return nil
}

// Done tells whether the recipe's steps are made; Steps how many are.
func (t *Trainer) Done() bool { return t.step >= t.Recipe.Steps }

// Steps is the number of steps made.
func (t *Trainer) Steps() int { return t.step }

// Step makes one step. A loss that is not finite is an error that leaves the
// weights as they were.
func (t *Trainer) Step(ctx context.Context) (Report, error) {
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	r := t.Recipe
	if t.computer == nil {
		c := newCores(r, t.Parameters, t.start, &t.vectors)
		c.helpers = t.helpers
		t.computer = c
	}
	if err := t.next(); err != nil {
		return Report{}, err
	}
	rate := r.rate(t.step, r.LearningRate)
	share, begins := r.Average.share(t.step+1, r.Steps)
	t.behind = true
	out, err := t.computer.Step(ctx, t.batch, Update{Step: t.step + 1, Rate: rate, WeightDecay: r.WeightDecay, Clip: r.Clip, MeanShare: share, MeanBegins: begins})
	if err != nil {
		return Report{}, fmt.Errorf("train: recipe %q, step %d: %w", r.Name, t.step, err)
	}
	var loss float64
	for _, v := range out.Losses {
		loss += v
	}
	if notFinite(loss) || notFinite(out.GradientNorm) {
		return Report{}, fmt.Errorf("train: recipe %q, step %d: loss %v, gradient norm %v: not finite; lower learning_rate", r.Name, t.step, loss, out.GradientNorm)
	}
	t.step++
	if t.Field != nil {
		if err := t.Field.step(t.batch, out.Frequency, t.step-1, r); err != nil {
			return Report{}, err
		}
		if share > 0 {
			t.Field.average(share)
		}
	}
	return Report{Step: t.step, Loss: loss, AnswerLoss: out.AnswerLoss / float64(max(1, t.batch.answers())), GradientNorm: out.GradientNorm, LearningRate: rate, Tokens: r.Batch * r.rowTokens()}, nil
}

func notFinite(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }

// Encoding fills dst with the rotary encoding in training at length scaling factor f.
func (t *Trainer) Encoding(dst *clex.Encoding, f float64) error {
	if fixed := t.Recipe.Scheme.Factor; fixed != 0 {
		f = fixed
	}
	if t.Field != nil {
		return t.Field.encode(dst, f)
	}
	return t.scheme.Encode(dst, f, int(f*float64(t.Recipe.Model.Window)))
}
