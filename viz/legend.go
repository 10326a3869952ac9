package viz

import "clexlab/viz/paint"

// fieldLegend is the legend of a picture of frequencies: all shown methods, and CLEX's prior beside a field in training. With
// ramp the active method's sample has the colours of the pairs, as its curves have.
func (w *world) fieldLegend(l *paint.List, r paint.Rect, ramp bool) paint.Rect {
	return w.legendOf(l, r, ramp, func(m *method) bool { return m.Shown }, w.named)
}

// named is a method's label in a picture of frequencies.
func (w *world) named(m *method) string { return w.model.Named(m.Name, m.Label) }

// CLEX's prior beside a field in training is drawn thin and whole, as no method's line is; priorName is what tables call it.
const (
	priorWidth = 0.9
	priorLabel = "CLEX’s prior"
	priorName  = "clex prior"
)

// legendOf draws methods as line samples with names, in rows that fit r, and returns what is left.
func (w *world) legendOf(l *paint.List, r paint.Rect, ramp bool, keep func(*method) bool, named func(*method) string) paint.Rect {
	th := w.theme
	sample, between, gap := th.px(22), th.px(16), th.px(gap)
	x, y := r.X, r.Y+th.FontSize
	drawn := false
	// place writes a label behind the room of its sample, and returns where that begins.
	place := func(label string) paint.Point {
		width := sample + th.px(6) + l.Measure(label, th.label())
		if x > r.X && x+width > r.Right() {
			x, y = r.X, y+th.FontSize+th.px(7)
		}
		at := paint.Point{X: x, Y: y - th.halfCap()}
		l.Text(x+sample+th.px(6), y, label, th.label(), 0, th.Ink)
		x += width + between
		drawn = true
		return at
	}
	for i := range w.methods {
		m := &w.methods[i]
		if !keep(m) {
			continue
		}
		label := named(m)
		w.sample(l, place(label), sample, ramp, m)
		if label != m.Label && w.prior != nil {
			at := place(priorLabel)
			l.Line([]paint.Point{at, {X: at.X + sample, Y: at.Y}}, priorWidth, th.Ink)
		}
	}
	if !drawn {
		return r
	}
	used := y - r.Y + gap + th.px(2)
	return paint.Rect{X: r.X, Y: r.Y + used, W: r.W, H: max(r.H-used, 0)}
}

// legendSpace is what fieldLegend leaves of r.
func (w *world) legendSpace(l *paint.List, r paint.Rect) paint.Rect {
	mark := l.Mark()
	rest := w.fieldLegend(l, r, false)
	l.Back(mark)
	return rest
}

// sample draws a short piece of a method's line, with ramp in the colours of the pairs if it is the active one's.
func (w *world) sample(l *paint.List, p paint.Point, length float64, ramp bool, m *method) {
	if m.Name != w.state.Active {
		l.Dashed([]paint.Point{p, {X: p.X + length, Y: p.Y}}, 2, m.Dash, m.Color)
		return
	}
	if !ramp {
		l.Dashed([]paint.Point{p, {X: p.X + length, Y: p.Y}}, 3, m.Dash, m.Color)
		return
	}
	const parts = 8
	for k := range parts {
		from := p.X + length*float64(k)/parts
		l.Fill(paint.Rect{X: from, Y: p.Y - 1.5, W: length / parts, H: 3}, w.theme.pairColor(k, parts))
	}
}
