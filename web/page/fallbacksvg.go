package page

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/viz/scene"
	"clexlab/web/state"
)

// fallbackSVG is the picture as SVG, before the picture's program has come and where it cannot run:
// the trajectories, computed by clex in the page itself, or what the first look shows of the losses.
type fallbackSVG struct {
	app.Compo
	Show figures
}

// Size of the drawing in its own units, and how many points a curve has.
const (
	svgWidth, svgHeight = 1000.0, 560.0
	svgPoints           = 31
)

func (s *fallbackSVG) Render() app.UI {
	return app.Div().Class("fallback").Aria("hidden", true).Body(
		app.Raw(s.Show.drawn()),
		app.If(s.Show.Built != nil, func() app.UI {
			return app.P().Class("built").Body(
				app.Range(s.Show.Compared).Slice(func(i int) app.UI {
					m := s.Show.Compared[i]
					return app.Span().Class("m-"+m).Body(app.Span().Class("swatch"), app.Text(state.LabelOf(m)))
				}),
				app.Span().Text("A still, from the build"),
			)
		}),
	)
}

// drawn is the SVG.
func (f *figures) drawn() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" preserveAspectRatio="none">`, svgWidth, svgHeight)
	if row, _ := scene.Find(f.Scene); row.Loss {
		f.drawLosses(&b, svgMeans)
		b.WriteString(`</svg>`)
		return b.String()
	}
	axis := axisOf(f.MaxT)
	x := func(t float64) float64 { return 40 + axis.share(t)*(svgWidth-80) }
	for _, k := range axis.ticks() {
		fmt.Fprintf(&b, `<path class="ax" d="M%.1f 0V%g"/>`, x(k), svgHeight)
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, m := range assets.Methods {
		if th := f.schemes.frequencies(m.Name, f.MaxT, 1); len(th) > 0 {
			low = min(low, math.Log(th[len(th)-1]))
		}
		if th := f.schemes.frequencies(m.Name, 1, 1); len(th) > 0 {
			high = max(high, math.Log(th[0]))
		}
	}
	if high > low {
		y := func(theta float64) float64 { return 30 + (high-math.Log(theta))/(high-low)*(svgHeight-60) }
		for _, m := range slices.Backward(f.Shown) {
			f.drawCurves(&b, m, axis, x, y)
		}
	}
	fmt.Fprintf(&b, `<path class="cur" d="M%.1f 0V%g"/></svg>`, x(f.T), svgHeight)
	return b.String()
}

// svgMeans is in how many pieces a text's loss is averaged, on paper more.
const (
	svgMeans   = state.StillPieces
	paperMeans = 40
)

// drawLosses draws the mean loss of the compared methods by position in so many pieces, and the end of the trained window.
// It returns how many tokens are drawn and which losses are at the lower and the upper edge.
func (f *figures) drawLosses(b *strings.Builder, pieces int) (tokens int, bottom, top float64) {
	n := 0
	low, high := math.Inf(1), math.Inf(-1)
	means := map[string][]float64{}
	for _, m := range f.Compared {
		if f.Built != nil && pieces == state.StillPieces {
			n, means[m] = f.Built.Tokens, f.Built.Curve(m).Means
		} else if c := f.loss(m); c != nil {
			n = max(n, c.From+len(c.NLL))
			means[m] = state.MeanLosses(c, n, pieces)
		}
		for _, v := range means[m] {
			if v == v { // the first piece of a short text has no loss
				low, high = min(low, v), max(high, v)
			}
		}
	}
	if !(high > low) {
		return 0, 0, 0
	}
	fmt.Fprintf(b, `<path class="cur" d="M%.1f 0V%g"/>`, svgWidth*float64(f.Window)/float64(max(1, n)), svgHeight)
	for _, m := range f.Compared {
		path, op := "", "M"
		for k, v := range means[m] {
			if v == v {
				path += fmt.Sprintf("%s%.1f %.1f", op, (float64(k)+0.5)/float64(pieces)*svgWidth, 30+(high-v)/(high-low)*(svgHeight-60))
				op = "L"
			}
		}
		fmt.Fprintf(b, `<path class="ln thick m-%s" d="%s"/>`, m, path)
	}
	edge := 30 * (high - low) / (svgHeight - 60)
	return n, low - edge, high + edge
}

func (f *figures) drawCurves(b *strings.Builder, method string, axis tAxis, x, y func(float64) float64) {
	var paths []strings.Builder
	for k := range svgPoints {
		t := axis.value(float64(k) / (svgPoints - 1))
		if f.Pictured != nil && t > f.Pictured.Reach(method) {
			break
		}
		th := f.schemes.frequencies(method, t, int(t*float64(f.Window)))
		if paths == nil {
			paths = make([]strings.Builder, len(th))
		}
		for i, v := range th {
			op := "L"
			if k == 0 {
				op = "M"
			}
			fmt.Fprintf(&paths[i], "%s%.1f %.1f", op, x(t), y(v))
		}
	}
	for i := range paths {
		fmt.Fprintf(b, `<path class="ln m-%s" d="%s"/>`, method, paths[i].String())
	}
}
