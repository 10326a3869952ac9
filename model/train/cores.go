package train

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"clexlab/model/kernel"
)

// cores is the Computer of this machine's processor: a shard a goroutine, gradients summed in an
// order of their own, so that the result does not depend on how many cores there are.
type cores struct {
	recipe     *Recipe
	parameters *Parameters
	teacher    *Parameters
	results    []*result // of a step's shards
	shards     []*shard  // a core each
	teachers   []*shard  // likewise
	vectors    *Vectors
	optimizer  *adamW
	blockSums  []float64
	outcome    Outcome
	helpers    []Helper
	// summed are the groups of shards whose gradients came as a sum, additions those that are left to make.
	summed    map[group]bool
	additions []addition
	// hands is how many computed the last step: this machine's cores, counted as one, and helpers.
	hands int
	// patience is how long a helper is waited for at least, once those here are done.
	patience time.Duration
}

// A helper is given this time beyond ten times what the shards here took: the first ones may wait for a compiler.
const patience = 10 * time.Second

func newCores(r *Recipe, p, teacher *Parameters, v *Vectors) *cores {
	c := &cores{patience: patience, summed: map[group]bool{}, recipe: r, parameters: p, teacher: teacher, vectors: v, optimizer: &adamW{v.First, v.Second, p.Decays()}, blockSums: make([]float64, (p.Total+gradientBlock-1)/gradientBlock)}
	for range r.Batch / r.ShardRows {
		c.results = append(c.results, newResult(p, r.ShardRows*r.rowTokens()))
	}
	for range min(runtime.GOMAXPROCS(0), len(c.results)) {
		c.shards = append(c.shards, newShard(p, r.ShardRows, r.rowTokens()))
		if r.Distil > 0 {
			c.teachers = append(c.teachers, newTeacher(teacher, r.ShardRows, r.rowTokens()))
		}
	}
	c.outcome = Outcome{Losses: make([]float64, len(c.results)), Frequency: make([][]float64, len(c.results))}
	return c
}

// Processor is the Computer of this machine's processor for steps of r; it works on v itself. teacher are the
// weights whose predictions are a part of the targets, nil where r has none.
func Processor(r *Recipe, v *Vectors, teacher []float32) Computer {
	c := r.Model.Config()
	layout := NewLayout(c)
	return newCores(r, &Parameters{Config: c, Layout: layout, Flat: v.Weights}, &Parameters{Config: c, Layout: layout, Flat: teacher}, v)
}

// Step implements Computer.
func (c *cores) Step(ctx context.Context, b *Batch, u Update) (Outcome, error) {
	mine, waits := c.share(ctx, b)
	begin := time.Now()
	var wg sync.WaitGroup
	next := make(chan int, len(c.results))
	for i := range mine {
		next <- i
	}
	close(next)
	for core := range min(len(c.shards), mine) {
		wg.Go(func() {
			for i := range next {
				c.run(core, i, b)
			}
		})
	}
	wg.Wait()
	enough := c.patience + 10*time.Since(begin)
	clear(c.summed)
	c.hands = 1
	for _, w := range waits {
		if c.take(w, enough) {
			c.summed[w.group] = true
			c.hands++
			continue
		}
		// Whoever failed once is asked no more: what comes late would be taken for what is asked next.
		c.helpers = slices.DeleteFunc(slices.Clone(c.helpers), func(h Helper) bool { return h == w.helper })
		if ctx.Err() != nil {
			continue
		}
		for i := w.group.from; i < w.group.to; i++ {
			c.run(0, i, b)
		}
	}
	if err := ctx.Err(); err != nil && len(waits) > 0 {
		return Outcome{}, err
	}
	out := &c.outcome
	out.AnswerLoss = 0
	for k, s := range c.results {
		out.Losses[k], out.Frequency[k] = s.loss, s.frequency
		for i, answer := range b.Answers[b.Shards[k].From:b.Shards[k].To] {
			if answer {
				out.AnswerLoss += float64(s.nll[i])
			}
		}
	}
	out.GradientNorm = c.sumGradients()
	if notFinite(out.GradientNorm) {
		return *out, nil
	}
	c.optimizer.step(c.vectors.Weights, c.results[0].gradient, min(1, u.Clip/max(out.GradientNorm, 1e-30)), u.Rate, u.WeightDecay, u.Step)
	c.average(u)
	return *out, nil
}

