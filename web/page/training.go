package page

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// training is the panel on which a reader tunes the model's untuned weights with CLEX, in this tab.
type training struct {
	app.Compo
	Out *sender
	// MaxT is the largest t that is trained, MostT the largest that can be.
	MaxT, MostT float64
	Training    state.Training
	Export      state.Exporting
	// Why says why the model cannot be trained, "" where it can.
	Why    string
	Ready  bool
	Window int
	// WhyNot says why a kept training cannot be taken up, "" where it can.
	WhyNot string
	// Trainings are the models that were trained here from the one in use, Standing is the number of the one that stands as a method.
	Trainings []state.Model
	Standing  int
	// Using is set while the result is the model in use.
	Using bool
	// Elsewhere names the model that the training shown began with, "" where that is the one in use.
	Elsewhere string
}

func (v *training) Render() app.UI {
	t := &v.Training
	held, _ := t.HeldShown()
	return app.Div().Class("panel").ID("train").TabIndex(0).Role("region").Aria("label", "Training").Body(
		app.H2().Text("Train it here"),
		app.P().Class("prose").Text(v.intention()),
		app.If(v.Why != "", func() app.UI { return app.P().Class("trouble").Text(v.Why) }),
		app.If(t.Kept != nil && t.Job == 0, v.kept),
		app.FieldSet().Disabled(t.Job != 0 || v.Why != "").Body(
			app.Div().Class("opts").Body(v.presets()...),
			app.P().Class("muted").ID("train-why").Text(v.reason()),
			app.Div().Class("row").Body(
				v.number(numberField{label: "Steps", id: "train-steps", low: 1, high: state.MaxTrainingSteps, value: float64(t.Choice.Steps), whole: true}, func(c *state.TrainingChoice, x float64) { c.Steps = int(x) }),
				v.number(numberField{label: "Largest t", id: "train-tmax", low: state.MinTrainingT, high: v.MostT, value: v.MaxT, whole: true}, func(c *state.TrainingChoice, x float64) { c.TMax = x }),
				v.samplers(),
			),
			app.P().Class("muted").ID("train-positions").Text(v.positions()),
		),
		// Rates may change while it runs.
		app.FieldSet().Disabled(v.Why != "").Body(
			app.Div().Class("row").Body(
				v.number(numberField{label: "Rate of the weights", id: "train-rate", high: state.MaxTrainingRate, value: t.Choice.Rate}, func(c *state.TrainingChoice, x float64) { c.Rate = x }),
				v.number(numberField{label: "Rate of the field", id: "train-field-rate", high: state.MaxTrainingRate, value: t.Choice.FieldRate}, func(c *state.TrainingChoice, x float64) { c.FieldRate = x }),
			),
		),
		app.FieldSet().Disabled(t.Job != 0 || v.Why != "").Body(v.text()...),
		app.Div().Class("row").Body(v.buttons()...),
		app.If(len(v.Trainings) > 0 && t.Job == 0, v.standing),
		app.If(v.Elsewhere != "", func() app.UI {
			return app.P().Class("muted").ID("train-elsewhere").Text("What follows is of the training that began with the model “" + v.Elsewhere + "”.")
		}),
		app.If(v.Export.Trained && t.Result != nil, v.exported),
		app.If(t.Unkept != "" && t.Job != 0, func() app.UI {
			return app.Div().Class("trouble").ID("train-unkept").Role("alert").Text(t.UnkeptWords())
		}),
		app.If(t.Error != "", func() app.UI { return app.Div().Class("trouble").Role("alert").Text(state.Sentence(t.Error)) }),
		app.If(len(t.Sample.Tokens) > 0 || t.Sample.Error != "", v.sample),
		app.If(len(held) > 0, v.held),
		app.If(len(held) > 0, v.places),
		app.If(t.Moved != nil, v.moved),
	)
}

// intention says what a step reads and what learns from it, as it is chosen.
func (v *training) intention() string {
	words := "The base reads " + state.Count(v.Window) + " tokens. In each step it reads a few rows of text"
	if v.Training.Choice.Sampler != jobs.ContiguousPositions {
		words += " whose positions are spread over up to " + state.Factor(v.MaxT) + " windows"
	}
	switch v.Training.Choice.Part {
	case jobs.TrainField:
		return words + "; the field that moves the frequencies learns from it while the weights stay, in this tab."
	case jobs.TrainWeights:
		return words + "; the weights learn from it while the field stays as it begins, in this tab."
	}
	return words + "; the field that moves the frequencies and the weights learn from it together, in this tab."
}

func (v *training) edit(change func(*state.TrainingChoice)) {
	v.Out.send(state.EditTraining{Change: change})
}

// presets are the choices with a name.
func (v *training) presets() []app.UI {
	out := make([]app.UI, len(state.TrainingPresets))
	for i, p := range state.TrainingPresets {
		class := "chip"
		if v.preset() == i {
			class += " on"
		}
		out[i] = app.Button().Type("button").Class(class).ID("train-preset-"+strconv.Itoa(i)).Aria("pressed", v.preset() == i).Text(p.Name).
			OnClick(func(app.Context, app.Event) {
				v.edit(func(c *state.TrainingChoice) {
					text, name := c.Text, c.TextName
					*c = p.Choice
					c.Text, c.TextName = text, name
				})
			}, app.EventScope(i))
	}
	return out
}

// preset is the number of the preset in force, -1 for a choice of the reader's own.
func (v *training) preset() int {
	for i, p := range state.TrainingPresets {
		c := v.Training.Choice
		c.Text, c.TextName = "", ""
		if c == p.Choice {
			return i
		}
	}
	return -1
}

func (v *training) reason() string {
	if i := v.preset(); i >= 0 {
		return state.TrainingPresets[i].Why
	}
	return "A choice of your own."
}

// samplers offers the ways to draw positions.
func (v *training) samplers() app.UI {
	now := v.Training.Choice.Sampler
	options := make([]app.UI, len(state.Samplers))
	for i, s := range state.Samplers {
		options[i] = app.Option().Value(string(s.Sampler)).Text(s.Label).Selected(s.Sampler == now)
	}
	return field("Positions", app.Select().ID("train-sampler").Aria("describedby", "train-positions").Body(options...).
		OnChange(func(ctx app.Context, _ app.Event) {
			chosen := jobs.Sampler(ctx.JSSrc().Get("value").String())
			v.edit(func(c *state.TrainingChoice) { c.Sampler = chosen })
		}))
}

// positions says what the largest t and the way of drawing do.
func (v *training) positions() string {
	for _, s := range state.Samplers {
		if s.Sampler == v.Training.Choice.Sampler {
			return s.Why
		}
	}
	return ""
}

func (v *training) number(n numberField, set func(*state.TrainingChoice, float64)) app.UI {
	return n.render(v.Out, func(x float64) { v.edit(func(c *state.TrainingChoice) { set(c, x) }) })
}

// The charts' size in their own units.
const (
	chartWide, chartHigh = 520.0, 190.0
	chartLeft, chartFoot = 44.0, 26.0
)

// chart is a drawing with axes; x and y place values.
type chart struct {
	b      strings.Builder
	x, y   func(float64) float64
	labels []float64 // heights of the labels so far
}

func newChart(x0, x1, y0, y1 float64, yTicks []float64, unit string) *chart {
	c := &chart{}
	c.x = func(v float64) float64 { return chartLeft + (v-x0)/max(1e-9, x1-x0)*(chartWide-chartLeft-96) }
	c.y = func(v float64) float64 { return 8 + (y1-v)/max(1e-9, y1-y0)*(chartHigh-chartFoot-8) }
	fmt.Fprintf(&c.b, `<svg viewBox="0 0 %g %g" class="chart">`, chartWide, chartHigh)
	for _, t := range yTicks {
		fmt.Fprintf(&c.b, `<path class="ax" d="M%g %.1fH%g"/><text x="%g" y="%.1f" text-anchor="end">%s</text>`, chartLeft, c.y(t), chartWide-96, chartLeft-6, c.y(t)+4, strconv.FormatFloat(t, 'g', 3, 64))
	}
	fmt.Fprintf(&c.b, `<text x="%g" y="%g">%s</text>`, chartLeft, chartHigh-6, unit)
	return c
}

