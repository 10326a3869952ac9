package page

import (
	"fmt"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/web/state"
)

// watched shows one question: where the fact stands, how the text asks for it,
// and what each method answers.
func (v *recall) watched() app.UI {
	p := &v.Probe
	parts := []app.UI{app.P().Class("muted").Text(fmt.Sprintf("A text of %s tokens, the fact at %.0f %% of it, asked for at its end:", state.Count(p.Watched.Tokens), 100*p.Watched.Depth))}
	if len(p.Runs) > 0 {
		r := &p.Runs[0]
		middle := app.UI(app.Text(r.After + r.Question))
		if r.Skipped > 0 {
			middle = app.Span().Body(app.Text(r.After), app.Span().Class("skipped").Text(" … "+state.Count(r.Skipped)+" tokens later … "), app.Text(r.Question))
		}
		parts = append(parts, app.P().Class("excerpt").ID("probe-story").Body(
			app.Text("… "+r.Before), app.Mark().Text(r.Fact), middle, app.Span().Class("asked").Aria("label", "the answer").Text("\u00a0?")))
	}
	answers := []app.UI{}
	for _, name := range p.Methods {
		i := v.answerOf(name)
		switch {
		case i >= 0:
			answers = append(answers, answered(&p.Runs[i]))
		case p.Job != 0 && p.Watching:
			answers = append(answers, app.Li().Class("m-"+name).Body(swatch(name), app.Span().Class("muted").Text("reading …")))
		}
	}
	return app.Div().Class("answer").ID("probe-answer").Body(append(parts, app.Ul().Body(answers...))...)
}

// answerOf is the index of a method's answer, or -1.
func (v *recall) answerOf(method string) int {
	for i := range v.Probe.Runs {
		if v.Probe.Runs[i].Method == method {
			return i
		}
	}
	return -1
}

func answered(r *state.Run) app.UI {
	verdict, class := "wrong", "bad"
	if r.Said == r.Want {
		verdict, class = "right", "good"
	}
	var others []string
	for _, g := range r.Alternatives {
		if g.Text != r.Said {
			others = append(others, quoted(g.Text)+" "+state.Percent(g.P))
		}
	}
	about := "Next come " + strings.Join(others, ", ") + "."
	if r.Said != r.Want {
		about = "The right " + quoted(r.Want) + " gets " + state.Percent(r.Chance) + ". " + about
	}
	if r.Weight > 0 {
		about += fmt.Sprintf(" Of all heads, layer %d's head %d looks at the fact most: %s of its attention.", r.Layer+1, r.Head+1, state.Percent(r.Weight))
	}
	return app.Li().Class("m-"+r.Method).Body(
		swatch(r.Method),
		app.Strong().Text(quoted(r.Said)),
		app.Text(" "+chance(r, r.Said)+", "),
		app.Span().Class(class).Text(verdict),
		app.Div().Class("muted").Text(about))
}

func swatch(method string) app.UI {
	m, _ := assets.Lookup(method)
	return app.Span().Class("who").Body(app.Span().Class("swatch"), app.Text(" "+m.Label+": "))
}

// chance is the probability of one of a run's likeliest.
func chance(r *state.Run, text string) string {
	for _, g := range r.Alternatives {
		if g.Text == text {
			return state.Percent(g.P)
		}
	}
	return ""
}

// quoted is a token in quotation marks, without the space that it begins with.
func quoted(token string) string {
	return "“" + state.Visible(strings.TrimPrefix(token, " ")) + "”"
}
