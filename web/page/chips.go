package page

import (
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/web/state"
)

// coreMethods are the first of assets.Methods, always in sight.
const coreMethods = 5

// chips choose the methods drawn in the picture.
type chips struct {
	app.Compo
	Out *sender
	// Shown are those that are drawn, Active and Beside those that write.
	Shown          []string
	Active, Beside string
	// Model is the one in use, Recipe how what was trained here from it was made; More shows all methods.
	Model  *state.Model
	Recipe string
	More   bool
}

func (v *chips) Render() app.UI {
	var chips, others []app.UI
	for i, m := range assets.Methods {
		if !state.Offers(v.Model, m.Name) || i >= coreMethods && !m.Here && !v.More && !slices.Contains(v.Shown, m.Name) {
			continue
		}
		stays := ""
		if m.Name == v.Active || m.Name == v.Beside {
			stays = " It writes a text, so it is always drawn."
		}
		chip := app.Button().Type("button").Class("chip m-"+m.Name).ID("chip-"+m.Name).
			Aria("pressed", slices.Contains(v.Shown, m.Name)).
			Title(m.About+" Elsewhere: "+m.Also+"."+onWeights(state.WeightsOf(v.Model, m.Name), v.Model.Tuned[m.Name].Factor)+v.recipe(m)+stays).
			Body(app.Span().Class("swatch"), app.Text(m.Label)).
			OnClick(func(app.Context, app.Event) { v.Out.send(state.ToggleMethod{Name: m.Name}) }, app.EventScope(m.Name))
		if i >= coreMethods && !m.Here && v.More {
			others = append(others, chip)
		} else {
			chips = append(chips, chip)
		}
	}
	words := "More …"
	if v.More {
		words = "Fewer"
	}
	chips = append(chips, app.Button().Type("button").ID("chips-more").Class("chip").Aria("expanded", v.More).Text(words).
		OnClick(func(app.Context, app.Event) {
			v.Out.send(state.TogglePanel{Panel: state.MethodsPanel, Open: !v.More})
		}))
	if v.More {
		// Over the picture, which keeps its size.
		chips = append(chips, app.Div().Class("chips others").Body(others...))
	}
	return app.Div().Class("chips").Role("group").Aria("label", "Methods drawn in the picture").Body(chips...)
}

// recipe says how a method that was trained here was made.
func (v *chips) recipe(m assets.Method) string {
	if !m.Here || v.Recipe == "" {
		return ""
	}
	return " " + v.Recipe
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
