package page

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets/lessons"
	"clexlab/web/state"
)

// prompt is what the model is given, and the buttons that make it write.
type prompt struct {
	app.Compo
	Out                       *sender
	Text                      string
	Busy, Ready               bool
	Window                    int
	Windows                   float64
	Lengths                   []float64
	Open                      bool
	Sampling                  state.Sampling
	Backend                   state.Backend
	Reason                    string
	SamplingOpen              bool
	Hidden                    state.Controls
	HasText, CanUndo, CanRedo bool
}

// Render says of what cannot be done now that it is so, but does not disable what the keyboard may be on: that
// would throw the focus out of the page.
func (v *prompt) Render() app.UI {
	class := "write"
	if v.HasText {
		class += " has-text"
	}
	if v.Open {
		class += " open"
	}
	return app.Div().Class(class).Body(
		app.Textarea().ID("prompt").Attr("dir", "auto").Rows(1).Aria("label", "Prompt: the model continues this text").
			Placeholder("Begin a story …").Spellcheck(false).Text(v.Text).
			OnInput(func(ctx app.Context, _ app.Event) {
				v.Out.send(state.EditPrompt{Text: ctx.JSSrc().Get("value").String()})
			}).
			OnKeyDown(func(_ app.Context, e app.Event) {
				if e.Get("key").String() == "Enter" && (e.Get("ctrlKey").Bool() || e.Get("metaKey").Bool()) {
					e.PreventDefault()
					v.Out.send(state.Write{})
				}
			}),
		app.Div().Class("egs").Role("group").Aria("label", "Examples").Body(v.examples()...),
		app.Div().Class("acts").Body(
			app.If(v.Busy, func() app.UI {
				return app.Button().Type("button").ID("stop").Class("btn").Body(icon("stop"), app.Text("Stop")).
					OnClick(func(app.Context, app.Event) { v.Out.send(state.Stop{}) })
			}).Else(func() app.UI {
				return app.Button().Type("button").ID("generate").Class("btn go").Disabled(!v.Ready).
					Title("Write from the prompt (Ctrl+Enter)").Body(icon("play"), app.Text("Generate")).
					OnClick(func(app.Context, app.Event) { v.Out.send(state.Write{}) })
			}),
			app.Button().Type("button").ID("continue").Class("btn").Aria("disabled", v.Busy || !v.Ready || !v.HasText).
				Title("Write on from the texts below; the prompt above counts for Generate").Text("Continue").
				OnClick(func(app.Context, app.Event) {
					if !v.Busy && v.Ready && v.HasText {
						v.Out.send(state.Continue{})
					}
				}),
			app.If(!v.Hidden.Has(state.HideLength), v.length),
			app.Button().Type("button").ID("undo").Class("btn quiet icon").Aria("label", "Undo").Title("Undo").Aria("disabled", !v.CanUndo).
				Body(icon("undo")).OnClick(func(app.Context, app.Event) { v.Out.send(state.Undo{}) }),
			app.Button().Type("button").ID("redo").Class("btn quiet icon").Aria("label", "Redo").Title("Redo").Aria("disabled", !v.CanRedo).
				Body(icon("redo")).OnClick(func(app.Context, app.Event) { v.Out.send(state.Redo{}) }),
			app.If(!v.Hidden.Has(state.HideSampling), func() app.UI {
				return app.Button().Type("button").ID("sampling").Class("btn quiet icon").Aria("label", "Sampling, seed and backend").
					Title("Sampling, seed and backend").Aria("expanded", v.SamplingOpen).Body(icon("dial")).
					OnClick(func(app.Context, app.Event) {
						v.Out.send(state.TogglePanel{Panel: state.SamplingPanel, Open: !v.SamplingOpen})
					})
			}),
		),
		app.If(v.SamplingOpen && !v.Hidden.Has(state.HideSampling), v.sampling),
	)
}

