package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"clexlab/model/recall"
)

// Plan is what to measure.
type Plan struct {
	Lengths   []int
	Documents [][]int32
	// Windows is how many windows a perplexity takes; each longer length may be
	// given fewer by Limit (tokens read per length at most; 0: no limit).
	Windows int
	Limit   int
	Task    *recall.Task
	// Depths and Questions: Questions questions at every depth and length, each about
	// one of Facts facts (0: one).
	Depths    []float64
	Questions int
	Facts     int
	Progress  func(what string, done, total int)
}

// Loss by position is averaged in positionRuns runs over the first
// positionWindows windows: a whole window costs a third more to read than its end.
const (
	positionRuns    = 128
	positionWindows = 40
)

// Measure fills a row's numbers for every length of the plan.
func (r *Reader) Measure(ctx context.Context, p Plan, row *Row) error {
	longest := p.Lengths[len(p.Lengths)-1]
	windows, err := Windows(p.Documents, p.Windows, longest)
	if err != nil {
		return err
	}
	row.Lengths, row.Depths, row.Questions = p.Lengths, p.Depths, len(p.Depths)*p.Questions
	for _, n := range p.Lengths {
		use := windows
		if p.Limit > 0 && len(use)*n > p.Limit {
			use = spread(windows, max(1, p.Limit/n))
		}
		byPosition := 0
		if n == longest {
			byPosition = positionWindows
			// The first windows are neighbours in one book.
			use = interleave(use, byPosition)
		}
		means, position, err := r.WindowLosses(ctx, p.Documents, use, n, byPosition, p.report(fmt.Sprintf("%d tokens, perplexity", n), len(use)))
		if err != nil {
			return err
		}
		row.Windows = append(row.Windows, len(use))
		x := Bootstrap(means, 1)
		row.Perplexity, row.Low, row.High = append(row.Perplexity, round(x.Value)), append(row.Low, round(x.Low)), append(row.High, round(x.High))
		if n == longest {
			row.PositionStep = max(1, n/positionRuns)
			row.LossByPosition = averageRuns(position, row.PositionStep)
		}
		if p.Questions == 0 {
			continue
		}
		byDepth, err := r.Recall(ctx, p, n)
		if err != nil {
			return err
		}
		var sum float64
		for _, v := range byDepth {
			sum += v
		}
		row.Recall = append(row.Recall, round(sum/float64(len(byDepth))))
		row.RecallByDepth = append(row.RecallByDepth, byDepth)
	}
	return nil
}

// Recall is the share of right answers at length n for every depth of the plan.
func (r *Reader) Recall(ctx context.Context, p Plan, n int) ([]float64, error) {
	report := p.report(fmt.Sprintf("%d tokens, recall", n), len(p.Depths)*p.Questions)
	out := make([]float64, len(p.Depths))
	for i, depth := range p.Depths {
		right := 0
		for q := range p.Questions {
			prose := p.Documents[q%len(p.Documents)]
			probe, err := p.Task.NewProbe(n, depth, uint64(i*1000+q), max(1, p.Facts), prose)
			if err != nil {
				return nil, err
			}
			ok, _, err := r.Answer(ctx, probe.Tokens, probe.Answer)
			if err != nil {
				return nil, err
			}
			if ok {
				right++
			}
			report(i*p.Questions + q + 1)
		}
		out[i] = round(float64(right) / float64(p.Questions))
	}
	return out, nil
}

func (p Plan) report(what string, total int) func(done int) {
	return func(done int) {
		if p.Progress != nil {
			p.Progress(what, done, total)
		}
	}
}

// interleave puts n of windows, at even distances, before the others.
func interleave(windows []Window, n int) []Window {
	if n >= len(windows) {
		return windows
	}
	first := spread(windows, n)
	out := append([]Window(nil), first...)
	for _, w := range windows {
		if !slices.Contains(first, w) {
			out = append(out, w)
		}
	}
	return out
}

// spread picks n of windows at even distances.
func spread(windows []Window, n int) []Window {
	out := make([]Window, n)
	for i := range out {
		out[i] = windows[i*len(windows)/n]
	}
	return out
}

func averageRuns(x []float64, step int) []float64 {
	var out []float64
	for i := 0; i < len(x); i += step {
		part := x[i:min(len(x), i+step)]
		var sum float64
		for _, v := range part {
			sum += v
		}
		out = append(out, round(sum/float64(len(part))))
	}
	return out
}

// round keeps four decimals: more than the intervals justify.
func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }
