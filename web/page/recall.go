package page

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/web/state"
)

// recall is the probe's panel: what to ask, one question to watch, the grid as it fills.
type recall struct {
	app.Compo
	Out    *sender
	Model  *state.Model
	Probe  state.Probe
	Window int
	Ready  bool
	// Lengths are those on offer, in trained windows.
	Lengths []int
}

func (v *recall) Render() app.UI {
	p := v.Probe
	return app.Div().Class("panel").ID("recall").Body(
		app.H2().Text("Does it still find a fact?"),
		app.P().Class("prose").Text("A fact is hidden at a depth of a long story, the story is padded to a length, and the model is asked for the fact at the end. Within the trained window every method can answer; beyond it they part."),
		app.FieldSet().Disabled(p.Job != 0).Body(
			app.H3().Text("Lengths"),
			app.Div().Class("opts").Body(v.lengths()...),
			app.H3().Text("Methods"),
			app.Div().Class("opts").Body(v.methods()...),
			app.Div().Class("row").Body(
				field("Depths", app.Select().ID("depths").Body(numbers(float64(p.Depths), 1, 3, 5, 7, 11)...).
					OnChange(func(ctx app.Context, _ app.Event) {
						v.Out.send(state.ProbeDepths{Count: int(number(ctx, 5))})
					})),
				field("Facts per cell", app.Select().ID("trials").Body(numbers(float64(p.Trials), 1, 2, 3, 5, 10)...).
					OnChange(func(ctx app.Context, _ app.Event) {
						v.Out.send(state.ProbeTrials{Count: int(number(ctx, 1))})
					})),
			),
		),
		app.Div().Class("row").Body(
			app.If(p.Job == 0, func() app.UI {
				return app.Button().Type("button").ID("probe").Class("btn go").Disabled(!v.Ready).Body(icon("play"), app.Text("Fill the grid")).
					OnClick(func(app.Context, app.Event) { v.Out.send(state.RunProbe{}) })
			}),
			app.If(p.Job == 0, func() app.UI {
				return app.Button().Type("button").ID("watch").Class("btn").Disabled(!v.Ready).Text("Watch one run").
					OnClick(func(app.Context, app.Event) { v.Out.send(state.WatchProbe{}) })
			}),
			app.If(p.Job != 0, func() app.UI {
				return app.Button().Type("button").ID("probe-stop").Class("btn").Body(icon("stop"), app.Text("Cancel")).
					OnClick(func(app.Context, app.Event) { v.Out.send(state.StopProbe{}) })
			}),
			app.If(p.CanUndo(), func() app.UI {
				name, word, title := "undo", "Undo", "Bring back the grid that this one took the place of"
				if p.Undone {
					name, word, title = "redo", "Redo", "Bring back the grid that was filled last"
				}
				return app.Button().Type("button").ID("probe-undo").Class("btn").Title(title).Body(icon(name), app.Text(word)).
					OnClick(func(app.Context, app.Event) { v.Out.send(state.SwapGrid{}) })
			}),
			app.If(p.Job != 0, func() app.UI {
				return app.Span().Class("muted").ID("probe-progress").Text(v.progress())
			}),
		),
		app.If(p.Error != "", func() app.UI { return app.Div().Class("trouble").Role("alert").Text(state.Sentence(p.Error)) }),
		app.If(len(p.Runs) > 0 || p.Job != 0 && p.Watching, v.watched),
		app.Div().Class("grids").Body(v.grids()...),
	)
}

func (v *recall) progress() string {
	p := &v.Probe
	if p.Watching {
		return fmt.Sprintf("%d of %d methods", len(p.Runs), len(p.Methods))
	}
	return fmt.Sprintf("%d of %d cells", len(p.Cells), p.ToDo) + after(state.TimeLeft(p.Left(v.Window)))
}

func (v *recall) lengths() []app.UI {
	out := make([]app.UI, len(v.Lengths))
	for i, w := range v.Lengths {
		out[i] = check(state.Tokens(w*v.Window), "probe-w"+strconv.Itoa(w), slices.Contains(v.Probe.Windows, w), func(on bool) { v.chooseLength(w, on) })
	}
	return out
}

func (v *recall) methods() []app.UI {
	out := []app.UI{}
	for _, m := range assets.Methods {
		if state.Offers(v.Model, m.Name) {
			out = append(out, check(m.Label, "probe-"+m.Name, slices.Contains(v.Probe.Methods, m.Name), func(on bool) { v.chooseMethod(m.Name, on) }))
		}
	}
	return out
}

func (v *recall) chooseLength(windows int, on bool) {
	v.Out.send(state.ProbeLength{Windows: windows, On: on})
}

func (v *recall) chooseMethod(name string, on bool) {
	v.Out.send(state.ProbeMethod{Name: name, On: on})
}

// grids are one table a method, filled as the answers come.
func (v *recall) grids() []app.UI {
	p := &v.Probe
	plan := p.Plan(v.Window)
	out := []app.UI{}
	for _, name := range p.Methods {
		var lengths []int
		var depths []float64
		for _, c := range plan {
			if c.Method != name {
				continue
			}
			if !slices.Contains(lengths, c.Tokens) {
				lengths = append(lengths, c.Tokens)
			}
			if !slices.Contains(depths, c.Depth) {
				depths = append(depths, c.Depth)
			}
		}
		head := []app.UI{app.Th().Scope("col").Text("Depth")}
		for _, n := range lengths {
			head = append(head, app.Th().Scope("col").Text(state.Count(n)))
		}
		rows := []app.UI{app.Tr().Body(head...)}
		for _, d := range depths {
			cells := []app.UI{app.Th().Scope("row").Text(fmt.Sprintf("%.0f %%", 100*d))}
			for _, n := range lengths {
				c, ok := p.Answer(name, n, d)
				class, text := "", "·"
				if ok && c.Trials > 0 {
					class = "c" + strconv.Itoa(min(2, 2*c.Right/c.Trials))
					if c.Right > 0 && c.Right < c.Trials {
						class = "c1"
					}
					text = fmt.Sprintf("%d/%d", c.Right, c.Trials)
				}
				cell := app.Td().Class(class)
				if ok {
					// The first question of the cell, asked once more of every method.
					cells = append(cells, cell.Body(app.Button().Type("button").Disabled(p.Job != 0).Title("Watch this question").Text(text).
						Aria("label", fmt.Sprintf("%s, %s tokens, depth %.0f %%: %d of %d right; watch this question", state.LabelOf(name), state.Count(n), 100*d, c.Right, c.Trials)).
						OnClick(func(app.Context, app.Event) { v.Out.send(state.WatchProbe{Tokens: n, Depth: d}) }, app.EventScope(name, n, d))))
					continue
				}
				cells = append(cells, cell.Text(text))
			}
			rows = append(rows, app.Tr().Body(cells...))
		}
		out = append(out, app.Table().Class("grid m-"+name).Body(
			app.Caption().Body(app.Span().Class("swatch"), app.Text(" "+state.LabelOf(name)), app.Span().Class("sr").Text(": right answers by depth and length in tokens")),
			app.TBody().Body(rows...)))
	}
	return out
}
