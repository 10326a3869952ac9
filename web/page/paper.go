package page

import (
	"fmt"
	"html"
	"strings"

	"clexlab/viz/scene"
	"clexlab/web/state"
)

// paper is the picture as it is printed; drawn is what its program drew for it, "" for nothing.
func (p *Page) paper(drawn string) string {
	show := figuresOf(&p.s, &p.schemes)
	caption := p.s.Story("", version()).Caption
	for k, i := range p.s.Columns() {
		if len(p.s.Panes[i].Tokens) > 0 && p.textsShown() {
			caption = append(caption, fmt.Sprintf("Text %d: %s.", k+1, p.s.Written(i)))
		}
	}
	return show.onPaper(drawn, caption)
}

// textsShown reports whether the texts are beside the picture.
func (p *Page) textsShown() bool {
	s := &p.s
	return !s.Hidden.Has(state.HideText) && (s.Tab == "text" || s.Tab == "picture" || s.Tab == "guide" && s.Lesson != "")
}

// onPaper is the picture as it is printed, as HTML: what its program drew for paper, or the curves of the page with their names
// and scales; what a saved picture says of itself; and its numbers. Browsers do not print what WebGL drew.
func (f *figures) onPaper(drawn string, caption []string) string {
	var b strings.Builder
	if drawn != "" {
		b.WriteString(drawn)
	} else {
		f.curves(&b)
	}
	for _, line := range caption {
		fmt.Fprintf(&b, `<p class="muted">%s</p>`, html.EscapeString(line))
	}
	f.numbers(&b)
	return b.String()
}

// curves writes the curves that the page draws itself.
func (f *figures) curves(b *strings.Builder) {
	row, _ := scene.Find(f.Scene)
	var drawn []string
	words := ""
	switch {
	case row.Loss:
		fmt.Fprintf(b, `<svg viewBox="0 0 %g %g" preserveAspectRatio="none">`, svgWidth, svgHeight)
		n, low, high := f.drawLosses(b, paperMeans)
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
		words = "The picture “" + row.Label + "” is drawn by a program that does not run here; these are its numbers."
	}
	b.WriteString(`<p>`)
	named := state.LabelOf
	if !row.Loss {
		named = f.named
	}
	for _, m := range drawn {
		fmt.Fprintf(b, `<span class="who m-%s"><span class="swatch"></span> %s</span> `, m, html.EscapeString(named(m)))
	}
	b.WriteString(html.EscapeString(words) + `</p>`)
}

// numbers writes the data table, for which a sheet has room that the screen does not have.
func (f *figures) numbers(b *strings.Builder) {
	caption, head, rows := accountOf(f.Scene).table(f)
	if len(rows) == 0 {
		return
	}
	cells := func(tag string, row []string) {
		b.WriteString(`<tr>`)
		for _, c := range row {
			fmt.Fprintf(b, `<%s>%s</%[1]s>`, tag, html.EscapeString(c))
		}
		b.WriteString(`</tr>`)
	}
	class := "numbers"
	if len(head) < 6 && len(rows) > 20 {
		class += " two"
	}
	fmt.Fprintf(b, `<div class="%s"><table class="data"><caption>%s</caption><thead>`, class, html.EscapeString(caption))
	cells("th", head)
	b.WriteString(`</thead><tbody>`)
	for _, r := range rows {
		cells("td", r)
	}
	b.WriteString(`</tbody></table></div>`)
}
