package page

import (
	"fmt"
	"html"
	"strings"

	"clexlab/viz/scene"
	"clexlab/web/state"
)

// onPaper is the picture as it is printed, as HTML: the still curves with their names and scales, and what a saved
// picture says of itself. Browsers do not print what WebGL drew.
func (f *figures) onPaper(caption []string) string {
	row, _ := scene.Find(f.Scene)
	var b strings.Builder
	var drawn []string
	words := ""
	switch {
	case row.Loss:
		fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" preserveAspectRatio="none">`, svgWidth, svgHeight)
		n, low, high := f.drawLosses(&b, paperMeans)
		b.WriteString(`</svg>`)
		drawn = f.Compared
		words = "The losses are still to be measured."
		if n > 0 {
			words = fmt.Sprintf("Mean loss by position: tokens 1 to %s across, %.1f to %.1f nats up; the line is the end of the trained window, %s.", state.Count(n), low, high, state.Tokens(f.Window))
		}
	case row.Name == scene.Trajectories:
		b.WriteString(f.drawn())
		drawn = f.Shown
		words = fmt.Sprintf("Rotary frequencies, logarithmic, over t from 1 to %s; the line is t = %s.", state.Factor(f.MaxT), state.Factor(f.T))
	default:
		words = "The picture “" + row.Label + "” is not on paper: save it as PNG and print the file."
	}
	b.WriteString(`<p>`)
	for _, m := range drawn {
		fmt.Fprintf(&b, `<span class="who m-%s"><span class="swatch"></span> %s</span> `, m, html.EscapeString(state.LabelOf(m)))
	}
	b.WriteString(html.EscapeString(words) + `</p>`)
	for _, line := range caption {
		fmt.Fprintf(&b, `<p class="muted">%s</p>`, html.EscapeString(line))
	}
	return b.String()
}
