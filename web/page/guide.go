package page

import (
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets/lessons"
	"clexlab/web/state"
)

// guide is the panel of guided lessons.
type guide struct {
	app.Compo
	Out    *sender
	Lesson string
	Step   int
	Done   bool
	// Finished are the lessons that were read to their end.
	Finished []string
	// Model is the one in use.
	Model *state.Model
}

func (v *guide) Render() app.UI {
	l, ok := lessons.Find(v.Lesson)
	if !ok {
		return v.list()
	}
	k := min(v.Step, len(l.Steps)-1)
	s := l.Steps[k]
	steps := make([]app.UI, len(l.Steps))
	for i := range l.Steps {
		class := ""
		if i <= k {
			class = "done"
		}
		steps[i] = app.I().Class(class)
	}
	last := k == len(l.Steps)-1
	return app.Div().Class("panel").ID("guide").Body(
		app.Div().Class("row").Body(
			app.Button().Type("button").ID("lessons").Class("btn quiet").Body(icon("back"), app.Text("All lessons")).
				OnClick(func(app.Context, app.Event) { v.Out.send(state.TurnPage{}) }),
			app.Div().Class("steps").Aria("hidden", true).Body(steps...),
			app.Span().Class("muted small").Text(stepWords(k, len(l.Steps))),
		),
		app.H2().Text(s.Title),
		app.P().Class("prose").Text(s.Text),
		app.If(s.Do != "", func() app.UI {
			class, head := "do", "Try it. "
			if v.Done {
				class, head = "do did", "Done. "
			}
			return app.Div().Class(class).ID("lesson-do").Role("status").Body(app.B().Text(head), app.Text(s.Do))
		}),
		app.Div().Class("row turn").Body(
			app.Button().Type("button").ID("lesson-back").Class("btn").Disabled(k == 0).Text("Back").
				OnClick(func(app.Context, app.Event) { v.Out.send(state.TurnPage{Lesson: l.ID, Page: k - 1}) }, app.EventScope(l.ID, k)),
			app.If(!last, func() app.UI {
				return app.Button().Type("button").ID("lesson-next").Class("btn go").Body(app.Text("Next"), icon("next")).
					OnClick(func(app.Context, app.Event) { v.Out.send(state.TurnPage{Lesson: l.ID, Page: k + 1}) }, app.EventScope(l.ID, k))
			}).Else(func() app.UI {
				return app.Button().Type("button").ID("lesson-end").Class("btn go").Text("All lessons").
					OnClick(func(app.Context, app.Event) { v.Out.send(state.FinishLesson{Lesson: l.ID}) }, app.EventScope(l.ID))
			}),
		),
	)
}

func stepWords(k, n int) string {
	return "Step " + state.Count(k+1) + " of " + state.Count(n)
}

func (v *guide) list() app.UI {
	out := make([]app.UI, len(lessons.Lessons))
	for i, l := range lessons.Lessons {
		out[i] = app.Li().Body(app.Button().Type("button").ID("lesson-"+l.ID).Class("lesson").
			Body(app.B().Text(l.Title), app.If(slices.Contains(v.Finished, l.ID), func() app.UI { return app.Span().Class("finished").Text("✓ finished") }), app.Span().Text(l.About)).
			OnClick(func(app.Context, app.Event) { v.Out.send(state.TurnPage{Lesson: l.ID}) }, app.EventScope(l.ID)))
	}
	return app.Div().Class("panel").ID("guide").Body(
		app.H2().Text("What am I looking at?"),
		app.P().Class("prose").Text("A small transformer that writes stories, trained on texts of one window and no longer. It knows where a word stands by turning numbers, a little per token. The slider t scales the length that this turning is made for. Drag it: the frequencies are solved for anew, attention and loss follow, the words under the picture are tinted anew, and a text that is being written goes on at the new t. Everything is computed in this tab, on your device."),
		app.Ul().Class("lessons").Body(out...),
		app.If(v.Model != nil && v.Model.Measured != nil, func() app.UI {
			return &measured{Name: v.Model.Name, Shown: v.Model.Measured, Window: v.Model.Window()}
		}),
	)
}
