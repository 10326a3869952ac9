package scale

import "math"

// Axis maps values From … To onto pixels Low … High. Low may lie above High, as for an upward y axis.
type Axis struct {
	// From and To are values, From < To; with Log both positive.
	From, To float64
	// Low and High are the pixels of From and To.
	Low, High float64
	// Log makes equal ratios equally long.
	Log bool
}

func (a Axis) share(v float64) float64 {
	if a.Log {
		return math.Log(v/a.From) / math.Log(a.To/a.From)
	}
	return (v - a.From) / (a.To - a.From)
}

// Pixel is where v lies.
func (a Axis) Pixel(v float64) float64 { return a.Low + (a.High-a.Low)*a.share(v) }

// Value is what lies at pixel p.
func (a Axis) Value(p float64) float64 {
	s := (p - a.Low) / (a.High - a.Low)
	if a.Log {
		return a.From * math.Pow(a.To/a.From, s)
	}
	return a.From + (a.To-a.From)*s
}

// Holds reports whether v lies on the axis.
func (a Axis) Holds(v float64) bool { return v >= a.From && v <= a.To }

// Ticks appends round values of the axis, about one in every spacing pixels: 1, 2, 5 times powers of ten
// on a linear axis, powers of ten (and 2, 5 where there is room) on a logarithmic one.
func (a Axis) Ticks(dst []float64, spacing float64) []float64 {
	length := math.Abs(a.High - a.Low)
	room := max(length/max(spacing, 1), 1)
	if !(a.To > a.From) || math.IsInf(a.To-a.From, 0) || a.Log && a.From <= 0 {
		return dst
	}
	if a.Log {
		return a.logTicks(dst, room)
	}
	step := niceStep((a.To - a.From) / room)
	for k := math.Ceil(a.From/step - 1e-9); k*step <= a.To+1e-9*step; k++ {
		dst = append(dst, k*step)
	}
	return dst
}

func (a Axis) logTicks(dst []float64, room float64) []float64 {
	low, high := math.Log10(a.From), math.Log10(a.To)
	multiples := []float64{1}
	stride := 1.0
	switch per := room / (high - low); {
	case per >= 3:
		multiples = []float64{1, 2, 5}
	case per < 1:
		stride = math.Ceil(1 / per)
	}
	for e := math.Floor(low); e <= high; e++ {
		if math.Mod(e, stride) != 0 {
			continue
		}
		for _, m := range multiples {
			if v := m * math.Pow(10, e); a.Holds(v) {
				dst = append(dst, v)
			}
		}
	}
	return dst
}

// niceStep is the smallest of 1, 2, 5 times a power of ten that is at least step.
func niceStep(step float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(step)))
	for _, m := range []float64{1, 2, 5} {
		if m*p >= step*(1-1e-9) {
			return m * p
		}
	}
	return 10 * p
}

// Doublings appends from, 2·from, 4·from … up to to: the ticks of context lengths.
func Doublings(dst []float64, from, to float64) []float64 {
	if !(from > 0) {
		return dst
	}
	for v := from; v <= to*(1+1e-9); v *= 2 {
		dst = append(dst, v)
	}
	return dst
}

// Window is the part From … To of a range Low … High that pan and zoom have chosen.
type Window struct {
	From, To, Low, High float64
	// Least is the smallest width that zooming in reaches.
	Least float64
}

// NewWindow shows all of low … high.
func NewWindow(low, high, least float64) Window {
	return Window{low, high, low, high, min(least, high-low)}
}

// Whole reports whether all is shown.
func (w Window) Whole() bool { return w.From <= w.Low && w.To >= w.High }

// Zoom narrows (factor < 1) or widens the window around the value at, which keeps its place.
func (w Window) Zoom(factor, at float64) Window {
	width := min(max((w.To-w.From)*factor, w.Least), w.High-w.Low)
	share := 0.5
	if w.To > w.From {
		share = min(max((at-w.From)/(w.To-w.From), 0), 1)
	}
	w.From = at - share*width
	w.To = w.From + width
	return w.Pan(0)
}

// Pan moves the window by d, as far as the range goes.
func (w Window) Pan(d float64) Window {
	width := w.To - w.From
	w.From = min(max(w.From+d, w.Low), w.High-width)
	w.To = w.From + width
	return w
}
