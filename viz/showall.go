package viz

import "clexlab/viz/paint"

// showAll is the way back from a zoom: a button in the corner of a plot while not all of it is shown.
type showAll struct{ rect paint.Rect }

// draw draws it over a plot that is zoomed, and takes it away from one that is not.
func (b *showAll) draw(l *paint.List, th *theme, plot paint.Rect, zoomed bool) {
	b.rect = paint.Rect{}
	if !zoomed {
		return
	}
	width := l.Measure("show all", th.label()) + th.px(20)
	b.rect = paint.Rect{X: plot.Right() - width - 4, Y: plot.Y + 4, W: width, H: max(th.FontSize+th.px(12), leastTarget)}
	l.Round(b.rect, 6, th.Grid)
	l.Text(b.rect.X+width/2, b.rect.Y+b.rect.H/2+th.halfCap(), "show all", th.label(), 0.5, th.Ink)
}

// leastTarget is how high a button has to be for a finger, in CSS pixels.
const leastTarget = 24
