package viz

import "clexlab/viz/paint"

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
