package page

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/viz/scene"
	"clexlab/web/state"
)

// table is the picture's numbers as an HTML table, for everybody who cannot or
// does not want to read them off a drawing.
type table struct {
	app.Compo
	Show figures
}

func (v *table) Render() app.UI {
	caption, head, rows := accountOf(v.Show.Scene).table(&v.Show)
	th := make([]app.UI, len(head))
	for i, h := range head {
		th[i] = app.Th().Scope("col").Text(h)
	}
	tr := make([]app.UI, len(rows))
	for i, r := range rows {
		cells := make([]app.UI, len(r))
		for j, c := range r {
			if j == 0 {
				cells[j] = app.Th().Scope("row").Text(c)
			} else {
				cells[j] = app.Td().Text(c)
			}
		}
		tr[i] = app.Tr().Body(cells...)
	}
	return app.Div().Class("drawer-body").ID("data-table").TabIndex(0).Role("region").Aria("label", "Data table").Body(
		app.Table().Class("data").Body(
			app.Caption().Text(caption),
			app.THead().Body(app.Tr().Body(th...)),
			app.TBody().Body(tr...)))
}

// frequencies lists every pair: trained, and under each method shown at t.
func (f *figures) frequencyTable() (string, []string, [][]string) {
	window := f.Window
	length := state.Length(f.T, window)
	was := append([]float64(nil), f.schemes.frequencies("rope", 1, window)...)
	head := []string{"Pair", "Trained, rad per token", "Wavelength, tokens", "Turns in the window"}
	rows := make([][]string, len(was))
	for i, th := range was {
		rows[i] = []string{strconv.Itoa(i), digits(th), digits(wavelength(th)), digits(float64(window) / wavelength(th))}
	}
	for _, m := range f.Shown {
		head = append(head, state.LabelOf(m)+" at t")
		for i, th := range f.schemes.frequencies(m, f.T, length) {
			if i < len(rows) {
				rows[i] = append(rows[i], digits(th))
			}
		}
	}
	if len(was) == 0 {
		return "The model's rotary geometry is still loading.", head, nil
	}
	return fmt.Sprintf("Inverse frequencies of the %d rotary pairs in radians per token; t = %s, %s.",
		len(was), state.Factor(f.T), state.Tokens(length)), head, rows
}

// loss gives each method's mean loss by quarters of a window.
func (f *figures) lossTable() (string, []string, [][]string) {
	step := max(1, f.Window/4)
	head := []string{"Tokens"}
	longest := 0
	for _, c := range f.Losses {
		words := state.LabelOf(c.Method)
		if w := state.WeightsOf(f.Model, c.Method); w != "" {
			words += ", " + w + " weights"
		}
		if t := f.Model.Tuned[c.Method].Factor; t > 0 {
			words += " at t = " + state.Factor(t)
		}
		head = append(head, words)
		longest = max(longest, c.From+len(c.NLL))
	}
	var rows [][]string
	for from := 0; from < longest; from += step {
		to := min(longest, from+step)
		row := []string{fmt.Sprintf("%s to %s", state.Count(from+1), state.Count(to))}
		for _, c := range f.Losses {
			words := "not measured"
			if mean, ok := state.MeanLoss(c, from, to, 1); ok {
				words = strconv.FormatFloat(mean, 'f', 2, 64)
			}
			row = append(row, words)
		}
		rows = append(rows, row)
	}
	return "Mean loss in nats per token by position in " + f.Subject + ".", head, rows
}

// attention sums each head up: where its weight lies on average.
func (f *figures) attentionTable() (string, []string, [][]string) {
	head := []string{"Head", "Largest weight", "Mean weight of the nearest tokens", "Mean weight of the farthest"}
	i := slices.IndexFunc(f.Maps, func(m *scene.MapsSummary) bool { return m.Method == f.Active })
	if i < 0 {
		return "No attention has been computed yet; it needs a text.", head, nil
	}
	m := f.Maps[i]
	var rows [][]string
	for k, largest := range m.Largest {
		near, far := "not measured", "not measured"
		if k < len(m.Nearest) {
			near, far = digits(float64(m.Nearest[k])), digits(float64(m.Farthest[k]))
		}
		rows = append(rows, []string{fmt.Sprintf("layer %d, head %d", k/m.Heads+1, k%m.Heads+1), state.Percent(float64(largest)), near, far})
	}
	return fmt.Sprintf("Attention of %s on %s at t = %s over tokens %d to %d.", state.LabelOf(m.Method), f.Subject, state.Factor(m.T), m.QueryFrom+1, m.QueryTo), head, rows
}

func (f *figures) recallTable() (string, []string, [][]string) {
	head := []string{"Method", "Length, tokens", "Depth", "Right", "Asked"}
	var rows [][]string
	for _, c := range f.Cells {
		rows = append(rows, []string{state.LabelOf(c.Method), state.Count(c.Tokens), fmt.Sprintf("%.0f %%", 100*c.Depth), strconv.Itoa(c.Right), strconv.Itoa(c.Trials)})
	}
	return "Recall: facts found again, by method, length and depth.", head, rows
}

// digits writes a number with four significant digits.
func digits(v float64) string {
	if math.Abs(v) >= 1000 {
		return state.Count(int(math.Round(v)))
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
