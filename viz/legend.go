package viz

import "clexlab/viz/paint"

// legend draws the shown methods as line samples with names, in rows that fit r, and returns what is left. With ramp the
// active method's sample has the colours of the pairs, as its curves have.
func (w *world) legend(l *paint.List, r paint.Rect, ramp bool, keep func(*method) bool) paint.Rect {
	th := w.theme
	const sample, between = 22, 16
	x, y := r.X, r.Y+th.FontSize
	drawn := false
	for i := range w.methods {
		m := &w.methods[i]
		if !keep(m) {
			continue
		}
		width := sample + 6 + l.Measure(m.Label, th.label())
		if x > r.X && x+width > r.Right() {
			x, y = r.X, y+th.FontSize+7
		}
		w.sample(l, paint.Point{X: x, Y: y - th.halfCap()}, sample, ramp, m)
		l.Text(x+sample+6, y, m.Label, th.label(), 0, th.Ink)
		x += width + between
		drawn = true
	}
	if !drawn {
		return r
	}
	used := y - r.Y + gap + 2
	return paint.Rect{X: r.X, Y: r.Y + used, W: r.W, H: max(r.H-used, 0)}
}

// legendSpace is what legend leaves of r for the active and the shown methods.
func (w *world) legendSpace(l *paint.List, r paint.Rect) paint.Rect {
	mark := l.Mark()
	rest := w.legend(l, r, false, func(m *method) bool { return m.Shown })
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
