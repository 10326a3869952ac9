package page

import (
	"fmt"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/web/state"
)

// bar is the slim line on top: name, model, methods, share, theme, speed.
type bar struct {
	app.Compo
	Out *sender
	// Current is the model in use.
	Current  *state.Model
	Settings state.Settings
	Models   []state.Model
	Engine   state.Engine
	// Backend is what computes, Reason why.
	Backend, Reason string
	Rate            float64
	Installable     bool
	Sharing         bool
	ModelsOpen      bool
}

func (b *bar) Render() app.UI {
	h := b.Settings.Hidden
	return app.Header().Class("bar").Body(
		app.Div().Class("brand").Body(app.Raw(mark), app.H1().Text("clexlab")),
		app.If(!h.Has(state.HideModel), b.model),
		app.Div().Class("grow"),
		app.If(!h.Has(state.HideStats), b.status),
		app.Div().Class("tools").Body(
			b.install(),
			app.If(!h.Has(state.HideShare), func() app.UI {
				return app.Button().Type("button").ID("share").Class("btn quiet").Aria("expanded", b.Sharing).
					Title("Copy a link to exactly this").Body(icon("share"), app.Span().Class("hide-phone").Text("Share")).
					OnClick(func(app.Context, app.Event) {
						b.Out.send(state.TogglePanel{Panel: state.SharePanel, Open: !b.Sharing})
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
	current := b.Current
	own, brought, families := []app.UI{}, []app.UI{}, map[string][]app.UI{}
	var order []string
	for _, m := range b.Models {
		o := app.Option().Value(m.ID).Text(m.Name).Title(m.About).Selected(m.ID == current.ID)
		if m.Brought {
			brought = append(brought, o)
			continue
		}
		if len(m.Tuned) > 0 {
			own = append(own, o)
			continue
		}
		family, _, _ := strings.Cut(m.ID, "-")
		if families[family] == nil {
			order = append(order, family)
		}
		families[family] = append(families[family], o)
	}
	options := own
	switch {
	case len(b.Models) == 0:
		words := "loading models …"
		if b.Engine.Error != "" {
			words = "no models"
		}
		options = []app.UI{app.Option().Value("").Text(words)}
	case len(order) > 0 || len(brought) > 0:
		options = nil
		if len(brought) > 0 {
			options = append(options, app.OptGroup().Label("Brought here").Body(brought...))
		}
		if len(own) > 0 {
			options = append(options, app.OptGroup().Label("Each method on its own weights").Body(own...))
		}
		for _, family := range order {
			options = append(options, app.OptGroup().Label("All methods on one set of weights: "+family).Body(families[family]...))
		}
	}
	return app.Div().Class("model").Body(
		app.Select().ID("model").Aria("label", "Model").Title(current.About).Body(options...).
			OnChange(func(ctx app.Context, _ app.Event) {
				b.Out.send(state.ChooseModel{ID: ctx.JSSrc().Get("value").String()})
			}),
		app.Button().Type("button").ID("models").Class("btn quiet icon").Aria("label", "Bring a model, take one away").Aria("expanded", b.ModelsOpen).
			Title("Open a model of your own, or take this one away").Body(icon("folder")).
			OnClick(func(app.Context, app.Event) {
				b.Out.send(state.TogglePanel{Panel: state.ModelPanel, Open: !b.ModelsOpen})
			}, app.EventScope(b.ModelsOpen)),
	)
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
		OnClick(func(app.Context, app.Event) { b.Out.send(state.ChooseTheme{Theme: next}) }, app.EventScope(next))
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
