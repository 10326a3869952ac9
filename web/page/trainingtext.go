package page

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/web/state"
)

// text is where the reader brings a text of their own to learn from: pasted, or a file.
func (v *training) text() []app.UI {
	t := &v.Training
	c := &t.Choice
	var box app.UI
	if c.TextName == "" {
		box = field("Text to learn from", app.Textarea().ID("train-text").Attr("dir", "auto").Rows(3).Spellcheck(false).Text(c.Text).
			Placeholder("Paste a text of your own, or drop a .txt or .md file here; it stays on this device. Without one it is "+assets.Lesson.Title+" by "+assets.Lesson.Author+" ("+assets.Lesson.Source+").").
			OnChange(func(ctx app.Context, _ app.Event) {
				v.Out.send(state.LearnFrom{Text: ctx.JSSrc().Get("value").String()})
			}))
	} else {
		box = app.P().ID("train-file").Text("It learns from " + c.TextWords() + ", " + state.Bytes(int64(len(c.Text))) + ", which stays on this device.")
	}
	const id, textFiles = "train-choose", ".txt,.md,text/plain,text/markdown"
	buttons := []app.UI{app.Label().Class("btn").Body(app.Input().Type("file").ID(id).Class("sr").Accept(textFiles).
		OnChange(func(ctx app.Context, _ app.Event) { takeLesson(ctx, v.Out, id) }), app.Text("Choose a file …"))}
	if c.Text != "" {
		buttons = append(buttons, app.Button().Type("button").ID("train-tales").Class("btn").Text("Learn from the tales instead").
			OnClick(func(app.Context, app.Event) { v.Out.send(state.LearnFrom{}) }))
	}
	return []app.UI{box, app.Div().Class("row").Body(buttons...),
		app.If(t.TextSaid != "", func() app.UI { return app.P().Class("muted").ID("train-text-said").Text(t.TextSaid) }),
		app.If(t.TextError != "", func() app.UI {
			return app.Div().Class("trouble").ID("train-text-error").Role("alert").Text(t.TextError)
		})}
}
