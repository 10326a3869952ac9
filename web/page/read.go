package page

import (
	"fmt"
	"math"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/viz/scene"
	"clexlab/web/state"
)

// read is the drawer that takes a text of the reader's, and the table of what every method
// made of it.
type read struct {
	app.Compo
	Out *sender
	// Name is the text's, "" while there is none; Length its tokens, 0 until the model has cut it; Losses what each method made of it.
	Name           string
	Length, Window int
	Losses         []*scene.Loss
	// Shown are the methods that are to read it, Stopped says that the reader ended that before all had.
	Shown   []string
	Stopped bool
	// Reading is the method that reads now, Share how far it is in percent.
	Reading string
	Share   int
}

func (v *read) OnMount(ctx app.Context) { enter(ctx, state.ReadPanel) }

func (v *read) Render() app.UI {
	return dialog(v.Out, state.ReadPanel, "drawer-body reader", "Read my text",
		app.P().Class("muted small").Text("Paste a text, or drop a .txt or .md file anywhere on the page. Every method that is drawn reads it; nothing is written. It stays on this device and in no link."),
		app.Textarea().ID("read-text").Attr("dir", "auto").Rows(3).Aria("label", "A text to be read").Placeholder("Paste a text …").Spellcheck(false),
		app.Div().Class("row").Body(
			app.Button().Type("button").ID("read-go").Class("btn go").Text("Read it").
				OnClick(func(app.Context, app.Event) {
					v.Out.send(state.ReadText{Text: app.Window().GetElementByID("read-text").Get("value").String()})
				}),
			app.If(v.Reading != "", func() app.UI {
				return app.Button().Type("button").ID("read-stop").Class("btn").Body(icon("stop"), app.Text("Cancel")).
					OnClick(func(app.Context, app.Event) { v.Out.send(state.StopReading{}) })
			}),
			app.If(v.Reading != "", func() app.UI {
				return app.Span().Class("muted").ID("read-share").Text(fmt.Sprintf("%s reads, %d %%", state.LabelOf(v.Reading), v.Share))
			}),
		),
		app.If(v.Name != "" && v.Length > 0, v.table),
	)
}

// table is the mean loss of each method by stretches of the text, beside plain RoPE's.
func (v *read) table() app.UI {
	stretches := state.Stretches(v.Length, v.Window)
	head := []app.UI{app.Th().Scope("col").Text("Method")}
	for _, x := range stretches {
		head = append(head, app.Th().Scope("col").Text(x.Label))
	}
	var rows []app.UI
	for _, m := range v.Shown {
		c := lossOf(v.Losses, m)
		if c == nil {
			why := "not read yet"
			if v.Stopped {
				why = "not read: the reading was stopped"
			}
			rows = append(rows, app.Tr().Body(app.Th().Scope("row").Class("m-"+m).Body(app.Span().Class("swatch"), app.Text(" "+state.LabelOf(m))),
				app.Td().Attr("colspan", len(stretches)).Class("muted").Text(why)))
			continue
		}
		cells := []app.UI{app.Th().Scope("row").Class("m-"+m).Body(app.Span().Class("swatch"), app.Text(" "+state.LabelOf(m)+state.AtT(m, c.T)))}
		for _, x := range stretches {
			mean, ok := state.MeanLoss(c, x.From, x.To, 1)
			if !ok {
				cells = append(cells, app.Td().Text("–"))
				continue
			}
			words := []app.UI{app.Text(strconv.FormatFloat(mean, 'f', 2, 64)), app.Small().Text(" (" + state.Perplexity(mean) + ")")}
			if d, half, ok := state.Paired(c, lossOf(v.Losses, "rope"), x.From, x.To); ok && m != "rope" {
				words = append(words, app.Div().Class("muted").Text(difference(d, half)))
			}
			cells = append(cells, app.Td().Body(words...))
		}
		rows = append(rows, app.Tr().Body(cells...))
	}
	return app.Div().Class("across").TabIndex(0).Role("region").Aria("label", "Mean losses").Body(app.Table().Class("data").ID("read-table").Body(
		app.Caption().Text(fmt.Sprintf("Mean loss in nats per token on %s, %s, with perplexity; beneath it the difference from plain RoPE on the same tokens and its 95 %% interval.",
			v.Name, state.Tokens(v.Length))),
		app.THead().Body(app.Tr().Body(head...)),
		app.TBody().Body(rows...)))
}

// difference writes a paired difference with its interval, where it has one.
func difference(d, half float64) string {
	words := fmt.Sprintf("%+.2f", d)
	if !math.IsNaN(half) {
		words += fmt.Sprintf(" ± %.2f", half)
	}
	return words
}
