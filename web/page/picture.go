package page

import (
	"fmt"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/wasm/wire"
	"clexlab/web/state"
)

// picture is the column of the view: tabs, frame, caption and drawers.
type picture struct {
	app.Compo
	P                     *Page
	Scene                 state.Scene
	Hidden                state.Controls
	View                  state.View
	T                     float64
	Window                int
	Solver                string
	Step, Tol             float64
	Field                 bool
	Shown                 []string
	SolverOpen, TableOpen bool
	Pair, Layer, Head     int
	Pool                  string
	Facts                 int
	Length                int
	Narrow                bool
	// Start lets the picture's program run.
	Start bool
	// Answers changes with the numbers that have come.
	Answers int
}

// viewSource is the document of the ebiten program; it needs one of its own.
const viewSource = "/web/view.html"

func (v *picture) Render() app.UI {
	return app.Section().Class("col pic").Aria("label", "Picture").Body(
		app.If(!v.Hidden.Has(state.HideTabs), v.head),
		app.Figure().Class("stage").ID("stage").TabIndex(0).
			Aria("label", v.Scene.Label()+" at "+state.ValueText(v.T, v.Window)+". Plus and minus zoom, 0 resets, arrow keys pan, Escape goes back.").
			OnKeyDown(v.key).Body(
			// First, because go-app tells children apart by their place: a frame that
			// moves to another place is made anew and starts its program again.
			app.If(app.IsClient && v.View.Error == "", func() app.UI {
				class := "wait"
				if v.View.Drawn {
					class = "live"
				}
				frame := app.IFrame().ID("view").Class(class)
				if v.Start {
					frame = frame.Src(viewSource)
				}
				return frame.Title("Picture").TabIndex(-1).Aria("hidden", true)
			}),
			app.FigCaption().Class("sr").Body(app.Text(v.P.summary())),
			app.If(!v.View.Drawn, func() app.UI {
				return &still{P: v.P, T: v.T, Shown: v.Shown, Facts: v.Facts}
			}),
		),
		app.Div().Class("caption").Body(
			app.P().Class("lead").ID("lead").Text(v.P.lead(v.Scene)),
			app.P().Class("reading").ID("reading").Text(v.reading()),
		),
		app.If(!v.Hidden.Has(state.HideSolver) || !v.Hidden.Has(state.HideTable) || !v.Hidden.Has(state.HideSave), v.drawers),
		app.If(v.SolverOpen && !v.Hidden.Has(state.HideSolver), func() app.UI {
			return &solver{P: v.P, Solver: v.Solver, Step: v.Step, Tol: v.Tol, Field: v.Field, Pair: v.Pair,
				Layer: v.Layer, Head: v.Head, Pool: v.Pool, Scene: v.Scene, Facts: v.Facts}
		}),
		app.If(v.TableOpen && !v.Hidden.Has(state.HideTable), func() app.UI {
			return &table{P: v.P, Scene: v.Scene, T: v.T, Shown: v.Shown, Facts: v.Facts, Length: v.Length / 32,
				Answers: v.Answers}
		}),
	)
}

func (v *picture) head() app.UI {
	tabs := make([]tabItem, 0, len(state.Scenes))
	for _, s := range state.Scenes {
		// The overview needs room: on a phone the trajectories stand for it.
		if s != state.Overview || !v.Narrow {
			tabs = append(tabs, tabItem{string(s), s.Label()})
		}
	}
	return app.Div().Class("pic-head").Body(
		app.Div().Class("pic-tabs").Role("tablist").Aria("label", "Pictures").
			Body(tabButtons("scene", tabs, string(v.P.scene()), v.choose)...),
	)
}

// save is one of the two buttons that take the picture away.
func (v *picture) save(format, title string) app.UI {
	return app.Button().Type("button").ID("save-"+format).Class("btn quiet").Title(title).
		Aria("label", title).Disabled(!v.View.Drawn).
		Body(icon("save"), app.Text(strings.ToUpper(format))).
		OnClick(func(app.Context, app.Event) { v.P.export(format) }, app.EventScope(format))
}

// key passes the picture's keys on to it, and keeps them from scrolling the page.
func (v *picture) key(_ app.Context, e app.Event) {
	switch k := e.Get("key").String(); k {
	case "+", "-", "0", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Escape":
		e.PreventDefault()
		v.P.post(&wire.ViewKey{Key: k, Shift: e.Get("shiftKey").Bool()})
	}
}

// choose changes the scene; the recall picture brings its probe with it where
// both have room.
func (v *picture) choose(id string) {
	v.P.send(state.ChooseScene{Scene: state.Scene(id)})
	if narrow() {
		return
	}
	if state.Scene(id) == state.Recall && !v.P.s.Hidden.Has(state.HideRecall) {
		v.P.send(state.ChooseTab{Tab: "recall"})
	} else if v.P.s.Tab == "recall" {
		v.P.send(state.ChooseTab{Tab: "text"})
	}
}

func (v *picture) reading() string {
	switch {
	case v.View.Error != "":
		return ""
	case v.View.Reading != "":
		return v.View.Reading
	case !v.View.Drawn:
		return "The picture's program is loading; the curves are already computed."
	}
	return hints[v.P.s.Scene]
}

// hints say what can be done in a picture while nothing in it is pointed at.
var hints = map[state.Scene]string{
	state.Overview:     "Drag in the picture to move t. Point at a curve to read it.",
	state.Trajectories: "Drag in the picture to move t. Point at a curve to read it.",
	state.Spectrum:     "Choose a pair for its phases; drag the dot for another distance.",
	state.Attention:    "Point to read, choose a map to enlarge it, scroll or pinch to zoom.",
	state.Loss:         "Point to read, scroll or pinch to zoom, drag to move along.",
	state.Recall:       "Point at a cell to read it.",
}

func (v *picture) drawers() app.UI {
	toggle := func(panel state.Panel, open bool, name, label string) app.UI {
		return app.Button().Type("button").ID(string(panel)).Class("btn quiet").Aria("expanded", open).
			Body(icon(name), app.Text(label)).
			OnClick(func(app.Context, app.Event) {
				v.P.send(state.TogglePanel{Panel: panel, Open: !v.P.s.Open[panel]})
			}, app.EventScope(string(panel)))
	}
	return app.Div().Class("drawers").Body(
		app.If(!v.Hidden.Has(state.HideSolver), func() app.UI { return toggle(state.SolverPanel, v.SolverOpen, "dial", "Solver") }),
		app.If(!v.Hidden.Has(state.HideTable), func() app.UI { return toggle(state.TablePanel, v.TableOpen, "table", "Data table") }),
		app.If(!v.Hidden.Has(state.HideSave), func() app.UI { return v.save("png", "Save this picture as PNG") }),
		app.If(!v.Hidden.Has(state.HideSave), func() app.UI { return v.save("csv", "Save this picture's numbers as CSV") }),
		app.If(v.View.Steps > 0 && !v.Hidden.Has(state.HideStats), func() app.UI {
			return app.Span().Class("solved").ID("solved").Body(
				app.Text("ODE from 1 to t: "), app.B().Text(state.Count(v.View.Evaluations)), app.Text(" evaluations, "),
				app.B().Text(state.Count(v.View.Steps)), app.Text(" steps, "),
				app.B().Text(fmt.Sprintf("%.2f ms", v.View.Solve.Seconds()*1000)))
		}),
	)
}
