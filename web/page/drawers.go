package page

import (
	"fmt"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/viz/scene"
	"clexlab/web/state"
)

// drawers is the line under the picture: what opens there, files of the picture, and how the ODE was solved.
type drawers struct {
	app.Compo
	Out                   *sender
	Hidden                state.Controls
	SolverOpen, TableOpen bool
	// Maps says that the picture has maps beside its losses, whose numbers are a file of their own above the data table.
	Maps bool
	// Drawn says that there is a picture to save.
	Drawn bool
	// Evaluations and Steps count the last solve, Solve is how long it took.
	Evaluations, Steps int
	Solve              time.Duration
}

func (v *drawers) Render() app.UI {
	toggle := func(panel state.Panel, open bool, name, label string) app.UI {
		return app.Button().Type("button").ID(string(panel)).Class("btn quiet").Aria("expanded", open).
			Body(icon(name), app.Text(label)).
			OnClick(func(app.Context, app.Event) {
				v.Out.send(state.TogglePanel{Panel: panel, Open: !open})
			}, app.EventScope(string(panel), open))
	}
	return app.Div().Class("drawers").Body(
		app.If(!v.Hidden.Has(state.HideSolver), func() app.UI { return toggle(state.SolverPanel, v.SolverOpen, "dial", "Solver") }),
		app.If(!v.Hidden.Has(state.HideTable), func() app.UI { return toggle(state.TablePanel, v.TableOpen, "table", "Data table") }),
		app.If(!v.Hidden.Has(state.HideSave), func() app.UI { return save(v.Out, v.Drawn, "", "png", "PNG", "Save this picture as PNG") }),
		app.If(!v.Hidden.Has(state.HideSave), func() app.UI {
			return save(v.Out, v.Drawn, "", "svg", "SVG", "Save this picture as SVG: lines and words that can be edited")
		}),
		app.If(!v.Hidden.Has(state.HideSave), func() app.UI { return save(v.Out, v.Drawn, "", "csv", "CSV", v.numbers()) }),
		app.If(v.Steps > 0 && !v.Hidden.Has(state.HideStats), func() app.UI {
			return app.Span().Class("solved").ID("solved").Body(
				app.Text("ODE from 1 to t: "), app.B().Text(state.Count(v.Evaluations)), app.Text(" evaluations, "),
				app.B().Text(state.Count(v.Steps)), app.Text(" steps, "),
				app.B().Text(fmt.Sprintf("%.2f ms", v.Solve.Seconds()*1000)))
		}),
	)
}

// numbers says what the file of numbers holds.
func (v *drawers) numbers() string {
	if v.Maps {
		return "Save the losses as CSV; the maps' is above the data table"
	}
	return "Save this picture's numbers as CSV"
}

// save is one of the buttons that take the picture away, or a part of it.
func save(out *sender, drawn bool, of scene.Name, format, label, title string) app.UI {
	id := "save-" + format
	if of != "" {
		id += "-" + string(of)
	}
	return app.Button().Type("button").ID(id).Class("btn quiet").Title(title).
		Aria("label", title).Disabled(!drawn).
		Body(icon("save"), app.Text(label)).
		OnClick(func(app.Context, app.Event) { out.send(state.SavePicture{Scene: of, Format: format}) }, app.EventScope(id))
}
