package page

import (
	"fmt"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/web/state"
)

// bar is the slim line on top: name, model, methods, share, theme, speed.
type bar struct {
	app.Compo
	P        *Page
	Settings state.Settings
	Models   []state.Model
	Engine   state.Engine
	// Backend is what computes, Reason why.
	Backend, Reason string
	Rate            float64
	Installable     bool
	Sharing         bool
	More            bool
}

// coreMethods are the first of assets.Methods, always in sight.
const coreMethods = 5

func (b *bar) Render() app.UI {
	h := b.Settings.Hidden
	return app.Header().Class("bar").Body(
		app.Div().Class("brand").Body(app.Raw(mark), app.H1().Text("clexlab")),
		app.If(!h.Has(state.HideModel), b.model),
		app.Div().Class("chips-wrap").Body(app.If(!h.Has(state.HideMethods), b.chips)),
		app.Div().Class("grow"),
		app.If(!h.Has(state.HideStats), b.status),
		app.Div().Class("tools").Body(
			b.install(),
			app.If(!h.Has(state.HideShare), func() app.UI {
				return app.Button().Type("button").ID("share").Class("btn quiet").Aria("expanded", b.Sharing).
					Title("Copy a link to exactly this").Body(icon("share"), app.Span().Class("hide-phone").Text("Share")).
					OnClick(func(app.Context, app.Event) {
						b.P.send(state.TogglePanel{Panel: state.SharePanel, Open: !b.P.s.Open[state.SharePanel]})
					})
			}),
			app.If(!h.Has(state.HideTheme), b.theme),
		),
	)
}

// install has its place from the beginning, so that nothing moves when the browser
// comes to offer it.
func (b *bar) install() app.UI {
	class := "btn quiet icon hide-phone"
	if !b.Installable {
		class += " gone"
	}
	return app.Button().Type("button").ID("install").Class(class).Disabled(!b.Installable).
		Aria("label", "Install").Title("Install clexlab on this device; it works offline").Body(icon("install")).
		OnClick(func(ctx app.Context, _ app.Event) { ctx.ShowAppInstallPrompt() })
}

func (b *bar) model() app.UI {
	current := b.P.s.Current()
	var own, shared []app.UI
	for _, m := range b.Models {
		o := app.Option().Value(m.ID).Text(m.Name).Title(m.About).Selected(m.ID == current.ID)
		if len(m.Tuned) > 0 {
			own = append(own, o)
		} else {
			shared = append(shared, o)
		}
	}
	options := append(own, shared...)
	switch {
	case len(options) == 0:
		options = append(options, app.Option().Value("").Text("loading models …"))
	case len(own) > 0 && len(shared) > 0:
		options = []app.UI{app.OptGroup().Label("Each method on its own weights").Body(own...),
			app.OptGroup().Label("All methods on the same weights").Body(shared...)}
	}
	return app.Div().Class("model").Body(
		app.Select().ID("model").Aria("label", "Model").Title(current.About).Body(options...).
			OnChange(func(ctx app.Context, _ app.Event) {
				b.P.send(state.ChooseModel{ID: ctx.JSSrc().Get("value").String()})
			}),
	)
}

func (b *bar) chips() app.UI {
	chips := []app.UI{}
	class := "chips"
	for i, m := range assets.Methods {
		if !b.P.s.Offers(m.Name) || i >= coreMethods && !b.More && !b.Settings.Shows(m.Name) {
			continue
		}
		if i >= coreMethods {
			class = "chips wrap"
		}
		stays := ""
		if m.Name == b.Settings.First {
			stays = " It writes the text, so it is always drawn."
		}
		chips = append(chips, app.Button().Type("button").Class("chip m-"+m.Name).ID("chip-"+m.Name).
			Aria("pressed", b.Settings.Shows(m.Name)).
			Title(m.About+" Elsewhere: "+m.Also+"."+onWeights(b.P.s.WeightsOf(m.Name), b.P.s.FixedT(m.Name))+stays).
			Body(app.Span().Class("swatch"), app.Text(m.Label)).
			OnClick(func(app.Context, app.Event) { b.P.send(state.ToggleMethod{Name: m.Name}) }, app.EventScope(m.Name)))
	}
	words := "More …"
	if b.More {
		words = "Fewer"
	}
	chips = append(chips, app.Button().Type("button").ID("chips-more").Class("chip").Aria("expanded", b.More).Text(words).
		OnClick(func(app.Context, app.Event) {
			b.P.send(state.TogglePanel{Panel: state.MethodsPanel, Open: !b.P.s.Open[state.MethodsPanel]})
		}))
	return app.Div().Class(class).Role("group").Aria("label", "Methods drawn in the picture").Body(chips...)
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

func (b *bar) status() app.UI {
	e := b.Engine
	words := []app.UI{}
	switch {
	case e.Error != "":
		words = append(words, app.Span().Text("engine stopped"))
	case !e.Ready:
		words = append(words, app.Span().Text(loadingWords(e)))
	default:
		words = append(words, app.B().Title(b.Reason).Text(b.Backend))
		if b.Rate > 0 {
			words = append(words, app.Span().Text(fmt.Sprintf("%.0f tokens/s", b.Rate)))
		}
		if e.Memory > 0 {
			words = append(words, app.Span().Class("more").Text(state.Bytes(e.Memory)))
		}
	}
	return app.Div().Class("status").ID("status").Body(words...)
}

func (b *bar) theme() app.UI {
	next, name, label := "dark", "moon", "Theme: as the system has it. Switch to dark."
	switch b.Settings.Theme {
	case "dark":
		next, name, label = "light", "sun", "Theme: dark. Switch to light."
	case "light":
		next, name, label = "", "half", "Theme: light. Switch to the system's."
	}
	return app.Button().Type("button").ID("theme").Class("btn quiet icon").Aria("label", label).Title(label).
		Body(icon(name)).
		OnClick(func(app.Context, app.Event) { b.P.send(state.ChooseTheme{Theme: next}) }, app.EventScope(next))
}

// loadingWords says honestly what is on its way.
func loadingWords(e state.Engine) string {
	what := e.Doing
	if what == "" {
		what = "engine"
	}
	if e.Total > 0 {
		return fmt.Sprintf("loading %s: %s of %s", what, state.Bytes(e.Loaded), state.Bytes(e.Total))
	}
	return "loading " + what + " …"
}
