package page

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/web/state"
)

// dialog is a panel with a heading, its name, that lies over the page and can be closed. What is behind it stays in reach.
func dialog(out *sender, panel state.Panel, class, title string, body ...app.UI) app.UI {
	id := dialogID(panel)
	head := app.Div().Class("row").Body(
		app.H2().ID(id+"-name").Text(title),
		app.Span().Class("grow"),
		app.Button().Type("button").Class("btn quiet icon").Aria("label", "Close").Body(icon("close")).
			OnClick(func(app.Context, app.Event) { out.send(state.TogglePanel{Panel: panel}) }),
	)
	return app.Section().Class("dialog "+class).ID(id).Role("dialog").Aria("labelledby", id+"-name").TabIndex(-1).
		Body(append([]app.UI{head}, body...)...)
}

func dialogID(panel state.Panel) string {
	if panel == state.ModelPanel {
		return "models-panel"
	}
	return string(panel) + "-panel"
}

// enter gives the keyboard to a dialog that has just been opened, which is far from its button in the order of the page.
func enter(ctx app.Context, panel state.Panel) {
	ctx.Defer(func(app.Context) { focus(dialogID(panel)) })
}
