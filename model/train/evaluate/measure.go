package evaluate

import (
	"context"
	"fmt"
	"slices"

	"clexlab/model/recall"
)

// Plan is what to measure.
type Plan struct {
	Lengths   []int
	Documents [][]int32
	// Windows is how many windows a perplexity takes, LongWindows how many it takes at lengths
	// above Long tokens.
	Windows, LongWindows, Long int
	// Longest is the length that windows are cut for, at least the longest of Lengths: plans that agree in it and
	// in Windows measure on the same windows whatever their lengths.
	Longest int
	Task    *recall.Task
	// Probes are the kinds of questions of recall; none leaves it out. Questions is how many are asked at each of Depths and of
	// AskedLengths, LongQuestions how many above Long tokens, where only those of the first kind are.
	Probes                   []string
	Depths                   []float64
	AskedLengths             []int
	Questions, LongQuestions int
	Progress                 func(what string, done, total int)
}

// windowsAt is how many windows a length is to be measured on.
func (p Plan) windowsAt(n int) int {
	if n > p.Long {
		return min(p.Windows, p.LongWindows)
	}
	return p.Windows
}

// Missing are the plan's lengths that m lacks, or has on fewer windows. A nil m lacks all.
func (p Plan) Missing(m *Measurement) []int {
	var lengths []int
	for _, n := range p.Lengths {
		if i := m.At(n); i < 0 || len(m.Losses[i]) < p.windowsAt(n) {
			lengths = append(lengths, n)
		}
	}
	return lengths
}

// Loss by position is averaged in positionRuns runs over positionWindows windows at the longest length of at most
// Plan.Long tokens: a whole window costs a third more to read than its end.
const (
	positionRuns    = 128
	positionWindows = 40
)

// Measure reads the plan's documents at every length and asks its questions.
func (r *Reader) Measure(ctx context.Context, p Plan) (*Measurement, error) {
	m := &Measurement{Lengths: p.Lengths}
	windows, err := Windows(p.Documents, p.Windows, max(p.Longest, p.Lengths[len(p.Lengths)-1]))
	if err != nil {
		return nil, err
	}
	for i, n := range p.Lengths {
		use, order, byPosition := windows, []int(nil), 0
		if n > p.Long {
			use = pick(windows, spread(len(windows), p.windowsAt(n)))
		} else if i+1 == len(p.Lengths) || p.Lengths[i+1] > p.Long {
			byPosition = positionWindows
			// The first windows are neighbours in one book.
			order = interleave(len(windows), byPosition)
			use = pick(windows, order)
		}
		means, position, err := r.WindowLosses(ctx, p.Documents, use, n, byPosition, p.report(fmt.Sprintf("%d tokens, perplexity", n), len(use)))
		if err != nil {
			return nil, err
		}
		if order != nil {
			inOrder := make([]float64, len(means))
			for k, at := range order {
				inOrder[at] = means[k]
			}
			means = inOrder
		}
		x := Bootstrap(means, 1)
		m.Perplexity, m.Low, m.High = append(m.Perplexity, round(x.Value)), append(m.Low, round(x.Low)), append(m.High, round(x.High))
		for k, v := range means {
			means[k] = round(v)
		}
		m.Losses = append(m.Losses, means)
		if byPosition > 0 {
			m.PositionLength, m.PositionStep = n, max(1, n/positionRuns)
			m.LossByPosition = averageRuns(position, m.PositionStep)
		}
	}
	_, err = r.Ask(ctx, p, m)
	return m, err
}

func (p Plan) report(what string, total int) func(done int) {
	return func(done int) {
		if p.Progress != nil {
			p.Progress(what, done, total)
		}
	}
}

// interleave is the order of count windows in which n of them, at even distances, stand before the others.
func interleave(count, n int) []int {
	first := spread(count, min(n, count))
	out := slices.Clone(first)
	for i := range count {
		if !slices.Contains(first, i) {
			out = append(out, i)
		}
	}
	return out
}

// spread picks n of count windows at even distances.
func spread(count, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i * count / n
	}
	return out
}

// pick is the windows at those places.
func pick(windows []Window, at []int) []Window {
	out := make([]Window, len(at))
	for i, k := range at {
		out[i] = windows[k]
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
