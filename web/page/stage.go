package page

import (
	"fmt"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/viz/scene"
	"clexlab/web/state"
)

// stage is the column of the picture: tabs, what it shows in words, its frame and its drawers.
type stage struct {
	app.Compo
	P                           *Page
	Scene                       scene.Name
	Hidden                      state.Controls
	View                        state.View
	T                           float64
	Window                      int
	Solver                      string
	Step, Tol                   float64
	Field                       bool
	Shown                       []string
	Active, Beside              string
	On                          state.Subject
	SolverOpen, TableOpen, More bool
	ReadOpen                    bool
	Pair, Layer, Head           int
	Mean                        bool
	ModelID                     string
	Length                      int
	// Start lets the picture's program run.
	Start bool
	// Answers changes with the numbers that have come, Book with the excerpt.
	Answers, Book int
	// Reading is the method that reads a long text now, Share how far it is in percent.
	Reading string
	Share   int
	// Passage is where in the measured text the reader is, Lit what is pointed at outside the picture.
	Passage state.Passage
	Lit     int
}

// viewSource is the document of the ebiten program; it needs one of its own.
const viewSource = "/web/view.html"

func (v *stage) Render() app.UI {
	row, _ := scene.Find(v.Scene)
	return app.Section().Class("col pic").Aria("label", "Picture").Body(
		app.If(!v.Hidden.Has(state.HideTabs), v.head),
		app.Div().Class("caption").Body(
			app.P().Class("lead").ID("lead").Text(v.P.lead(row)),
			app.If(row.Maps || row.Loss, func() app.UI {
				return &subject{Out: v.P.out, ReadOpen: v.ReadOpen, On: v.On, Two: v.Beside != "", Brought: v.P.s.Reading.Name, Reading: v.Reading, Share: v.Share}
			}),
			app.If(!row.Both && !row.Recall && !v.Hidden.Has(state.HideMethods), func() app.UI {
				return &chips{P: v.P, Shown: v.Shown, Active: v.Active, Beside: v.Beside, Model: v.ModelID, More: v.More}
			}),
		),
		app.Figure().Class("stage").ID("stage").TabIndex(0).
			Aria("label", row.Label+" at "+state.ValueText(v.T, v.Window)+". Plus and minus zoom, 0 resets, arrow keys pan, Escape goes back.").
			OnKeyDown(v.key).Body(
			// First, because go-app tells children apart by their place: a frame that
			// moves to another place is made anew and starts its program again.
			app.If(app.IsClient && v.View.Error == "", func() app.UI {
				class := "wait"
				if v.View.Drawn {
					class = "live"
				}
				frame := app.IFrame().ID("view").Class(class)
				if v.Start {
					frame = frame.Src(viewSource)
				}
				return frame.Title("Picture").TabIndex(-1).Aria("hidden", true)
			}),
			app.FigCaption().Class("sr").Body(app.Text(v.P.summary())),
			app.If(!v.View.Drawn, func() app.UI {
				return &fallbackSVG{P: v.P, T: v.T, Shown: v.Shown, ModelID: v.ModelID, Answers: v.Answers}
			}),
			app.Div().ID("paper").Class("still").Aria("hidden", true),
		),
		app.If(row.Maps || row.Loss, v.passage),
		app.P().Class("reading").ID("reading").Text(v.reading(row)),
		app.If(!v.Hidden.Has(state.HideSolver) || !v.Hidden.Has(state.HideTable) || !v.Hidden.Has(state.HideSave), v.drawers),
		app.If(v.SolverOpen && !v.Hidden.Has(state.HideSolver), func() app.UI {
			return &solver{Out: v.P.out, Solver: v.Solver, Step: v.Step, Tol: v.Tol, Field: v.Field, Pair: v.Pair,
				Layer: v.Layer, Head: v.Head, Mean: v.Mean, Scene: row, Model: v.P.s.Current()}
		}),
		app.If(v.TableOpen && !v.Hidden.Has(state.HideTable), func() app.UI {
			return &table{P: v.P, Scene: v.Scene, T: v.T, Shown: v.Shown, ModelID: v.ModelID, Length: v.Length,
				Answers: v.Answers}
		}),
		app.If(v.ReadOpen, func() app.UI {
			_, _, n, _ := v.P.s.Subject()
			name := ""
			if v.On == state.OnRead {
				name = v.P.s.Reading.Name
			}
			return &read{P: v.P, Name: name, Answers: v.Answers, Reading: v.Reading, Share: v.Share, Length: n}
		}),
	)
}

