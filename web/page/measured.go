package page

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// measured is the table of what a model was measured at before it shipped.
type measured struct {
	app.Compo
	// Name is the model's.
	Name   string
	Shown  *jobs.Measured
	Window int
}

// otherWeights are weights that no method is named after.
var otherWeights = map[string]string{
	"clex-prior":     "CLEX's twin, whose field stays its prior",
	"clex-reference": "CLEX by the published recipe",
	"base-on":        "Plain RoPE, read on for as long as a tuning",
}

func (v *measured) Render() app.UI {
	m := v.Shown
	head := []app.UI{app.Th().Scope("col").Text("Method"), app.Th().Scope("col").Text("t")}
	for i, n := range m.Lengths {
		head = append(head, app.Th().Scope("col").Title(state.Tokens(n)+", "+state.Count(m.Windows[i])+" texts").
			Text(state.Factor(float64(n)/float64(v.Window))+"×"))
	}
	var rows []app.UI
	for _, r := range m.Rows {
		cells := []app.UI{app.Th().Scope("row").Text(measuredName(r)), app.Td().Text(readAt(r))}
		for _, p := range r.Perplexity {
			cells = append(cells, app.Td().Text(perplexityDigits(p)))
		}
		rows = append(rows, app.Tr().Body(cells...))
	}
	return app.Details().Class("measured").ID("measured").Body(
		app.Summary().Text("What "+v.Name+" was measured at"),
		app.P().Class("muted small").Text("Perplexity of the last "+state.Count(m.Tail)+" tokens of texts of so many windows of "+state.Tokens(v.Window)+", from "+m.On+
			". Where t is a range, it follows the length within it. Measured when the model was made, not on this device."),
		app.Div().Class("wide").TabIndex(0).Role("region").Aria("label", "Perplexity by method and length").Body(
			app.Table().Class("data").Body(
				app.THead().Body(app.Tr().Body(head...)),
				app.TBody().Body(rows...))))
}

// measuredName says whose row it is.
func measuredName(r jobs.MeasuredRow) string {
	if words, ok := otherWeights[r.Weights]; ok {
		return words
	}
	switch label := state.LabelOf(r.Weights); {
	case !r.Tuned:
		return state.LabelOf(r.Method) + ", not tuned"
	case label != r.Weights:
		return label
	}
	return state.LabelOf(r.Method)
}

// readAt says at which factor a row was read.
func readAt(r jobs.MeasuredRow) string {
	switch {
	case r.Method == state.JudgeMethod:
		return "any"
	case r.T > 0:
		return state.Factor(r.T)
	}
	return state.Factor(r.Least) + "–" + state.Factor(r.Most)
}

// perplexityDigits is a perplexity in three digits, a dash for none.
func perplexityDigits(p float64) string {
	switch {
	case !(p > 0):
		return "–"
	case p < 99.95:
		return strconv.FormatFloat(p, 'f', 1, 64)
	}
	return state.Count(int(p + 0.5))
}
