package page

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/web/state"
)

// notices are the messages that stay until their cause is gone.
type notices struct {
	app.Compo
	Out  *sender
	List []state.Notice
}

// actionWords are what the buttons of a notice say.
var actionWords = map[string]string{
	"reload": "Reload", "retry-model": "Try again", "restart-engine": "Start again", "retry-gpu": "Try the GPU again",
	"undelete": "Undo",
}

func (n *notices) Render() app.UI {
	rows := make([]app.UI, len(n.List))
	for i, m := range n.List {
		class, role := "notice", "status"
		switch m.Level {
		case state.Warning:
			class += " warning"
		case state.Failure:
			class, role = class+" failure", "alert"
		}
		rows[i] = app.Div().Class(class).Role(role).DataSet("key", m.Key).Body(
			app.P().Body(app.B().Text(m.Title), app.Text(m.Text)),
			app.If(m.Action != "", func() app.UI {
				return app.Button().Type("button").Class("btn").Text(actionWords[m.Action]).
					OnClick(func(app.Context, app.Event) { n.Out.send(state.TakeAction{Key: m.Key, Action: m.Action}) },
						app.EventScope(m.Key, m.Action))
			}),
			app.Button().Type("button").ID("close-"+m.Key).Class("btn quiet icon").Aria("label", "Dismiss this message").Body(icon("close")).
				OnClick(func(app.Context, app.Event) { n.Out.send(state.CloseNotice{Key: m.Key}) }, app.EventScope(m.Key)),
		)
	}
	return app.Div().Class("notices").Body(rows...)
}
