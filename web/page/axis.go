package page

import (
	"math"

	"clexlab/viz/scene"
)

// tAxis is the axis of t from 1 to max, linear or logarithmic as scene.LinearTMax has it.
type tAxis struct{ max float64 }

func axisOf(maxT float64) tAxis { return tAxis{maxT} }

func (a tAxis) linear() bool { return a.max <= scene.LinearTMax }

// share is where t lies, 0 … 1.
func (a tAxis) share(t float64) float64 {
	s := (t - 1) / (a.max - 1)
	if !a.linear() {
		s = math.Log(t) / math.Log(a.max)
	}
	return min(1, max(0, s))
}

// value is t at a share.
func (a tAxis) value(share float64) float64 {
	if a.linear() {
		return 1 + share*(a.max-1)
	}
	return min(a.max, math.Pow(a.max, share))
}

// slider and fromSlider turn t into what a range input holds, and back: t itself where the axis
// is linear, its base-2 logarithm where it is not.
func (a tAxis) slider(t float64) float64 {
	if a.linear() {
		return t
	}
	return math.Log2(t)
}

func (a tAxis) fromSlider(v float64) float64 {
	if a.linear() {
		return v
	}
	return min(a.max, math.Exp2(v))
}

// ticks are the values with a mark: every whole t on a linear axis, doublings and what lies half
// way between them on the other.
func (a tAxis) ticks() []float64 {
	var out []float64
	if a.linear() {
		for k := 1.0; k <= a.max; k++ {
			out = append(out, k)
		}
		return out
	}
	for k := 1.0; k <= a.max; k *= 2 {
		out = append(out, k)
		if k >= 2 && 1.5*k < a.max {
			out = append(out, 1.5*k)
		}
	}
	return out
}

// major reports whether a tick has its length in tokens written beside it.
func (a tAxis) major(t float64) bool {
	k := int(t)
	return k&(k-1) == 0 || a.linear() && t == 12
}
