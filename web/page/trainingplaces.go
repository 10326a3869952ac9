package page

import (
	"fmt"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// places draws the loss of the longest reading of the held text by position, before the first step and now, and says it in a table.
func (v *training) places() app.UI {
	before, latest := v.Training.PlacesShown()
	shown := latest
	if shown == nil {
		shown = before
	}
	if shown == nil {
		return app.Text("")
	}
	last := shown.Losses[len(shown.Losses)-1]
	// The first reading is of one trained window, of whatever model.
	n, each, window := last.Length, last.Length/jobs.HeldPieces, shown.Losses[0].Length
	// In pieces of one token the first has no loss.
	k := 0
	if shown.Places[0] < 0 {
		k = 1
	}
	low, high := 1e9, 0.0
	for _, h := range []*state.HeldAt{before, latest} {
		if h != nil {
			for _, y := range h.Places[k:] {
				low, high = min(low, y), max(high, y)
			}
		}
	}
	low, high = low-0.1, high+0.1
	c := newChart(0, float64(n), low, high, nice(low, high), "tokens")
	c.window(window, n)
	xs := make([]float64, jobs.HeldPieces)
	for i := range xs {
		xs[i] = (float64(i) + 0.5) * float64(each)
	}
	head := []app.UI{app.Th().Scope("col").Text("tokens")}
	if before != nil {
		c.line("was", "before", xs[k:], before.Places[k:])
		head = append(head, app.Th().Scope("col").Text("before"))
	}
	if latest != nil {
		c.line("now", fmt.Sprintf("after %d", latest.Step), xs[k:], latest.Places[k:])
		head = append(head, app.Th().Scope("col").Text(fmt.Sprintf("after %d", latest.Step)))
	}
	rows, words := []app.UI{app.Tr().Body(head...)}, ""
	for from, to := 0, window; from < n; from, to = to, min(n, 4*to) {
		span := fmt.Sprintf("%s to %s", state.Count(from+1), state.Count(to))
		row := []app.UI{app.Th().Scope("row").Text(span)}
		words += "Tokens " + span + ":"
		for _, h := range []*state.HeldAt{before, latest} {
			if h == nil {
				continue
			}
			mean := fmt.Sprintf("%.2f", state.MeanPlaces(h.Places, n, from, to))
			row = append(row, app.Td().Text(mean))
			if h == before {
				words += " " + mean + " nats before"
			} else {
				words += fmt.Sprintf(" %s after %d steps", mean, h.Step)
			}
		}
		words += ". "
		rows = append(rows, app.Tr().Body(row...))
	}
	return app.Section().ID("train-places").Body(
		app.H3().Text("Loss by position on that book"),
		app.P().Class("muted").Text(fmt.Sprintf("Nats a token of %s of %s, read at t = %s: means of %d tokens each. The line is the end of the trained window.", state.Tokens(n), assets.Book.Title, state.Factor(last.T), each)),
		app.Div().Role("img").Aria("label", words).Body(c.done()),
		app.Table().Class("grid wide").Body(app.TBody().Body(rows...)))
}

// window marks the end of the trained window on an axis of n tokens, and quarters of the axis.
func (c *chart) window(window, n int) {
	for k := 1; k <= 4; k++ {
		at := float64(k*n) / 4
		fmt.Fprintf(&c.b, `<path class="ax" d="M%.1f 8v%g"/><text x="%.1f" y="%g" text-anchor="middle">%s</text>`, c.x(at), chartHigh-chartFoot-8, c.x(at), chartHigh-6, state.Count(k*n/4))
	}
	fmt.Fprintf(&c.b, `<path class="edge" d="M%.1f 8v%g"/>`, c.x(float64(window)), chartHigh-chartFoot-8)
}
