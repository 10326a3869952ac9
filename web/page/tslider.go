package page

import (
	"fmt"
	"math"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/viz/scene"
	"clexlab/web/state"
)

// tSlider is the slider t: the one gesture of the page.
type tSlider struct {
	app.Compo
	Out *sender
	T   float64
	// Most is t_max of the model; Known says that there is one: before, the ruler would be another's.
	Most   float64
	Known  bool
	Auto   bool
	Window int
	// Text is how long the texts are.
	Text   int
	Hidden state.Controls
	// typing is what the field of t held when the reader began to write into it, "" while nobody does: a t that moves by itself
	// does not write over that.
	typing string
}

// Steps of t by keyboard.
const (
	keyStep  = 0.1
	fineStep = 0.01
)

func (h *tSlider) OnMount(ctx app.Context)  { ctx.Defer(h.paint) }
func (h *tSlider) OnUpdate(ctx app.Context) { ctx.Defer(h.paint) }

// paint moves what CSS draws from two numbers; style attributes are not allowed here.
func (h *tSlider) paint(ctx app.Context) {
	axis := axisOf(h.Most)
	setVar(ctx.JSSrc(), "--at", axis.share(h.T))
	setVar(ctx.JSSrc(), "--text", axis.share(max(1, float64(h.Text)/float64(max(1, h.Window)))))
	// Where the bounds change with the model, a value that was set before them has been cut to the old ones.
	if thumb, at := ctx.JSSrc().Call("querySelector", "#t"), axis.slider(h.T); thumb.Truthy() {
		// A hand that holds it is not disturbed by what rounding makes of its place.
		if have, err := strconv.ParseFloat(thumb.Get("value").String(), 64); err != nil || math.Abs(have-at) > 2*fineStep {
			thumb.Set("value", strconv.FormatFloat(at, 'f', 2, 64))
		}
	}
	ticks := ctx.JSSrc().Call("querySelectorAll", ".ticks li")
	for i, t := range axis.ticks() {
		if i < ticks.Length() {
			setVar(ticks.Index(i), "--k", axis.share(t))
		}
	}
}

func (h *tSlider) Render() app.UI {
	axis := axisOf(h.Most)
	length := scene.Length(h.T, h.Window)
	words := state.LengthWords(h.T, h.Window)
	if h.Auto {
		words = "Auto: follows the length"
	}
	return app.Section().Class("t-slider").Aria("label", "Length scaling factor t").Body(
		app.Div().Class("t-value").Aria("hidden", true).Body(
			app.I().Text("t ="), app.Output().ID("t-out").Text(state.FixedFactor(h.T))),
		app.Div().Class("scale").Hidden(h.Hidden.Has(state.HideSlider)).Body(
			app.Div().Class("track").Body(app.Div().Class("fill"), app.Div().Class("written").Title("How far the text reaches")),
			app.Input().Type("range").ID("t").Min(axis.slider(1)).Max(axis.slider(h.Most)).Step(fineStep).
				Value(strconv.FormatFloat(axis.slider(h.T), 'f', 2, 64)).
				Aria("label", "Length scaling factor t").
				Aria("valuetext", state.ValueText(h.T, h.Window)).
				OnInput(func(ctx app.Context, _ app.Event) { h.drag(ctx, false) }).
				OnChange(func(ctx app.Context, _ app.Event) { h.drag(ctx, true) }).
				OnKeyDown(h.key).
				OnKeyUp(h.keyUp).
				On("pointerup", h.letGo).
				On("pointercancel", h.letGo).
				OnBlur(h.letGo),
			app.Ol().Class("ticks").Aria("hidden", true).Body(h.ticks()...),
		),
		app.Div().Class("t-length").Body(
			app.Strong().ID("t-length").Text(state.Tokens(length)),
			app.Span().Text(words),
		),
		app.Div().Class("t-controls").Body(
			app.If(!h.Hidden.Has(state.HideAuto), func() app.UI {
				return app.Button().Type("button").ID("auto").Class("switch").Role("switch").Aria("checked", h.Auto).
					Title("Let t follow the length of the text, as in the paper: the smallest whole t that covers it").
					Text("Auto").
					OnClick(func(app.Context, app.Event) { h.Out.send(state.SwitchAuto{On: !h.Auto}) })
			}),
			app.If(!h.Hidden.Has(state.HideSlider), h.box),
		),
	)
}

