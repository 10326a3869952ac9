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
	P  *Page
	On state.Subject
	// Brought names the text that the reader brought, "" for none.
	Brought string
	// Reading is the method that reads a long text now, Share how far it is in percent.
	Reading string
	Share   int
}

func (v *subject) Render() app.UI {
	options := []app.UI{
		app.Option().Value(string(state.OnBook)).Text("the book excerpt").Selected(v.On == state.OnBook),
		app.Option().Value(string(state.OnText)).Text("the first text at the right").Selected(v.On == state.OnText),
	}
	if v.Brought != "" {
		options = append(options, app.Option().Value(string(state.OnRead)).Text(v.Brought).Selected(v.On == state.OnRead))
	}
	return app.P().Class("measured-on").Body(
		app.Label().For("on").Text("Measured on"),
		app.Select().ID("on").Title(bookWords()).Body(options...).OnChange(func(ctx app.Context, _ app.Event) {
			v.P.send(state.ChooseSubject{On: state.Subject(ctx.JSSrc().Get("value").String())})
		}),
		app.Button().Type("button").ID("read").Class("btn quiet").Text("Read my text …").
			Title("Have every method read a text of yours: paste it or drop a .txt or .md file").
			OnClick(func(app.Context, app.Event) {
				v.P.send(state.TogglePanel{Panel: state.ReadPanel, Open: !v.P.s.Open[state.ReadPanel]})
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

// coreMethods are the first of assets.Methods, always in sight.
const coreMethods = 5

// chips choose the methods drawn in the picture.
type chips struct {
	app.Compo
	P              *Page
	Shown          []string
	Active, Beside string
	// Model is the one in use, More shows all methods.
	Model string
	More  bool
}

func (v *chips) Render() app.UI {
	s := &v.P.s
	chips := []app.UI{}
	for i, m := range assets.Methods {
		if !s.Offers(m.Name) || i >= coreMethods && !v.More && !s.Shows(m.Name) {
			continue
		}
		stays := ""
		if m.Name == v.Active || m.Name == v.Beside {
			stays = " It writes a text, so it is always drawn."
		}
		chips = append(chips, app.Button().Type("button").Class("chip m-"+m.Name).ID("chip-"+m.Name).
			Aria("pressed", s.Shows(m.Name)).
			Title(m.About+" Elsewhere: "+m.Also+"."+onWeights(s.WeightsOf(m.Name), s.FixedT(m.Name))+stays).
			Body(app.Span().Class("swatch"), app.Text(m.Label)).
			OnClick(func(app.Context, app.Event) { v.P.send(state.ToggleMethod{Name: m.Name}) }, app.EventScope(m.Name)))
	}
	words := "More …"
	if v.More {
		words = "Fewer"
	}
	chips = append(chips, app.Button().Type("button").ID("chips-more").Class("chip").Aria("expanded", v.More).Text(words).
		OnClick(func(app.Context, app.Event) {
			v.P.send(state.TogglePanel{Panel: state.MethodsPanel, Open: !v.P.s.Open[state.MethodsPanel]})
		}))
	return app.Div().Class("chips").Role("group").Aria("label", "Methods drawn in the picture").Body(chips...)
}

// onWeights says which weights a method runs on, where that is a matter of the method.
// fixed is the t that it keeps on them, or 0.
func onWeights(name string, fixed float64) string {
	if name == "" {
		return ""
	}
	words := " It runs on the weights “" + name + "”"
	if fixed > 0 {
		words += ", tuned and read at t = " + state.Factor(fixed) + " wherever the slider stands; its curves show its formula"
	}
	return words + "."
}
