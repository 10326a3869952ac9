package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/web/state"
)

// drawers is the line under the picture: what opens there, files of the picture, and how the ODE was solved.
type drawers struct {
	app.Compo
	Out                   *sender
	Hidden                state.Controls
	SolverOpen, TableOpen bool
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
		app.If(!v.Hidden.Has(state.HideSave), func() app.UI { return v.save("png", "Save this picture as PNG") }),
		app.If(!v.Hidden.Has(state.HideSave), func() app.UI { return v.save("svg", "Save this picture as SVG: lines and words that can be edited") }),
		app.If(!v.Hidden.Has(state.HideSave), func() app.UI { return v.save("csv", "Save this picture's numbers as CSV") }),
		app.If(v.Steps > 0 && !v.Hidden.Has(state.HideStats), func() app.UI {
			return app.Span().Class("solved").ID("solved").Body(
				app.Text("ODE from 1 to t: "), app.B().Text(state.Count(v.Evaluations)), app.Text(" evaluations, "),
				app.B().Text(state.Count(v.Steps)), app.Text(" steps, "),
				app.B().Text(fmt.Sprintf("%.2f ms", v.Solve.Seconds()*1000)))
		}),
	)
}

// save is one of the buttons that take the picture away.
func (v *drawers) save(format, title string) app.UI {
	return app.Button().Type("button").ID("save-"+format).Class("btn quiet").Title(title).
		Aria("label", title).Disabled(!v.Drawn).
		Body(icon("save"), app.Text(strings.ToUpper(format))).
		OnClick(func(app.Context, app.Event) { v.Out.send(state.SavePicture{Format: format}) }, app.EventScope(format))
}
