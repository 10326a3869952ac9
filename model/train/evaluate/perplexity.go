package evaluate

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Tail is how many last tokens of a window are judged.
const Tail = 128

// Perplexity is exp of a mean loss with its 95 % bootstrap interval.
type Perplexity struct{ Value, Low, High float64 }

// WindowLosses returns the mean loss of the last Tail tokens of every window at length n,
// and, over the first of them, as many as byPosition says, the mean loss by
// position: position[i] is that of the token i+1.
func (r *Reader) WindowLosses(ctx context.Context, documents [][]int32, windows []Window, n, byPosition int, progress func(done int)) (means, position []float64, err error) {
	byPosition = min(byPosition, len(windows))
	if byPosition > 0 {
		position = make([]float64, n-1)
	}
	for i, w := range windows {
		from := max(1, n-Tail)
		if i < byPosition {
			from = 1
		}
		losses, err := r.Losses(ctx, r.opened(documents[w.Document][w.End-n:w.End]), from)
		if err != nil {
			return nil, nil, err
		}
		var sum float64
		for _, v := range losses[max(0, len(losses)-Tail):] {
			sum += float64(v)
		}
		means = append(means, sum/float64(min(Tail, len(losses))))
		if i < byPosition {
			for j, v := range losses {
				position[j] += float64(v) / float64(byPosition)
			}
		}
		if progress != nil {
			progress(i + 1)
		}
	}
	return means, position, nil
}

// opened is a window that begins with Opening.
func (r *Reader) opened(window []int32) []int32 {
	if len(r.Opening) > 0 {
		window = slices.Clone(window)
		copy(window, r.Opening)
	}
	return window
}

// Bootstrap turns the mean losses of windows into a perplexity with the 2.5 and
// 97.5 percentiles of resampled means.
func Bootstrap(means []float64, seed uint64) Perplexity {
	const resamples = 2000
	rng := rand.New(rand.NewPCG(seed, 0x626f_6f74))
	values := make([]float64, resamples)
	for i := range values {
		var sum float64
		for range means {
			sum += means[rng.IntN(len(means))]
		}
		values[i] = sum / float64(len(means))
	}
	slices.Sort(values)
	return Perplexity{
		Value: math.Exp(stat.Mean(means, nil)),
		Low:   math.Exp(stat.Quantile(0.025, stat.Empirical, values, nil)),
		High:  math.Exp(stat.Quantile(0.975, stat.Empirical, values, nil)),
	}
}
