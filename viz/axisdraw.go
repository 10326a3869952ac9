package viz

import (
	"clexlab/viz/colormap"
	"clexlab/viz/paint"
)

var pairMap = colormap.Viridis

func at(m *colormap.Map, v float64) paint.Color {
	c := m.At(v)
	return paint.RGB(c[0], c[1], c[2])
}

// heat is the colour map of weights and shares.
func (w *world) heat() *colormap.Map {
	if w.theme.Dark {
		return colormap.Night
	}
	return colormap.Day
}

// gap is the distance between neighbours: labels, panels, margins are multiples of it.
const gap = 8

// header draws a panel's title with a note beneath and returns what is left of r.
func (w *world) header(l *paint.List, r paint.Rect, title, note string) paint.Rect {
	th := w.theme
	y := r.Y + th.FontSize + 4
	l.Text(r.X, y, fit(l, title, th.title(), r.W), th.title(), 0, th.Ink)
	used := th.FontSize + 12
	if note != "" {
		l.Text(r.X, y+th.FontSize+5, fit(l, note, th.small(), r.W), th.small(), 0, th.Muted)
		used += th.FontSize + 5
	}
	return paint.Rect{X: r.X, Y: r.Y + used, W: r.W, H: max(r.H-used, 0)}
}

// fit shortens text to width with an ellipsis at its end.
func fit(l *paint.List, text string, s paint.Style, width float64) string {
	if l.Measure(text, s) <= width {
		return text
	}
	runes := []rune(text)
	for n := len(runes) - 1; n > 0; n-- {
		if short := string(runes[:n]) + "…"; l.Measure(short, s) <= width {
			return short
		}
	}
	return ""
}

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

// card draws lines of text on a raised ground near p, inside bounds. The first line is bold.
func (w *world) card(l *paint.List, p paint.Point, bounds paint.Rect, lines []cardLine) {
	th := w.theme
	leading := th.FontSize + 6
	width := 0.0
	for i, line := range lines {
		s := th.label()
		if i == 0 {
			s = th.bold()
		}
		mark := 0.0
		if line.mark {
			mark = 16
		}
		width = max(width, l.Measure(line.text, s)+mark)
	}
	box := paint.Rect{X: p.X + 16, Y: p.Y + 16, W: width + 24, H: leading*float64(len(lines)) + 14}
	if box.Right() > bounds.Right() {
		box.X = p.X - 16 - box.W
	}
	box.X = max(min(box.X, bounds.Right()-box.W), bounds.X)
	if box.Bottom() > bounds.Bottom() {
		box.Y = p.Y - 16 - box.H
	}
	box.Y = max(min(box.Y, bounds.Bottom()-box.H), bounds.Y)
	shadow := paint.Color{A: 0.22}
	for i := 3.0; i >= 1; i-- {
		l.Round(paint.Rect{X: box.X - i, Y: box.Y - i + 2, W: box.W + 2*i, H: box.H + 2*i}, 7+i, shadow.Alpha(0.3))
	}
	l.Round(paint.Rect{X: box.X - 1, Y: box.Y - 1, W: box.W + 2, H: box.H + 2}, 7, th.Grid.Mix(th.Muted, 0.4))
	l.Round(box, 6, th.raised())
	y := box.Y + 7 + th.FontSize
	for i, line := range lines {
		x := box.X + 12
		if line.mark {
			l.Round(paint.Rect{X: x, Y: y - th.halfCap() - 1.5, W: 10, H: 3}, 1.5, line.color)
			x += 16
		}
		s, c := th.label(), th.Muted
		if i == 0 {
			s, c = th.bold(), th.Ink
		}
		l.Text(x, y, line.text, s, 0, c)
		y += leading
	}
}

// cardLine is a line of a card, with a swatch of color before it when mark is set.
type cardLine struct {
	text  string
	mark  bool
	color paint.Color
}

// badge draws a short word on a filled ground whose right end and baseline are given.
func (w *world) badge(l *paint.List, right, y float64, b *paint.Label, ground, ink paint.Color) {
	s := w.theme.small()
	s.Bold = true
	width := l.Width(b, s) + 14
	l.Round(paint.Rect{X: right - width, Y: y - s.Size - 2, W: width, H: s.Size + 8}, 5, ground)
	l.Write(right-width+7, y+0.5, b, s, 0, ink)
}

// empty says in the middle of r what is being waited for.
func (w *world) empty(l *paint.List, r paint.Rect, text string) {
	th := w.theme
	l.Round(r, 6, th.Grid.Alpha(0.35))
	l.Text(r.X+r.W/2, r.Y+r.H/2+th.FontSize/3, fit(l, text, th.label(), r.W-16), th.label(), 0.5, th.Muted)
}
