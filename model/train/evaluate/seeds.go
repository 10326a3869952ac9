package evaluate

import (
	"math"
	"strings"

	"gonum.org/v1/gonum/stat"
)

// seedMark parts the name of a checkpoint from the number of its seed; the first has none.
const seedMark = "-seed"

// FurtherSeed tells whether a checkpoint is another seed's of one that has the name without its number.
func FurtherSeed(variant string) bool { return strings.Contains(variant, seedMark) }

// Seeds is what the checkpoints that one recipe made with several seeds score together on one part of the corpus.
type Seeds struct {
	Variant string `json:"variant"`
	Part    string `json:"part"`
	Count   int    `json:"count"`
	// Lengths in tokens; the other slices go with it.
	Lengths []int `json:"lengths"`
	// Perplexity is exp of the mean loss over windows and seeds, Lowest and Highest are those of single seeds.
	Perplexity []float64 `json:"perplexity"`
	Lowest     []float64 `json:"lowest"`
	Highest    []float64 `json:"highest"`
	// Against, AgainstLow and AgainstHigh are how much larger the perplexity is than CLEX's over as many seeds, with the 95 % interval of
	// the paired differences: each window's loss is the mean over the seeds. Absent for CLEX itself.
	Against     []float64 `json:"against,omitempty"`
	AgainstLow  []float64 `json:"against_low,omitempty"`
	AgainstHigh []float64 `json:"against_high,omitempty"`
}

// TakeSeeds computes r.Seeds of the rows: of every variant that has seeds on a part, over the lengths that all of them have
// on as many windows, the differences to those of the variant that is called to.
func (r *Results) TakeSeeds(to string, parts ...string) {
	r.Seeds = nil
	for _, part := range parts {
		base := r.seedsOf(to, part)
		for i := range r.Rows {
			row := &r.Rows[i]
			if !row.Trained || row.LogN || row.TMin != 0 {
				continue
			}
			all := r.seedsOf(row.Variant, part)
			if len(all) < 2 {
				continue
			}
			s := Seeds{Variant: row.Variant, Part: part, Count: len(all)}
			for _, n := range all[0].Lengths {
				mean, each := seedMeans(all, n)
				if mean == nil {
					continue
				}
				s.Lengths = append(s.Lengths, n)
				s.Perplexity = append(s.Perplexity, round(math.Exp(stat.Mean(mean, nil))))
				low, high := math.Inf(1), 0.0
				for _, p := range each {
					low, high = min(low, p), max(high, p)
				}
				s.Lowest, s.Highest = append(s.Lowest, round(low)), append(s.Highest, round(high))
				if other, _ := seedMeans(base, n); other != nil && row.Variant != to && len(base) == len(all) && len(other) == len(mean) {
					change := make([]float64, len(mean))
					for k := range change {
						change[k] = mean[k] - other[k]
					}
					p := Bootstrap(change, 1)
					s.Against = append(s.Against, round(p.Value))
					s.AgainstLow, s.AgainstHigh = append(s.AgainstLow, round(p.Low)), append(s.AgainstHigh, round(p.High))
				}
			}
			if len(s.Against) < len(s.Lengths) {
				s.Against, s.AgainstLow, s.AgainstHigh = nil, nil, nil
			}
			if len(s.Lengths) > 0 {
				r.Seeds = append(r.Seeds, s)
			}
		}
	}
}

// seedsOf are the measurements of a variant and of its further seeds on a part.
func (r *Results) seedsOf(variant, part string) (all []*Measurement) {
	for i := range r.Rows {
		row := &r.Rows[i]
		name, _, _ := strings.Cut(row.Variant, seedMark)
		if m := row.Measured[part]; m != nil && name == variant && row.Trained && !row.LogN && row.TMin == 0 {
			all = append(all, m)
		}
	}
	return all
}

// seedMeans are every window's loss at a length as the mean over seeds, and each seed's perplexity; nil where they are not all of
// the same windows.
func seedMeans(all []*Measurement, n int) (mean, each []float64) {
	for _, m := range all {
		i := m.At(n)
		if i < 0 || mean != nil && len(m.Losses[i]) != len(mean) {
			return nil, nil
		}
		if mean == nil {
			mean = make([]float64, len(m.Losses[i]))
		}
		for k, v := range m.Losses[i] {
			mean[k] += v / float64(len(all))
		}
		each = append(each, math.Exp(stat.Mean(m.Losses[i], nil)))
	}
	return mean, each
}
