package page

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/web/state"
)

// passageReach is how many tokens stand on either side of the middle: more than the widest line holds.
const passageReach = 40

// passage is a line of the text that the figures are measured on, as a concordance sets a word in
// its context: the token at hand in the middle, what comes before it and after it on either side.
type passage struct {
	app.Compo
	Out *sender
	// Name is the text's, Words are its tokens from token From on, Middle is the one in the middle, of Count in all.
	Name                string
	From, Middle, Count int
	Words               []string
	// Loss tints the words, as far as it is known; By is whose it is and at which t, "" for no one's.
	Loss []float32
	By   string
	// Token and Key are lit, -1 for none: what is pointed at, and what it is seen to look at.
	Token, Key int
	// Window is where the trained length ends.
	Window int
}

func (v *passage) Render() app.UI {
	k := min(max(0, v.Middle-v.From), len(v.Words))
	before, after := v.spans(0, k), v.spans(min(k+1, len(v.Words)), len(v.Words))
	var middle []app.UI
	if k < len(v.Words) {
		middle = v.spans(k, k+1)
	}
	name := v.Name
	if v.By != "" {
		name += ", tinted by the loss of " + v.By
	}
	return app.Div().Class("passage").ID("passage").TabIndex(0).Role("group").
		Aria("label", "Words of "+name+", around token "+state.Count(v.Middle+1)+". Arrow keys go from token to token, Escape leaves.").
		Title("The words of "+name+": point at one to see where it is in the pictures, choose it to go there").
		Body(
			app.Span().Class("before").Body(app.Span().Body(before...)),
			app.Span().Body(middle...),
			app.Span().Class("after").Body(after...),
		).
		On("mouseover", func(_ app.Context, e app.Event) { v.Out.send(state.PointAt{Token: index(e)}) }).
		On("mouseleave", func(app.Context, app.Event) { v.Out.send(state.PointAt{Token: -1}) }).
		On("blur", func(app.Context, app.Event) { v.Out.send(state.PointAt{Token: -1}) }).
		OnClick(func(_ app.Context, e app.Event) {
			if i := index(e); i >= 0 {
				v.Out.send(state.GoTo{Token: i})
			}
		}).
		OnKeyDown(v.key)
}

// spans are the words from one place in Words to another.
func (v *passage) spans(from, to int) []app.UI {
	out := make([]app.UI, 0, to-from)
	for k := from; k < to; k++ {
		i := v.From + k
		class := "tk"
		switch {
		case i == v.Token:
			class += " at"
		case i == v.Key:
			class += " key"
		}
		if i >= v.Window {
			class += " past"
		}
		if i == v.Window {
			class += " edge"
		}
		if k < len(v.Loss) {
			class += tint(float64(v.Loss[k]))
		}
		out = append(out, app.Span().Class(class).DataSet("i", i).Text(strings.ReplaceAll(v.Words[k], "\n", "¶")))
	}
	return out
}

func (v *passage) key(_ app.Context, e app.Event) {
	to := v.Middle
	switch e.Get("key").String() {
	case "ArrowRight":
		to++
	case "ArrowLeft":
		to--
	case "Home":
		to = 0
	case "End":
		to = v.Count - 1
	case "Enter", " ":
	case "Escape":
		v.Out.send(state.PointAt{Token: -1})
		return
	default:
		return
	}
	e.PreventDefault()
	v.Out.send(state.GoTo{Token: to})
}