// begun is a group of shards that a helper computes.
type begun struct {
	helper Helper
	group  group
	wait   func(gradient []float32) ([]ShardOutcome, error)
	// end has wait return.
	end context.CancelFunc
}

// share begins all groups but the first elsewhere; that many shards are to be computed here.
func (c *cores) share(ctx context.Context, b *Batch) (mine int, waits []begun) {
	n := len(c.results)
	if c.recipe.Distil > 0 {
		return n, nil
	}
	var ready []Helper
	for _, h := range c.helpers {
		if h.Ready() {
			ready = append(ready, h)
		}
	}
	groups := groupsFor(n, 1+len(ready))
	for k, g := range groups[1:] {
		var rows []*ShardRows
		for i := g.from; i < g.to; i++ {
			rows = append(rows, b.rows(i))
		}
		until, end := context.WithCancel(ctx)
		waits = append(waits, begun{ready[k], g, ready[k].Begin(until, c.vectors.Weights, rows), end})
	}
	return groups[0].to, waits
}

// take waits for what a helper computed, which may take so long; it reports whether it came.
func (c *cores) take(w begun, enough time.Duration) bool {
	defer w.end()
	results := c.results[w.group.from:w.group.to]
	late := time.AfterFunc(enough, w.end)
	defer late.Stop()
	out, err := w.wait(results[0].gradient)
	if err != nil || len(out) != len(results) {
		return false
	}
	for i, s := range results {
		if len(out[i].NLL) != len(s.nll) || len(out[i].Frequency) != len(s.frequency) {
			return false
		}
	}
	for i, s := range results {
		s.loss = out[i].Loss
		copy(s.nll, out[i].NLL)
		copy(s.frequency, out[i].Frequency)
	}
	return true
}

// Store implements Computer: the vectors are those it works on.
func (c *cores) Store(context.Context, *Vectors) error { return nil }

// run computes shard i on a core.
func (c *cores) run(core, i int, b *Batch) {
	rows := b.rows(i)
	var soft []float32
	if c.recipe.Distil > 0 {
		soft = c.teachers[core].predict(c.teacher, rows.Tokens)
	}
	c.shards[core].compute(c.results[i], c.parameters, rows, soft, c.recipe.Distil, c.recipe.FieldRate > 0)
}

// average moves the running mean.
func (c *cores) average(u Update) {
	share := float32(u.MeanShare)
	if u.MeanBegins {
		share = 1
	}
	if share == 0 {
		return
	}
	mean, w := c.vectors.Mean, c.vectors.Weights
	overCores(len(w), func(from, to int) {
		for i := from; i < to; i++ {
			mean[i] += share * (w[i] - mean[i])
		}
	})
}

// gradientBlock is how many gradients are summed into one partial norm.
const gradientBlock = 1 << 14

// sumGradients adds all shards' gradients into the first, by groups, and
// returns the norm of the sum, added up in block order.
func (c *cores) sumGradients() float64 {
	sum := c.results[0].gradient
	c.additions = sums(c.additions[:0], group{0, len(c.results)}, c.summed)
	overCores(len(c.blockSums), func(from, to int) {
		for b := from; b < to; b++ {
			lo, hi := b*gradientBlock, min(len(sum), (b+1)*gradientBlock)
			for _, a := range c.additions {
				dst := c.results[a.to].gradient[lo:hi]
				kernel.Add(dst, dst, c.results[a.from].gradient[lo:hi])
			}
			dst := sum[lo:hi]
			var squares float64
			for _, v := range dst {
				squares += float64(v) * float64(v)
			}
			c.blockSums[b] = squares
		}
	})
	var squares float64
	for _, v := range c.blockSums {
		squares += v
	}
	return math.Sqrt(squares)
}
