package train

import "math"

// Rewarm lets the learning rate rise and fall once more (warm restarts, arXiv
// 1608.03983), so that a run which was over can be made longer: the steps before
// Step are those of a run that ends there.
type Rewarm struct {
	Step int `json:"step"`
	// Share of the first peak that the second one has.
	Share float64 `json:"share"`
}

// rate is the learning rate of the step after so many, for a first peak of so much.
func (r *Recipe) rate(step int, peak float64) float64 {
	from, to := 0, r.Steps
	if c := r.Closing; c != nil && c.Rate > 0 {
		to -= c.Steps
		if step >= to {
			return cosineRate(step-to, c.Steps, 0, peak*c.Rate, r.FinalRate)
		}
	}
	if w := r.Rewarm; w != nil {
		if step < w.Step {
			to = w.Step
		} else {
			from, peak = w.Step, peak*w.Share
		}
	}
	return cosineRate(step-from, to-from, r.Warmup, peak, r.FinalRate)
}

// cosineRate is the learning rate at step (from 0): linear warm-up, then a cosine
// from peak to peak·final.
func cosineRate(step, steps, warmup int, peak, final float64) float64 {
	if step < warmup {
		return peak * float64(step+1) / float64(warmup)
	}
	x := float64(step-warmup) / float64(max(1, steps-warmup))
	return peak * (final + (1-final)*(1+math.Cos(math.Pi*min(1, x)))/2)
}
