package page

import (
	"fmt"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/web/state"
)

// subject says what the figures are measured on, and lets the reader choose. Like chips it is a
// component of its own, so that nothing of it is made anew while t is dragged.
type subject struct {
	app.Compo
	Out *sender
	On  state.Subject
	// Two says that there is a second text.
	Two bool
	// Brought names the text that the reader brought, "" for none.
	Brought string
	// Reading is the method that reads a long text now, Share how far it is in percent.
	Reading string
	Share   int
	// ReadOpen says that the drawer that takes a text is open.
	ReadOpen bool
}

func (v *subject) Render() app.UI {
	options := []app.UI{
		app.Option().Value(string(state.OnBook)).Text("the book excerpt").Selected(v.On == state.OnBook),
		app.Option().Value(string(state.OnText)).Text("the first text at the right").Selected(v.On == state.OnText),
	}
	if v.Two {
		options = append(options, app.Option().Value(string(state.OnSecond)).Text("the second text at the right").Selected(v.On == state.OnSecond))
	}
	if v.Brought != "" {
		options = append(options, app.Option().Value(string(state.OnRead)).Text(v.Brought).Selected(v.On == state.OnRead))
	}
	return app.P().Class("measured-on").Body(
		app.Label().For("on").Text("Measured on"),
		app.Select().ID("on").Title(bookWords()).Body(options...).OnChange(func(ctx app.Context, _ app.Event) {
			v.Out.send(state.ChooseSubject{On: state.Subject(ctx.JSSrc().Get("value").String())})
		}),
		app.Button().Type("button").ID("read").Class("btn quiet").Text("Read my text …").
			Title("Have every method read a text of yours: paste it or drop a .txt or .md file").
			OnClick(func(app.Context, app.Event) {
				v.Out.send(state.TogglePanel{Panel: state.ReadPanel, Open: !v.ReadOpen})
			}),
		app.If(v.Reading != "", func() app.UI {
			return app.Span().Class("muted").ID("read-progress").Text(fmt.Sprintf("%s reads, %d %%", state.LabelOf(v.Reading), v.Share))
		}),
	)
}

// bookWords names the excerpt and where it is from.
func bookWords() string {
	b := assets.Book
	return fmt.Sprintf("The excerpt is the beginning of %s by %s, %d (%s). No model here was trained, tuned or chosen on it.", b.Title, b.Author, b.Year, b.Source)
}
