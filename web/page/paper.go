package page

import (
	"fmt"
	"html"
	"strings"

	"clexlab/assets"
	"clexlab/viz/scene"
	"clexlab/web/state"
)

// onPaper is the picture as it is printed, as HTML: the still curves with their names and scales, and what a saved
// picture says of itself. Browsers do not print what WebGL drew.
func (p *Page) onPaper() string {
	s := &p.s
	row, _ := scene.Find(s.Scene)
	still := fallbackSVG{P: p, T: s.T}
	var b strings.Builder
	var drawn []string
	words := ""
	switch {
	case row.Loss:
		fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" preserveAspectRatio="none">`, svgWidth, svgHeight)
		n, low, high := still.losses(&b, paperMeans)
		b.WriteString(`</svg>`)
		drawn = s.Compared()
		words = "The losses are still to be measured."
		if n > 0 {
			words = fmt.Sprintf("Mean loss by position: tokens 1 to %s across, %.1f to %.1f nats up; the line is the end of the trained window, %s.", state.Count(n), low, high, state.Tokens(s.Window()))
		}
	case row.Name == scene.Trajectories:
		b.WriteString(still.draw())
		for _, m := range assets.Methods {
			if s.Shows(m.Name) {
				drawn = append(drawn, m.Name)
			}
		}
		words = fmt.Sprintf("Rotary frequencies, logarithmic, over t from 1 to %s; the line is t = %s.", state.Factor(s.MaxT()), state.Factor(s.T))
	default:
		words = "The picture “" + row.Label + "” is not on paper: save it as PNG and print the file."
	}
	b.WriteString(`<p>`)
	for _, m := range drawn {
		fmt.Fprintf(&b, `<span class="who m-%s"><span class="swatch"></span> %s</span> `, m, html.EscapeString(state.LabelOf(m)))
	}
	b.WriteString(html.EscapeString(words) + `</p>`)
	for _, line := range s.Story("", version()).Caption {
		fmt.Fprintf(&b, `<p class="muted">%s</p>`, html.EscapeString(line))
	}
	return b.String()
}
