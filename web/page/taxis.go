package page

import "math"

// tAxis is the axis of t from 1 to most: even up to the paper's 16, in equal ratios beyond it,
// where even steps would leave no room for the lengths that people look at.
type tAxis struct{ most float64 }

// evenMost is the largest t_max whose axis is even.
const evenMost = 16

func axisOf(most float64) tAxis { return tAxis{most} }

func (a tAxis) even() bool { return a.most <= evenMost }

// share is where t lies, 0 … 1.
func (a tAxis) share(t float64) float64 {
	s := (t - 1) / (a.most - 1)
	if !a.even() {
		s = math.Log(t) / math.Log(a.most)
	}
	return min(1, max(0, s))
}

// value is t at a share.
func (a tAxis) value(share float64) float64 {
	if a.even() {
		return 1 + share*(a.most-1)
	}
	return min(a.most, math.Pow(a.most, share))
}

// slider and fromSlider turn t into what a range input holds, and back: t itself where the axis
// is even, its base-2 logarithm where it is not.
func (a tAxis) slider(t float64) float64 {
	if a.even() {
		return t
	}
	return math.Log2(t)
}

func (a tAxis) fromSlider(v float64) float64 {
	if a.even() {
		return v
	}
	return min(a.most, math.Exp2(v))
}

// ticks are the values with a mark: every whole t on an even axis, doublings and what lies half
// way between them on the other.
func (a tAxis) ticks() []float64 {
	var out []float64
	if a.even() {
		for k := 1.0; k <= a.most; k++ {
			out = append(out, k)
		}
		return out
	}
	for k := 1.0; k <= a.most; k *= 2 {
		out = append(out, k)
		if k >= 2 && 1.5*k < a.most {
			out = append(out, 1.5*k)
		}
	}
	return out
}

// major reports whether a tick has its length in tokens written beside it.
func (a tAxis) major(t float64) bool {
	k := int(t)
	return k&(k-1) == 0 || a.even() && t == 12
}
