package page

import (
	"net/url"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets/lessons"
	"clexlab/viz/scene"
	"clexlab/web/state"
)

// guide is the panel of guided lessons.
type guide struct {
	app.Compo
	P      *Page
	Lesson string
	Step   int
	Done   bool
	// Finished is how many lessons were read to their end.
	Finished int
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
				OnClick(func(app.Context, app.Event) { v.P.send(state.TurnPage{}) }),
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
		app.Div().Class("row").Body(
			app.Button().Type("button").ID("lesson-back").Class("btn").Disabled(k == 0).Text("Back").
				OnClick(func(app.Context, app.Event) { v.turn(l, k-1) }, app.EventScope(l.ID, k)),
			app.If(!last, func() app.UI {
				return app.Button().Type("button").ID("lesson-next").Class("btn go").Body(app.Text("Next"), icon("next")).
					OnClick(func(app.Context, app.Event) { v.turn(l, k+1) }, app.EventScope(l.ID, k))
			}).Else(func() app.UI {
				return app.Button().Type("button").ID("lesson-end").Class("btn go").Text("All lessons").
					OnClick(func(app.Context, app.Event) {
						v.P.finished[l.ID] = true
						v.P.send(state.TurnPage{})
					}, app.EventScope(l.ID))
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
			Body(app.B().Text(l.Title), app.If(v.P.finished[l.ID], func() app.UI { return app.Span().Class("finished").Text("✓ finished") }), app.Span().Text(l.About)).
			OnClick(func(app.Context, app.Event) { v.turn(l, 0) }, app.EventScope(l.ID)))
	}
	return app.Div().Class("panel").ID("guide").Body(
		app.H2().Text("What am I looking at?"),
		app.P().Class("prose").Text("A small transformer that writes stories, trained on texts of one window and no longer. It knows where a word stands by turning numbers, a little per token. The slider t scales the length that this turning is made for. Drag it: the frequencies are solved for anew, and attention, loss and text follow. Everything is computed in this tab, on your device."),
		app.Ul().Class("lessons").Body(out...),
	)
}

// turn opens a step and sets the page up for it.
func (v *guide) turn(l lessons.Lesson, k int) {
	p := v.P
	p.did = map[string]bool{}
	if q, err := url.ParseQuery(l.Steps[k].Set); err == nil && len(q) > 0 {
		p.send(state.SetUp{Query: q})
	}
	p.send(state.TurnPage{Lesson: l.ID, Page: k})
}

// notice marks what the reader has done since the step was opened.
func (p *Page) notice(m state.Message) {
	if p.s.Lesson == "" {
		return
	}
	if p.did == nil {
		p.did = map[string]bool{}
	}
	switch m := m.(type) {
	case state.DragT:
		p.did["dragged"] = p.did["dragged"] || m.Done
	case state.SwitchAuto:
		p.did["auto"] = p.did["auto"] || m.On
	case state.CutAfter:
		p.did["cut"] = true
	case state.PickToken:
		p.did["inspected"] = p.did["inspected"] || m.Held && m.Index >= 0
	case state.ChooseScene:
		p.did[string(m.Scene)] = true
	case state.PictureMessage:
		if f, ok := m.Message.(*scene.Factor); ok {
			p.did["dragged"] = p.did["dragged"] || f.Phase == scene.LetGo
		}
	case state.SetSolver:
		p.did["solver"] = true
	case state.RunProbe, state.WatchProbe:
		p.did["probed"] = true
	case state.Trained:
		p.did["trained"] = p.did["trained"] || m.Files != nil
	case state.Write, state.Continue:
		p.did["asked"] = true
	case state.JobDone:
		// What was under way when the step was opened is no deed of the reader's.
		p.did["written"] = p.did["written"] || p.did["asked"]
		p.did["long"] = p.did["long"] || p.did["asked"] && p.s.TextLength() > 2*p.s.Window()
		p.did["compared"] = p.did["compared"] || p.did["asked"] && p.s.Comparing() && !p.s.Busy()
	}
}

// lessonDone reports whether what the open step asks for has happened.
func (p *Page) lessonDone() bool {
	l, ok := lessons.Find(p.s.Lesson)
	if !ok || len(l.Steps) == 0 {
		return false
	}
	return p.did[l.Steps[min(p.s.Page, len(l.Steps)-1)].Done]
}
