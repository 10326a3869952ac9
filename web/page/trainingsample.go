package page

import (
	"fmt"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/web/state"
)

// writer asks the training for a text with its weights as they are.
func (v *training) writer() app.UI {
	words := "Write with it"
	if v.Training.Writes() {
		words = "writing …"
	}
	return app.Button().Type("button").ID("train-write").Class("btn").Disabled(!v.Training.CanWrite()).Text(words).
		Title("The training waits while it writes the prompt of the text with the weights that it has now").
		OnClick(func(app.Context, app.Event) { v.Out.send(state.WriteTrained{}) })
}

// sample is the text that the training wrote last, under the name of the weights that wrote it.
func (v *training) sample() app.UI {
	x := &v.Training.Sample
	if len(x.Tokens) == 0 {
		return app.Div().Class("trouble").Role("alert").Text(state.Sentence(x.Error))
	}
	by := x.By[0]
	terms := fmt.Sprintf("%s, seed %d", x.Terms(), by.Seed)
	var body []app.UI
	for from := 0; from < len(x.Tokens); from += chunkSize {
		to := min(len(x.Tokens), from+chunkSize)
		body = append(body, &chunk{Tokens: x.Tokens[from:to], From: from, Picked: -1, Token: -1, Key: -1, Window: v.Window})
	}
	return app.Section().ID("train-sample").Body(
		app.H3().Text(x.Signature()),
		app.P().Class("muted").Text(fmt.Sprintf("%s: %s.", state.Tokens(len(x.Tokens)), terms)),
		app.If(x.Error != "", func() app.UI { return app.Div().Class("trouble").Role("alert").Text(state.Sentence(x.Error)) }),
		app.Div().Class("sample").TabIndex(0).Role("group").Aria("label", "Text by "+x.Signature()+", "+terms+".").Body(body...))
}
