package page

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/web/state"
)

// share is the panel with the link to exactly this, and what it leaves out.
type share struct {
	app.Compo
	P        *Page
	Settings state.Settings
	copied   bool
}

func (v *share) Render() app.UI {
	boxes := make([]app.UI, len(state.AllControls))
	for i, c := range state.AllControls {
		boxes[i] = check(c.Label, "hide-"+c.Name, v.P.hide.Has(c.Bit), func(on bool) {
			if on {
				v.P.hide |= c.Bit
			} else {
				v.P.hide &^= c.Bit
			}
			v.copied = false
		})
	}
	words := "Copy link"
	if v.copied {
		words = "Copied"
	}
	return app.Section().Class("share").ID("share-panel").Aria("label", "Share").Body(
		app.Div().Class("link").Body(
			app.Input().Type("text").ID("share-link").Aria("label", "Link to exactly this").ReadOnly(true).Value(v.link()),
			app.Button().Type("button").ID("copy").Class("btn go").Text(words).
				OnClick(func(ctx app.Context, _ app.Event) {
					copyText(v.link())
					v.copied = true
					v.P.s.Spoken = "Link copied"
				}),
			app.Button().Type("button").Class("btn quiet icon").Aria("label", "Close").Body(icon("close")).
				OnClick(func(app.Context, app.Event) { v.P.send(state.TogglePanel{Panel: state.SharePanel}) }),
		),
		app.P().Class("muted small").Text("The link holds model, methods, t, picture, prompt, seed, sampling and solver: whoever opens it gets the same text, token for token."),
		app.FieldSet().Body(
			app.Legend().Class("small").Text("For a class: leave these out of the page that opens"),
			app.Div().Class("opts").Body(boxes...),
			check("Large type, for a projector", "present", v.Settings.Present, func(on bool) { v.P.send(state.SwitchPresent{On: on}) }),
		),
	)
}

// link is the address of this state with the chosen parts left out.
func (v *share) link() string {
	s := v.P.s.Settings
	s.Hidden |= v.P.hide
	u := *v.P.address()
	u.RawQuery = s.Query().Encode()
	return u.String()
}