func (h *tSlider) box() app.UI {
	shown := state.Factor(h.T)
	if h.typing != "" {
		shown = h.typing
	}
	return app.Div().Class("t-controls").Body(
		app.Button().Type("button").ID("t-down").Class("btn").Aria("label", "t down to the next whole number").Text("−").
			Aria("disabled", h.T <= state.MinT).
			OnClick(func(app.Context, app.Event) {
				if h.T > state.MinT {
					h.Out.send(state.StepT{By: -1, Done: true})
				}
			}),
		app.Input().Type("text").ID("t-box").Class("box").Aria("label", "t as a number").Attr("inputmode", "decimal").
			Value(shown).
			OnInput(func(app.Context, app.Event) {
				if h.typing == "" {
					h.typing = state.Factor(h.T)
				}
			}).
			OnKeyDown(func(ctx app.Context, e app.Event) { giveUp(ctx, e, state.Factor(h.T)) }).
			OnBlur(func(app.Context, app.Event) { h.typing = "" }).
			OnChange(func(ctx app.Context, _ app.Event) {
				h.typing = ""
				n := numberField{label: "t", low: state.MinT, high: h.Most, value: h.T}
				n.take(ctx, h.Out, func(v float64) {
					h.to(v, true)
					ctx.JSSrc().Set("value", state.Factor(v))
				})
			}),
		app.Button().Type("button").ID("t-up").Class("btn").Aria("label", "t up to the next whole number").Text("+").
			Aria("disabled", h.T >= h.Most).
			OnClick(func(app.Context, app.Event) {
				if h.T < h.Most {
					h.Out.send(state.StepT{By: 1, Done: true})
				}
			}),
	)
}

// ticks is the ruler: marks of t, and at some of them the length in tokens.
func (h *tSlider) ticks() []app.UI {
	if !h.Known {
		return nil
	}
	axis := axisOf(h.Most)
	var out []app.UI
	for _, t := range axis.ticks() {
		class, body := "", []app.UI{}
		if axis.linear() || axis.major(t) {
			body = append(body, app.Span().Text(state.Factor(t)))
		}
		if axis.major(t) {
			class = "major"
			n := scene.Length(t, h.Window)
			text := state.Count(n)
			if n >= 1024 && n%1024 == 0 {
				text = fmt.Sprintf("%dk", n/1024)
			}
			body = append(body, app.Small().Text(text))
		}
		if h.T == t {
			class += " now"
		}
		out = append(out, app.Li().Class(class).Body(body...))
	}
	return out
}

func (h *tSlider) to(t float64, done bool) { h.Out.send(state.DragT{T: t, Done: done}) }

func (h *tSlider) drag(ctx app.Context, done bool) {
	if v, err := strconv.ParseFloat(ctx.JSSrc().Get("value").String(), 64); err == nil {
		// The slider's steps are finer than what it shows; a step of a hundredth stays one.
		h.to(axisOf(h.Most).fromSlider(v), done)
	}
}

func (h *tSlider) letGo(app.Context, app.Event) { h.Out.send(state.LetGoOfT{}) }

// key gives the slider steps that suit t: a tenth, with shift a hundredth, a page a whole.
func (h *tSlider) key(_ app.Context, e app.Event) {
	step := keyStep
	if e.Get("shiftKey").Bool() {
		step = fineStep
	}
	var m state.Message
	switch e.Get("key").String() {
	case "ArrowRight", "ArrowUp":
		m = state.StepT{By: step}
	case "ArrowLeft", "ArrowDown":
		m = state.StepT{By: -step}
	case "PageUp":
		m = state.StepT{By: 1}
	case "PageDown":
		m = state.StepT{By: -1}
	case "Home":
		m = state.DragT{T: state.MinT}
	case "End":
		m = state.DragT{T: h.Most}
	default:
		return
	}
	e.PreventDefault()
	h.Out.send(m)
}

func (h *tSlider) keyUp(_ app.Context, e app.Event) {
	switch e.Get("key").String() {
	case "ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown", "PageUp", "PageDown", "Home", "End":
		h.Out.send(state.StepT{Done: true})
	}
}
