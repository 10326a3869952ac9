package clex

import "math"

// attempt takes one step from t to to, from s.z with its rate in stages[0], into
// s.next. It returns the estimated error in units of the tolerance (root mean square)
// and in those of the state (largest component).
func (s *Solver) attempt(f Term, t, to float64) (scaled, largest float64) {
	h := to - t
	for i := 1; i < len(s.stages); i++ {
		copy(s.y, s.z)
		addScaled(s.y, h, s.tb.A[i], s.stages)
		at := t + s.tb.C[i]*h
		if s.tb.C[i] == 1 {
			at = to
		}
		f.Rate(s.stages[i], at, s.y)
	}
	copy(s.next, s.z)
	addScaled(s.next, h, s.tb.B, s.stages)
	if s.tb.E == nil {
		return 0, 0
	}
	clear(s.errs)
	addScaled(s.errs, h, s.tb.E, s.stages)
	rtol, atol := s.controller.Tolerance()
	for i, e := range s.errs {
		largest = max(largest, math.Abs(e))
		if atol > 0 {
			e /= atol + rtol*max(math.Abs(s.z[i]), math.Abs(s.next[i]))
			scaled += e * e
		}
	}
	return math.Sqrt(scaled / float64(s.dim)), largest
}

// endRate puts the rate at the end of the accepted step into s.end: the last stage of an FSAL
// method, else one evaluation, which the next step has as its first stage. At
// the very end nobody but a watcher asks for it.
func (s *Solver) endRate(f Term, to float64, last, watched bool, stats *Stats) {
	switch {
	case s.fsal:
		copy(s.end, s.stages[len(s.stages)-1])
	case !last || watched:
		f.Rate(s.end, to, s.next)
		stats.Evals++
	}
}

// start gathers what a stepper is told before the first step from t, in a direction.
func (s *Solver) start(f Term, t, direction float64, stats *Stats) Start {
	rtol, atol := s.controller.Tolerance()
	if atol == 0 {
		return Start{}
	}
	weigh := func(v []float64) float64 {
		var sum float64
		for i, x := range v {
			x /= atol + rtol*math.Abs(s.z[i])
			sum += x * x
		}
		return math.Sqrt(sum / float64(s.dim))
	}
	rate := s.stages[0]
	return Start{
		State: weigh(s.z),
		Rate:  weigh(rate),
		SecondDerivative: func(trial float64) float64 {
			for i, r := range rate {
				s.y[i] = s.z[i] + direction*trial*r
			}
			f.Rate(s.norm, t+direction*trial, s.y)
			stats.Evals++
			for i, r := range rate {
				s.norm[i] = (s.norm[i] - r) / trial
			}
			return weigh(s.norm)
		},
	}
}

// notFinite returns the index of the first value that is NaN or infinite, or -1.
func notFinite(v []float64) int {
	for i, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return i
		}
	}
	return -1
}
