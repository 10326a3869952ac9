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

// cores is the Computer of this machine's processor: a shard a goroutine, gradients summed in the
// shards' order, so that the result does not depend on how many cores there are.
type cores struct {
	recipe     *Recipe
	parameters *Parameters
	teacher    *Parameters
	shards     []*shard
	teachers   []*shard
	vectors    *Vectors
	optimizer  *adamW
	blockSums  []float64
	outcome    Outcome
	helpers    []Helper
	// patience is how long a helper's shard is waited for at least, once those here are done.
	patience time.Duration
}

// A helper is given this time beyond ten times what the shards here took: its program may have to be compiled first.
const patience = 30 * time.Second

func newCores(r *Recipe, p, teacher *Parameters, v *Vectors) *cores {
	c := &cores{patience: patience, recipe: r, parameters: p, teacher: teacher, vectors: v, optimizer: &adamW{v.First, v.Second, p.Decays()}, blockSums: make([]float64, (p.Total+gradientBlock-1)/gradientBlock)}
	for range r.Batch / r.ShardRows {
		c.shards = append(c.shards, newShard(p, r.ShardRows, r.rowTokens()))
		if r.Distil > 0 {
			c.teachers = append(c.teachers, newTeacher(teacher, r.ShardRows, r.rowTokens()))
		}
	}
	c.outcome = Outcome{Losses: make([]float64, len(c.shards)), Frequency: make([][]float64, len(c.shards))}
	return c
}

// Step implements Computer.
func (c *cores) Step(ctx context.Context, b *Batch, u Update) (Outcome, error) {
	mine, waits := c.share(ctx, b)
	begin := time.Now()
	var wg sync.WaitGroup
	next := make(chan int, len(c.shards))
	for i := range mine {
		next <- i
	}
	close(next)
	for range min(runtime.GOMAXPROCS(0), mine) {
		wg.Go(func() {
			for i := range next {
				c.run(i, b)
			}
		})
	}
	wg.Wait()
	enough := c.patience + 10*time.Since(begin)
	for k, w := range waits {
		i, s := mine+k, c.shards[mine+k]
		if !slices.Contains(c.helpers, w.helper) {
			w.end()
			c.run(i, b) // it has failed at the shard before
			continue
		}
		late := time.AfterFunc(enough, w.end)
		out, err := w.wait(s.gradient)
		late.Stop()
		w.end()
		if err != nil || len(out.NLL) != len(s.nll) || len(out.Frequency) != len(s.frequency) {
			// Whoever failed once is asked no more.
			c.helpers = slices.DeleteFunc(slices.Clone(c.helpers), func(h Helper) bool { return h == w.helper })
			c.run(i, b)
			continue
		}
		s.loss = out.Loss
		copy(s.nll, out.NLL)
		copy(s.frequency, out.Frequency)
	}
	if err := ctx.Err(); err != nil && len(waits) > 0 {
		return Outcome{}, err
	}
	out := &c.outcome
	out.AnswerLoss = 0
	for k, s := range c.shards {
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
	c.optimizer.step(c.vectors.Weights, c.shards[0].gradient, min(1, u.Clip/max(out.GradientNorm, 1e-30)), u.Rate, u.WeightDecay, u.Step)
	c.average(u)
	return *out, nil
}

// begun is a shard that a helper computes.
type begun struct {
	helper Helper
	wait   func(gradient []float32) (ShardOutcome, error)
	// end has wait return.
	end context.CancelFunc
}

// share begins the last shards elsewhere, the same number at each helper or one less; the first so many are to be computed here.
func (c *cores) share(ctx context.Context, b *Batch) (mine int, waits []begun) {
	n := len(c.shards)
	if c.recipe.Distil > 0 {
		return n, nil
	}
	hands := min(len(c.helpers)+1, n)
	mine = (n + hands - 1) / hands
	for k := mine; k < n; {
		weights := c.vectors.Weights
		h := c.helpers[hands-2]
		hands--
		for range (n - k + hands - 1) / hands {
			until, end := context.WithCancel(ctx)
			waits = append(waits, begun{h, h.Begin(until, weights, b.rows(k)), end})
			weights = nil
			k++
		}
	}
	return mine, waits
}

// Store implements Computer: the vectors are those it works on.
func (c *cores) Store(context.Context, *Vectors) error { return nil }

func (c *cores) run(i int, b *Batch) {
	rows := b.rows(i)
	var soft []float32
	if c.recipe.Distil > 0 {
		soft = c.teachers[i].predict(c.teacher, rows.Tokens)
	}
	c.shards[i].compute(c.parameters, rows, soft, c.recipe.Distil, c.recipe.FieldRate > 0)
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

// sumGradients adds all shards' gradients into the first, in shard order, and
// returns the norm of the sum, added up in block order.
func (c *cores) sumGradients() float64 {
	sum := c.shards[0].gradient
	overCores(len(c.blockSums), func(from, to int) {
		for b := from; b < to; b++ {
			lo, hi := b*gradientBlock, min(len(sum), (b+1)*gradientBlock)
			dst := sum[lo:hi]
			for _, s := range c.shards[1:] {
				kernel.Add(dst, dst, s.gradient[lo:hi])
			}
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