// passage are the words of the text that the picture speaks of.
func (v *stage) passage() app.UI {
	s := &v.P.s
	from, middle, words := s.PassageAround(passageReach)
	_, _, n, _ := s.Subject()
	token, key := s.LitNow()
	return &passage{Out: v.P.out, Name: s.SubjectWords(), From: from, Middle: middle, Count: n, Words: words, Token: token, Key: key, Window: v.Window}
}

func (v *stage) head() app.UI {
	tabs := make([]tabItem, 0, len(scene.Scenes))
	for _, s := range scene.Scenes {
		tabs = append(tabs, tabItem{string(s.Name), s.Label})
	}
	return app.Div().Class("pic-head").Body(
		app.Div().Class("pic-tabs").Role("tablist").Aria("label", "Pictures").
			Body(tabButtons("scene", tabs, string(v.Scene), v.choose)...),
	)
}

// save is one of the buttons that take the picture away.
func (v *stage) save(format, title string) app.UI {
	return app.Button().Type("button").ID("save-"+format).Class("btn quiet").Title(title).
		Aria("label", title).Disabled(!v.View.Drawn).
		Body(icon("save"), app.Text(strings.ToUpper(format))).
		OnClick(func(app.Context, app.Event) { v.P.link.Export(&v.P.s, format, v.P.address().String(), version()) }, app.EventScope(format))
}

// key passes the picture's keys on to it, and keeps them from scrolling the page.
func (v *stage) key(_ app.Context, e app.Event) {
	switch k := e.Get("key").String(); k {
	case "+", "-", "0", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Escape":
		e.PreventDefault()
		v.P.link.Press(k)
	}
}

// choose changes the scene; the recall picture brings its probe with it where
// both have room.
func (v *stage) choose(id string) {
	v.P.send(state.ChooseScene{Scene: scene.Name(id)})
	if narrow() {
		return
	}
	row, _ := scene.Find(scene.Name(id))
	if row.Recall && !v.P.s.Hidden.Has(state.HideRecall) {
		v.P.send(state.ChooseTab{Tab: "recall"})
	} else if v.P.s.Tab == "recall" {
		v.P.send(state.ChooseTab{Tab: "text"})
	}
}

func (v *stage) reading(row scene.Scene) string {
	switch {
	case v.View.Error != "":
		return ""
	case v.View.Reading != "":
		return v.View.Reading
	case v.Passage.Token >= 0 && (row.Maps || row.Loss):
		return v.P.s.TokenWords(v.Passage.Token)
	case !v.View.Drawn:
		return "The picture's program is loading."
	}
	return row.Hint
}

func (v *stage) drawers() app.UI {
	toggle := func(panel state.Panel, open bool, name, label string) app.UI {
		return app.Button().Type("button").ID(string(panel)).Class("btn quiet").Aria("expanded", open).
			Body(icon(name), app.Text(label)).
			OnClick(func(app.Context, app.Event) {
				v.P.send(state.TogglePanel{Panel: panel, Open: !v.P.s.Open[panel]})
			}, app.EventScope(string(panel)))
	}
	return app.Div().Class("drawers").Body(
		app.If(!v.Hidden.Has(state.HideSolver), func() app.UI { return toggle(state.SolverPanel, v.SolverOpen, "dial", "Solver") }),
		app.If(!v.Hidden.Has(state.HideTable), func() app.UI { return toggle(state.TablePanel, v.TableOpen, "table", "Data table") }),
		app.If(!v.Hidden.Has(state.HideSave), func() app.UI { return v.save("png", "Save this picture as PNG") }),
		app.If(!v.Hidden.Has(state.HideSave), func() app.UI { return v.save("svg", "Save this picture as SVG: lines and words that can be edited") }),
		app.If(!v.Hidden.Has(state.HideSave), func() app.UI { return v.save("csv", "Save this picture's numbers as CSV") }),
		app.If(v.View.Steps > 0 && !v.Hidden.Has(state.HideStats), func() app.UI {
			return app.Span().Class("solved").ID("solved").Body(
				app.Text("ODE from 1 to t: "), app.B().Text(state.Count(v.View.Evaluations)), app.Text(" evaluations, "),
				app.B().Text(state.Count(v.View.Steps)), app.Text(" steps, "),
				app.B().Text(fmt.Sprintf("%.2f ms", v.View.Solve.Seconds()*1000)))
		}),
	)
}