// OnUpdate puts a prompt that did not come from typing into the box: a
// textarea's text node no longer counts once somebody has typed.
func (v *prompt) OnUpdate(ctx app.Context) {
	ctx.Defer(func(app.Context) {
		if box := app.Window().GetElementByID("prompt"); box.Truthy() && box.Get("value").String() != v.Text {
			box.Set("value", v.Text)
		}
	})
}

func (v *prompt) examples() []app.UI {
	out := make([]app.UI, len(lessons.Prompts))
	for i, e := range lessons.Prompts {
		out[i] = app.Button().Type("button").Class("eg").Text(e.Label).Title(e.Text).
			OnClick(func(app.Context, app.Event) {
				v.Out.send(state.EditPrompt{Text: e.Text})
				v.Out.send(state.Write{})
			}, app.EventScope(e.Label))
	}
	return out
}

func (v *prompt) length() app.UI {
	options := make([]app.UI, len(v.Lengths))
	for i, w := range v.Lengths {
		text := state.Tokens(int(w * float64(v.Window)))
		options[i] = app.Option().Value(strconv.FormatFloat(w, 'g', -1, 64)).Text(text).Selected(w == v.Windows)
	}
	return app.Select().ID("windows").Aria("label", "Length of the text").Title("Length of the text, in trained windows and in tokens").Body(options...).
		OnChange(func(ctx app.Context, _ app.Event) {
			v.Out.send(state.SetWindows{Windows: number(ctx, 4)})
		})
}

// backend chooses what computes.
func (v *prompt) backend() app.UI {
	options := []app.UI{}
	for _, m := range []struct {
		backend state.Backend
		label   string
	}{{state.AutoBackend, "auto"}, {state.CPU, "CPU"}, {state.WebGPU, "WebGPU"}} {
		options = append(options, app.Option().Value(string(m.backend)).Text(m.label).Selected(m.backend == v.Backend))
	}
	return field("Compute on", app.Select().ID("backend").Body(options...).OnChange(func(ctx app.Context, _ app.Event) {
		v.Out.send(state.ChooseBackend{Backend: state.Backend(ctx.JSSrc().Get("value").String())})
	}))
}

func (v *prompt) sampling() app.UI {
	set := func(change func(*state.Sampling)) { v.Out.send(state.EditSampling{Change: change}) }
	box := func(label, id string, high, value float64, whole bool, put func(*state.Sampling, float64)) app.UI {
		return numberField{label: label, id: id, high: high, value: value, whole: whole}.render(v.Out, func(n float64) {
			set(func(s *state.Sampling) { put(s, n) })
		})
	}
	s := v.Sampling
	return app.Div().Class("sampling").ID("sampling-body").Body(
		field("Seed", app.Input().Type("text").ID("seed").Value(strconv.FormatUint(s.Seed, 10)).Attr("inputmode", "numeric").
			OnKeyDown(func(ctx app.Context, e app.Event) { giveUp(ctx, e, strconv.FormatUint(v.Sampling.Seed, 10)) }).
			OnChange(func(ctx app.Context, _ app.Event) {
				seed, said := readSeed(ctx.JSSrc().Get("value").String(), v.Sampling.Seed)
				say(v.Out, said)
				set(func(s *state.Sampling) { s.Seed = seed })
				ctx.JSSrc().Set("value", strconv.FormatUint(seed, 10))
			})),
		box("Temperature", "temperature", state.MaxTemperature, s.Temperature, false, func(s *state.Sampling, v float64) { s.Temperature = v }),
		box("Top k (0: off)", "topk", state.MaxTopK, float64(s.TopK), true, func(s *state.Sampling, v float64) { s.TopK = int(v) }),
		box("Top p", "topp", 1, s.TopP, false, func(s *state.Sampling, v float64) { s.TopP = v }),
		box("Min p", "minp", 1, s.MinP, false, func(s *state.Sampling, v float64) { s.MinP = v }),
		v.backend(),
		app.P().Class("cap wide").ID("backend-why").Text(v.Reason),
	)
}
