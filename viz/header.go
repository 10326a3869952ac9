package viz

import (
	"strings"

	"clexlab/viz/paint"
)

// gap is the distance between neighbours: labels, panels, margins are multiples of it.
const gap = 8

// header draws a panel's title with a note beneath and returns what is left of r. At the usual size of words each takes one row and
// is cut where that is too short; larger words break into rows, and a note that would take much of the panel is left out.
func (w *world) header(l *paint.List, r paint.Rect, title, note string) paint.Rect {
	th := w.theme
	titles, notes := []string{fit(l, title, th.title(), r.W)}, []string{}
	if note != "" {
		notes = append(notes, fit(l, note, th.small(), r.W))
	}
	if th.Scale > 1 {
		titles, notes = wrap(l, title, th.title(), r.W), wrap(l, note, th.small(), r.W)
		if len(titles) > 2 {
			titles = []string{titles[0], fit(l, strings.Join(titles[1:], " "), th.title(), r.W)}
		}
		if float64(len(titles)+len(notes))*(th.FontSize+th.px(5)) > mostHeader*r.H {
			notes = nil
		}
	}
	y := r.Y + th.px(4) - th.px(5)
	for _, row := range titles {
		y += th.FontSize + th.px(5)
		l.Text(r.X, y, row, th.title(), 0, th.Ink)
	}
	for _, row := range notes {
		y += th.FontSize + th.px(5)
		l.Text(r.X, y, row, th.small(), 0, th.Muted)
	}
	used := y + th.px(8) - r.Y
	return paint.Rect{X: r.X, Y: r.Y + used, W: r.W, H: max(r.H-used, 0)}
}

// mostHeader is the share of a panel's height that title and note have where words are larger than usual.
const mostHeader = 0.3

// headerSpace is what header leaves of r.
func (w *world) headerSpace(l *paint.List, r paint.Rect, title, note string) paint.Rect {
	mark := l.Mark()
	rest := w.header(l, r, title, note)
	l.Back(mark)
	return rest
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

// empty says in the middle of r what is being waited for.
func (w *world) empty(l *paint.List, r paint.Rect, text string) {
	th := w.theme
	l.Round(r, 6, th.Grid.Alpha(0.35))
	l.Text(r.X+r.W/2, r.Y+r.H/2+th.FontSize/3, fit(l, text, th.label(), r.W-th.px(16)), th.label(), 0.5, th.Muted)
}
