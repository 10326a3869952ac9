package viz

import (
	"strings"

	"clexlab/viz/paint"
)

// captionMargin is what a caption leaves free at either side of a picture.
const captionMargin = 16

// captionLeading is from one line of a caption to the next.
func (t theme) captionLeading() float64 { return t.FontSize + 4 }

// CaptionHeight is the height of a caption beneath a picture of the given width, in CSS pixels.
func (v *View) CaptionHeight(l *paint.List, caption []string, width float64) float64 {
	th := v.world.theme.scaled(1)
	n := 0
	for _, line := range caption {
		n += len(wrap(l, line, th.small(), width-2*captionMargin))
	}
	if n == 0 {
		return 0
	}
	return float64(n)*th.captionLeading() + 10
}

// drawCaption writes a caption beneath a picture whose lower edge is at y.
func (v *View) drawCaption(l *paint.List, caption []string, width, y float64) {
	th := v.world.theme.scaled(1)
	for _, line := range caption {
		for _, row := range wrap(l, line, th.small(), width-2*captionMargin) {
			y += th.captionLeading()
			l.Text(captionMargin, y, row, th.small(), 0, th.Muted)
		}
	}
}

// wrap breaks text at white space into rows of at most width; a word that is wider breaks where it must. An equation such as
// “t = 4” stays in one row, and a “·” ends a row.
func wrap(l *paint.List, text string, s paint.Style, width float64) (rows []string) {
	var words []string
	for _, w := range strings.Fields(text) {
		if n := len(words); n > 0 && (w == "=" || w == "·" || strings.HasSuffix(words[n-1], " =")) {
			words[n-1] += " " + w
			continue
		}
		words = append(words, w)
	}
	row := ""
	for _, w := range words {
		if row != "" && l.Measure(row+" "+w, s) <= width {
			row += " " + w
			continue
		}
		if row != "" {
			rows = append(rows, row)
		}
		row = ""
		for _, r := range w {
			if row != "" && l.Measure(row+string(r), s) > width {
				rows, row = append(rows, row), ""
			}
			row += string(r)
		}
	}
	if row != "" {
		rows = append(rows, row)
	}
	return rows
}
