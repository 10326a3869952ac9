package page

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/web/state"
)

// share is the panel with the link to exactly this, and what it leaves out.
type share struct {
	app.Compo
	Out *sender
	// Link is the address, LeftOut what it leaves out of the page that opens, Large says that this page's type is large.
	Link    string
	LeftOut state.Controls
	Large   bool
	// Repeats says that the settings make the texts on screen again; Brought that the figures
	// are of a text that the reader brought, which no link holds.
	Repeats, Brought bool
	// Own says that the model in use is in this browser alone: brought, or trained here.
	Own bool
	// Trained says that the page shows a method that was trained here, whose weights no link holds.
	Trained bool
	// copied is the link that is on the clipboard.
	copied string
}

func (v *share) OnMount(ctx app.Context) { enter(ctx, state.SharePanel) }

func (v *share) Render() app.UI {
	boxes := make([]app.UI, len(state.AllControls))
	for i, c := range state.AllControls {
		boxes[i] = check(c.Label, "hide-"+c.Name, v.LeftOut.Has(c.Bit), func(on bool) { v.Out.send(state.LeaveOut{Bit: c.Bit, On: on}) })
	}
	words := "Copy link"
	if v.copied == v.Link {
		words = "Copied"
	}
	return dialog(v.Out, state.SharePanel, "share", "Share exactly this",
		app.Div().Class("link").Body(
			app.Input().Type("text").ID("share-link").Aria("label", "Link to exactly this").ReadOnly(true).Value(v.Link),
			app.Button().Type("button").ID("copy").Class("btn go").Text(words).
				OnClick(func(app.Context, app.Event) {
					copyText(v.Link)
					v.copied = v.Link
					v.Out.send(state.LinkCopied{})
				}),
		),
		app.P().Class("muted small").ID("share-words").Text(v.words()),
		app.FieldSet().Body(
			app.Legend().Class("small").Text("For a class: leave these out of the page that opens"),
			app.Div().Class("opts").Body(boxes...),
			check("Large type, for a projector", "present", v.Large, func(on bool) { v.Out.send(state.SwitchLarge{On: on}) }),
		),
	)
}

// words say what whoever opens the link will see, and what not.
func (v *share) words() string {
	words := "The link holds model, methods, t, picture, prompt, seed, sampling and solver: "
	switch {
	case v.Own:
		words += "it opens exactly this where the model is kept in the browser. The model itself is yours and in no link: elsewhere the page says so and opens with one that ships."
	case v.Repeats:
		words += "whoever opens it gets the same text, token for token."
	default:
		words += "whoever opens it gets a text written anew by these settings. The text on screen was continued, cut or written under others, and is not in the link."
	}
	if v.Brought {
		words += " The text that you brought is left out: it is never put into an address."
	}
	if v.Trained {
		words += " What was trained here is left out: its weights are in this browser alone. Download it to hand it on."
	}
	return words
}
