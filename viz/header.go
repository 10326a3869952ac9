package viz

import "clexlab/viz/paint"

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

// empty says in the middle of r what is being waited for.
func (w *world) empty(l *paint.List, r paint.Rect, text string) {
	th := w.theme
	l.Round(r, 6, th.Grid.Alpha(0.35))
	l.Text(r.X+r.W/2, r.Y+r.H/2+th.FontSize/3, fit(l, text, th.label(), r.W-16), th.label(), 0.5, th.Muted)
}
