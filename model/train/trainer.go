package train

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"clexlab/clex"
)

// Trainer follows a recipe. It is not safe for concurrent use.
type Trainer struct {
	Recipe     *Recipe
	Parameters *Parameters
	// Field is the CLEX field being trained; nil for other schemes.
	Field *Field

	text      *Text
	scheme    clex.Scheme
	start     *Parameters // what the run began with, where distillation or merging needs it
	mean      []float32   // the running average of Parameters.Flat; nil without one
	teachers  []*shard
	optimizer *adamW
	step      int
	shards    []*shard
	rows      []shardRows
	blockSums []float64
}

// shardRows is one shard's share of a batch.
type shardRows struct {
	tokens, targets []int32
	weights         []float32
	answers         []bool // which targets are answers of the recall task
	positions       []float64
	t               float64
	encoding        clex.Encoding
	row             []int32
	starts          []int // where sentences of the row begin
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
	start = &Parameters{Config: start.Config, spans: start.spans, Flat: slices.Clone(start.Flat)}
	if start.Config != cfg {
		return nil, fmt.Errorf("train: the start has another configuration than recipe %q: %+v", r.Name, start.Config)
	}
	t := &Trainer{Recipe: r, Parameters: start, text: text, start: begun, optimizer: newAdamW(start.total, start.decays())}
	if r.Average != nil {
		t.mean = make([]float32, start.total)
	}
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
	n := r.Model.Window
	for range r.Batch / r.ShardRows {
		t.shards = append(t.shards, newShard(start, r.ShardRows, n))
		if r.Distil > 0 {
			t.teachers = append(t.teachers, newTeacher(begun, r.ShardRows, n))
		}
		t.rows = append(t.rows, shardRows{
			tokens: make([]int32, r.ShardRows*n), targets: make([]int32, r.ShardRows*n),
			weights: make([]float32, r.ShardRows*n), answers: make([]bool, r.ShardRows*n), positions: make([]float64, r.ShardRows*n), row: make([]int32, n+1),
		})
	}
	t.blockSums = make([]float64, (start.total+gradientBlock-1)/gradientBlock)
	return t, nil
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
	if err := t.draw(); err != nil {
		return Report{}, err
	}
	var wg sync.WaitGroup
	next := make(chan int, len(t.shards))
	for i := range t.shards {
		next <- i
	}
	close(next)
	for range min(runtime.GOMAXPROCS(0), len(t.shards)) {
		wg.Go(func() {
			for i := range next {
				t.run(i)
			}
		})
	}
	wg.Wait()

	var loss, answerLoss float64
	answers := 0
	for k, s := range t.shards {
		loss += s.loss
		for i, answer := range t.rows[k].answers {
			if answer {
				answerLoss += float64(s.nats[i])
				answers++
			}
		}
	}
	norm := t.sumGradients()
	if math.IsNaN(loss) || math.IsInf(loss, 0) || math.IsNaN(norm) || math.IsInf(norm, 0) {
		return Report{}, fmt.Errorf("train: recipe %q, step %d: loss %v, gradient norm %v: not finite; lower learning_rate", r.Name, t.step, loss, norm)
	}
	rate := r.rate(t.step, r.LearningRate)
	scale := min(1, r.Clip/max(norm, 1e-30))
	if t.Field != nil {
		if err := t.Field.step(t.shards, t.rows, t.step, r); err != nil {
			return Report{}, err
		}
	}
	t.step++
	t.optimizer.step(t.Parameters.Flat, t.shards[0].gradient, scale, rate, r.WeightDecay, t.step)
	t.average()
	return Report{Step: t.step, Loss: loss, AnswerLoss: answerLoss / float64(max(1, answers)), GradientNorm: norm, LearningRate: rate, Tokens: r.Batch * r.Model.Window}, nil
}

func (t *Trainer) run(i int) {
	s, rows := t.shards[i], &t.rows[i]
	var soft []float32
	if t.Recipe.Distil > 0 {
		soft = t.teachers[i].predict(t.start, rows.tokens)
	}
	s.setAngles(rows.positions, &rows.encoding)
	s.setSkips(rows.positions, t.Recipe.WeighSkips)
	s.forward(t.Parameters, rows.tokens)
	s.loss = s.crossEntropy(rows.targets, rows.weights, soft, t.Recipe.Distil)
	s.backward(t.Parameters, rows.tokens, rows.positions, t.Field != nil && t.Recipe.FieldRate > 0)
}

// draw fills the rows of the coming step from (seed, step).
func (t *Trainer) draw() error {
	r, n, reading := t.Recipe, t.Recipe.Model.Window, t.Recipe.reading(t.step)
	var total float64
	for k := range t.rows {
		rows := &t.rows[k]
		rng := rand.New(rand.NewPCG(r.Seed, uint64(t.step)<<20|uint64(k)))
		rows.t = reading.t.draw(rng)
		for i := range r.ShardRows {
			at := i * n
			weights := rows.weights[at : at+n]
			t.text.Row(rows.row, weights, reading.text, rng)
			copy(rows.tokens[at:at+n], rows.row)
			copy(rows.targets[at:at+n], rows.row[1:])
			for j, w := range weights {
				rows.answers[at+j] = w == reading.text.AnswerWeight && w != 1
				total += float64(w)
			}
			rows.starts = rows.starts[:0]
			for j, id := range rows.row[:n-1] {
				if t.text.Ends[id] {
					rows.starts = append(rows.starts, j+1)
				}
			}
			choice := position(reading.positions, rng)
			samplers[choice.Sampler](rows.positions[at:at+n], max(n, int(math.Round(rows.t*float64(n)))), rows.starts, choice, rng)
		}
		if err := t.Encoding(&rows.encoding, rows.t); err != nil {
			return err
		}
	}
	for k := range t.rows {
		for i := range t.rows[k].weights {
			t.rows[k].weights[i] /= float32(total)
		}
	}
	return nil
}

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

func (f FactorChoice) draw(rng *rand.Rand) float64 {
	switch u := rng.Float64(); {
	case u < f.ProbOne:
		return 1
	case u < f.ProbOne+f.ProbMax:
		return f.Max
	}
	t := f.Min + rng.Float64()*(f.Max-f.Min)
	if f.Integer {
		t = math.Floor(f.Min + rng.Float64()*(math.Floor(f.Max)-f.Min+1))
	}
	return t
}

func position(choices []PositionChoice, rng *rand.Rand) PositionChoice {
	u := rng.Float64()
	for _, c := range choices {
		if u < c.Share {
			return c
		}
		u -= c.Share
	}
	return choices[len(choices)-1]
}

// gradientBlock is how many gradients are summed into one partial norm.
const gradientBlock = 1 << 14

// sumGradients adds all shards' gradients into the first, in shard order, and
// returns the norm of the sum, added up in block order.
func (t *Trainer) sumGradients() float64 {
	sum := t.shards[0].gradient
	overCores(len(t.blockSums), func(from, to int) {
		for b := from; b < to; b++ {
			lo, hi := b*gradientBlock, min(len(sum), (b+1)*gradientBlock)
			dst := sum[lo:hi]
			for _, s := range t.shards[1:] {
				for i, v := range s.gradient[lo:hi] {
					dst[i] += v
				}
			}
			var squares float64
			for _, v := range dst {
				squares += float64(v) * float64(v)
			}
			t.blockSums[b] = squares
		}
	})
	var squares float64
	for _, v := range t.blockSums {
		squares += v
	}
	return math.Sqrt(squares)
}
