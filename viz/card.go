package viz

import "clexlab/viz/paint"

// card draws lines of text on a raised ground near p, inside bounds. The first line is bold.
func (w *world) card(l *paint.List, p paint.Point, bounds paint.Rect, lines []cardLine) {
	th := w.theme
	for whole := lines; th.Scale > 1; th = th.scaled(max(th.Scale*smaller, 1)) {
		if lines = th.broken(l, whole, bounds.W-th.px(24)); th.leading()*float64(len(lines))+th.px(14) <= bounds.H {
			break
		}
	}
	leading, pad := th.leading(), th.px(12)
	width := 0.0
	for i, line := range lines {
		s := th.label()
		if i == 0 {
			s = th.bold()
		}
		mark := 0.0
		if line.mark || line.under {
			mark = th.px(16)
		}
		width = max(width, l.Measure(line.text, s)+mark)
	}
	box := paint.Rect{X: p.X + 16, Y: p.Y + 16, W: width + 2*pad, H: leading*float64(len(lines)) + th.px(14)}
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
	y := box.Y + th.px(7) + th.FontSize
	for i, line := range lines {
		x := box.X + pad
		if line.mark {
			l.Round(paint.Rect{X: x, Y: y - th.halfCap() - 1.5, W: th.px(10), H: 3}, 1.5, line.color)
		}
		if line.mark || line.under {
			x += th.px(16)
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
	// under says that it goes on with a line that has a swatch.
	under bool
}

// leading is from one row of a card to the next.
func (t theme) leading() float64 { return t.FontSize + t.px(6) }

// broken are a card's lines in rows of at most width.
func (t theme) broken(l *paint.List, lines []cardLine, width float64) (rows []cardLine) {
	for i, line := range lines {
		s, room := t.label(), width
		if i == 0 {
			s = t.bold()
		}
		if line.mark {
			room -= t.px(16)
		}
		for k, text := range wrap(l, line.text, s, room) {
			row := line
			row.text, row.mark, row.under = text, line.mark && k == 0, line.mark && k > 0
			rows = append(rows, row)
		}
	}
	return rows
}

// badge draws a short word on a filled ground whose right end and baseline are given.
func (w *world) badge(l *paint.List, right, y float64, b *paint.Label, ground, ink paint.Color) {
	s := w.theme.small()
	s.Bold = true
	th := w.theme
	width := l.Width(b, s) + th.px(14)
	l.Round(paint.Rect{X: right - width, Y: y - s.Size - th.px(2), W: width, H: s.Size + th.px(8)}, 5, ground)
	l.Write(right-width+th.px(7), y+0.5, b, s, 0, ink)
}
