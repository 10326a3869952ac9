package page

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/clex"
	"clexlab/viz/scene"
	"clexlab/web/state"
)

// solver is the drawer that chooses how the ODE is integrated and what is drawn with it.
type solver struct {
	app.Compo
	Out               *sender
	Solver            string
	Step, Tol         float64
	Field             bool
	Pair, Layer, Head int
	Mean              bool
	Scene             scene.Scene
	Model             *state.Model
}

func (v *solver) Render() app.UI {
	options := []app.UI{}
	adaptive := false
	for _, tb := range clex.Tableaus() {
		label := tb.Title + ", order " + strconv.Itoa(tb.Order)
		if tb.Embedded > 0 {
			label += ", adaptive"
		}
		if tb.Name == v.Solver {
			adaptive = tb.Embedded > 0
		}
		options = append(options, app.Option().Value(tb.Name).Text(label).Selected(tb.Name == v.Solver))
	}
	look := func(change func(*state.Look)) { v.Out.send(state.EditLook{Change: change}) }
	return app.Div().Class("drawer-body").ID("solver-body").Role("region").Aria("label", "Solver").Body(
		app.Div().Class("row").Body(
			field("Solver", app.Select().ID("solver-name").Body(options...).
				OnChange(func(ctx app.Context, _ app.Event) {
					v.Out.send(state.SetSolver{Solver: ctx.JSSrc().Get("value").String()})
				})),
			app.If(!adaptive, func() app.UI {
				return field("Step in t", app.Select().ID("solver-step").
					Body(numbers(v.Step, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1)...).
					OnChange(func(ctx app.Context, _ app.Event) {
						v.Out.send(state.SetSolver{Step: number(ctx, v.Step)})
					}))
			}),
			app.If(adaptive, func() app.UI {
				return field("Tolerance", app.Select().ID("solver-tol").
					Body(numbers(v.Tol, 1e-2, 1e-3, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12)...).
					OnChange(func(ctx app.Context, _ app.Event) {
						v.Out.send(state.SetSolver{Tol: number(ctx, v.Tol)})
					}))
			}),
			check("Draw the field dz/dt and the solver's steps", "solver-field", v.Field, func(on bool) { look(func(l *state.Look) { l.Field = on }) }),
			app.If(v.Scene.Maps, func() app.UI {
				return field("Tiles of many tokens show", app.Select().ID("pool").Body(
					app.Option().Value("max").Text("the largest weight").Selected(!v.Mean),
					app.Option().Value("mean").Text("the mean weight").Selected(v.Mean),
				).OnChange(func(ctx app.Context, _ app.Event) {
					mean := ctx.JSSrc().Get("value").String() == "mean"
					look(func(l *state.Look) { l.Mean = mean })
				}))
			}),
			app.If(v.Scene.Maps && v.Model.Layers > 0, func() app.UI {
				return field("Head", app.Select().ID("head").Body(v.heads()...).
					OnChange(func(ctx app.Context, _ app.Event) {
						n, err := strconv.Atoi(ctx.JSSrc().Get("value").String())
						heads := max(1, v.Model.Heads)
						look(func(l *state.Look) {
							l.Layer, l.Head = -1, -1
							if err == nil && n >= 0 {
								l.Layer, l.Head = n/heads, n%heads
							}
						})
					}))
			}),
			app.If(v.Scene.Name == scene.Spectrum && v.Model.ID != "", func() app.UI {
				pair := numberField{label: "Pair", id: "pair", high: float64(v.Model.Rotary.Pairs() - 1), value: float64(max(0, v.Pair)), whole: true}
				return pair.render(v.Out, func(n float64) { look(func(l *state.Look) { l.Pair = int(n) }) })
			}),
		),
		app.P().Class("cap").Text("The reference implementation uses the 3/8-rule with step 0.01. A coarser step is cheaper; watch whether the curves move."),
	)
}

// heads lists every attention head, the grid first.
func (v *solver) heads() []app.UI {
	out := []app.UI{app.Option().Value("-1").Text("all, as a grid").Selected(v.Layer < 0)}
	for l := range v.Model.Layers {
		for h := range v.Model.Heads {
			out = append(out, app.Option().Value(l*v.Model.Heads+h).
				Text("layer "+strconv.Itoa(l+1)+", head "+strconv.Itoa(h+1)).Selected(l == v.Layer && h == v.Head))
		}
	}
	return out
}