func (c *chart) line(class, label string, xs, ys []float64) {
	var path strings.Builder
	for i := range xs {
		op := "L"
		if i == 0 {
			op = "M"
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", op, c.x(xs[i]), c.y(ys[i]))
	}
	if len(xs) == 1 {
		fmt.Fprintf(&c.b, `<circle class="%s" cx="%.1f" cy="%.1f" r="3"/>`, class, c.x(xs[0]), c.y(ys[0]))
	}
	n := len(xs) - 1
	fmt.Fprintf(&c.b, `<path class="ln %s" d="%s"/><text class="%s" x="%.1f" y="%.1f">%s</text>`, class, path.String(), class, c.x(xs[n])+6, c.freeHeight(c.y(ys[n])+4), label)
}

// freeHeight is the height nearest to y at which a label covers none before it.
func (c *chart) freeHeight(y float64) float64 {
	const line = 14
	for away := 0.0; ; away++ {
		for _, at := range []float64{y - away, y + away} {
			if !slices.ContainsFunc(c.labels, func(l float64) bool { return math.Abs(l-at) < line }) {
				c.labels = append(c.labels, at)
				return at
			}
		}
	}
}

func (c *chart) done() app.UI { return app.Raw("<div>" + c.b.String() + "</svg></div>") }

// held draws the losses of the held text by step, and says them in a table.
func (v *training) held() app.UI {
	held, steps := v.Training.HeldShown()
	low, high := 1e9, 0.0
	for _, at := range held {
		for _, l := range at.Losses {
			low, high = min(low, l.Loss), max(high, l.Loss)
		}
	}
	low, high = low-0.1, high+0.1
	c := newChart(0, float64(max(1, steps)), low, high, nice(low, high), "steps")
	first, last := held[0], held[len(held)-1]
	rows := []app.UI{app.Tr().Body(app.Th().Scope("col").Text("context"), app.Th().Scope("col").Text("t"), app.Th().Scope("col").Text("before"), app.Th().Scope("col").Text("after "+strconv.Itoa(last.Step)))}
	for k, l := range first.Losses {
		var xs, ys []float64
		for _, at := range held {
			xs, ys = append(xs, float64(at.Step)), append(ys, at.Losses[k].Loss)
		}
		c.line("h"+strconv.Itoa(k), state.Tokens(l.Length), xs, ys)
		now := last.Losses[k].Loss
		rows = append(rows, app.Tr().Body(app.Th().Scope("row").Text(state.Tokens(l.Length)), app.Td().Text(state.Factor(l.T)), app.Td().Text(fmt.Sprintf("%.2f", l.Loss)), app.Td().Text(fmt.Sprintf("%.2f", now))))
	}
	return app.Section().Body(
		app.H3().Text("Loss on a book that nothing here learns from"),
		app.P().Class("muted").Text("Nats a token of the same 256 tokens of "+assets.Book.Title+", read with so much text before them."),
		c.done(),
		app.Table().Class("grid wide").ID("train-held").Body(app.TBody().Body(rows...)))
}

// moved draws how far the field has carried each pair from its prior.
func (v *training) moved() app.UI {
	m := v.Training.Moved
	low, high := -0.05, 0.05
	for _, row := range m.Pairs {
		for _, z := range row {
			low, high = min(low, z), max(high, z)
		}
	}
	c := newChart(0, float64(len(m.Pairs[0])-1), low, high, nice(low, high), "pair, from the fastest to the slowest")
	for k, shown := 0, 0; k < len(m.Factors); k++ {
		if k != len(m.Factors)-1 && m.Factors[k] != 4 && m.Factors[k] != 16 {
			continue
		}
		xs := make([]float64, len(m.Pairs[k]))
		for i := range xs {
			xs[i] = float64(i)
		}
		c.line("h"+strconv.Itoa(shown), "t = "+state.Factor(m.Factors[k]), xs, m.Pairs[k])
		shown++
	}
	words := "z(t) less the prior's z(t), pair by pair: 0 is NTK-aware scaling with α = 2t − 1, below 0 the pair turns slower."
	if v.Training.Part == jobs.TrainWeights {
		words += " The field is not trained in this run."
	}
	return app.Section().Body(app.H3().Text("What the field has learnt"), app.P().Class("muted").Text(words), c.done())
}

// nice are round numbers between two.
func nice(low, high float64) (ticks []float64) {
	step := 0.01
	for _, s := range []float64{0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50} {
		if (high-low)/step <= 5 {
			break
		}
		step = s
	}
	for v := float64(int(low/step)) * step; v <= high; v += step {
		if v >= low {
			ticks = append(ticks, v)
		}
	}
	return ticks
}
