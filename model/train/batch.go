package train

import (
	"math"
	"math/rand/v2"

	"clexlab/clex"
)

// Batch is what one step reads: rows of RowTokens tokens, one after the other, in shards that share a
// length scaling factor. All slices but Shards have one entry a token.
type Batch struct {
	RowTokens int
	// Targets follow Tokens; Weights are those of their losses, divided by their sum.
	Tokens, Targets []int32
	Weights         []float32
	// Answers tells which targets are answers of the recall task.
	Answers []bool
	// Positions are whole numbers.
	Positions []float64
	// Before is how many keys of its row lie before the run of neighbouring positions that a token
	// stands in, Extra what is added to their scores so that they stand for what was skipped as well.
	Before []int
	Extra  []float32
	Shards []Shard

	step int
}

// Shard is a run of a batch's rows with one encoding.
type Shard struct {
	// From and To bound its tokens in the batch.
	From, To int
	// T is the length scaling factor that was drawn for it.
	T        float64
	Encoding clex.Encoding
}

func newBatch(r *Recipe) *Batch {
	n, row := r.Tokens()
	b := &Batch{
		RowTokens: row, Tokens: make([]int32, n), Targets: make([]int32, n), Weights: make([]float32, n), Answers: make([]bool, n),
		Positions: make([]float64, n), Before: make([]int, n), Extra: make([]float32, n), Shards: make([]Shard, r.Batch/r.ShardRows),
	}
	each := r.ShardRows * row
	for k := range b.Shards {
		b.Shards[k].From, b.Shards[k].To = k*each, (k+1)*each
	}
	return b
}

func (b *Batch) answers() (n int) {
	for _, a := range b.Answers {
		if a {
			n++
		}
	}
	return n
}

// next makes t.batch that of the coming step, and has the rows of the one after drawn meanwhile.
func (t *Trainer) next() error {
	if t.ahead != nil {
		t.batch, t.spare = <-t.ahead, t.batch
	}
	if t.ahead == nil || t.batch.step != t.step {
		t.draw(t.batch, t.step)
	}
	for k := range t.batch.Shards {
		s := &t.batch.Shards[k]
		if err := t.Encoding(&s.Encoding, s.T); err != nil {
			return err
		}
	}
	if t.ahead == nil {
		t.ahead = make(chan *Batch, 1)
	}
	go func(b *Batch, step int) {
		t.draw(b, step)
		t.ahead <- b
	}(t.spare, t.step+1)
	return nil
}

// draw fills a batch's rows for a step from (seed, step).
func (t *Trainer) draw(b *Batch, step int) {
	b.step = step
	r, n, reading := t.Recipe, t.Recipe.rowTokens(), t.Recipe.reading(step)
	var total float64
	row := make([]int32, n+1)
	var starts []int // where sentences of the row begin
	for k := range b.Shards {
		s := &b.Shards[k]
		rng := rand.New(rand.NewPCG(r.Seed, uint64(step)<<20|uint64(k)))
		s.T = reading.t.draw(rng)
		for at := s.From; at < s.To; at += n {
			weights := b.Weights[at : at+n]
			t.text.Row(row, weights, reading.text, rng)
			copy(b.Tokens[at:at+n], row)
			copy(b.Targets[at:at+n], row[1:])
			for j, w := range weights {
				b.Answers[at+j] = w == reading.text.AnswerWeight && w != 1
				total += float64(w)
			}
			starts = starts[:0]
			for j, id := range row[:n-1] {
				if t.text.Ends[id] {
					starts = append(starts, j+1)
				}
			}
			choice := position(reading.positions, rng)
			positions := b.Positions[at : at+n]
			samplers[choice.Sampler](positions, max(n, int(math.Round(s.T*float64(n)))), starts, choice, rng)
			skips(b.Before[at:at+n], b.Extra[at:at+n], positions, r.WeighSkips)
		}
	}
	for i := range b.Weights {
		b.Weights[i] /= float32(total)
	}
}

// skips works out, for each token of one row, which keys lie before the last skip of positions
// and how much more they weigh when they are to stand for what was skipped too: of
// the p keys that a whole text has before the run only k are here, so each counts p/k
// times, ln(p/k) in its score. Softmax over the window is then an estimate of
// softmax over the whole text, where without it far keys would never be as many as they will be.
func skips(before []int, extra []float32, positions []float64, weigh bool) {
	for i := range positions {
		extra[i] = 0
		switch {
		case i == 0:
			before[i] = 0
		case positions[i] == positions[i-1]+1:
			before[i] = before[i-1]
		default:
			before[i] = i
		}
		if k := before[i]; weigh && k > 0 {
			run := float64(i - k)
			extra[i] = float32(math.Log((positions[i] - positions[0] - run) / float64(k)))
		}
	}
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
