package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/web/state"
)

// inspect is docked under the text: the token at hand and what else could have
// stood there, or what the tints mean while none is.
type inspect struct {
	app.Compo
	Out   *sender
	Model *state.Model
	Pick  state.Pick
	Token *state.Token
	// By are the authors of the token's text.
	By string
	// Judged is what the judge says of it, below 0 where nothing; Own says that the tint is the writer's.
	Judged float64
	Own    bool
	Window int
	// Texts are those on screen, as the judge has rated them.
	Texts []judged
	// Reads says what the token that is held looks at, "" where that is not known; Arcs whose attention it is.
	Reads string
	Arcs  state.ChooseArcs
}

// judged is a text's authors and the judge's loss of its tokens, as far as there is one.
type judged struct {
	By   string
	Loss []float32
}

func (v *inspect) Render() app.UI {
	if v.Token == nil {
		return app.Div().Class("inspect").ID("inspect").Body(v.legend(), v.windows())
	}
	t := v.Token
	words := []string{"token " + state.Count(v.Pick.Index+1)}
	if t.T > 0 {
		words = append(words, "t = "+state.Factor(t.T))
	}
	for _, view := range []struct {
		who string
		nll float64
	}{{"the judge", v.Judged}, {"its writer, " + v.By + ",", t.NLL}} {
		if view.nll >= 0 {
			words = append(words, fmt.Sprintf("%s gave it %s (%.2f nats)", view.who, state.Percent(math.Exp(-view.nll)), view.nll))
		}
	}
	class := "inspect"
	if v.Pick.Held {
		class += " held"
	}
	return app.Div().Class(class).ID("inspect").Aria("live", "polite").Body(
		app.Div().Class("head").Body(
			app.Span().Class("what").Text(state.Visible(t.Text)),
			app.Span().Class("muted small").Text(strings.Join(words, " · ")),
			app.Span().Class("grow"),
			app.If(v.Pick.Held, func() app.UI {
				return app.Button().Type("button").ID("cut").Class("btn").Body(icon("undo"), app.Text("Go back to here")).
					OnClick(func(app.Context, app.Event) { v.Out.send(state.CutAfter{Pane: v.Pick.Pane, Index: v.Pick.Index}) })
			}),
		),
		app.If(v.Pick.Held && v.Model.Layers > 0, v.reads),
		v.alternatives(),
	)
}

// reads says what the token looks at, and chooses whose attention that is.
func (v *inspect) reads() app.UI {
	var options []app.UI
	m := v.Model
	for layer := range m.Layers {
		for head := -1; head < m.Heads; head++ {
			a := state.ChooseArcs{Layer: layer, Head: head}
			options = append(options, app.Option().Value(fmt.Sprintf("%d.%d", layer, head)).Text(a.Label(m)).Selected(a == v.Arcs))
		}
	}
	words := v.Reads
	if words == "" {
		words = "reading …"
	}
	return app.P().Class("reads small").Body(
		app.Label().For("arcs").Text("Looks at, in"),
		app.Select().ID("arcs").Title("Whose attention the arcs show").Body(options...).OnChange(func(ctx app.Context, _ app.Event) {
			var a state.ChooseArcs
			if _, err := fmt.Sscanf(ctx.JSSrc().Get("value").String(), "%d.%d", &a.Layer, &a.Head); err == nil {
				v.Out.send(a)
			}
		}),
		app.Span().ID("reads").Text(words))
}

func (v *inspect) alternatives() app.UI {
	t := v.Token
	if len(t.Alternatives) == 0 {
		if t.Prompt {
			return app.P().Class("muted small").Text("You gave this token; the model only read it.")
		}
		return app.P().Class("muted small hint").Body(byHand("Hold a token (click or Enter) to go back to it or branch.", "Tap a token to hold it: you can go back to it or branch then.")...)
	}
	items := []app.UI{}
	for _, c := range t.Alternatives[:min(8, len(t.Alternatives))] {
		row := []app.UI{
			app.Span().Class("w").Text(state.Visible(c.Text)),
			app.Progress().Max(1).Value(strconv.FormatFloat(c.P, 'f', 4, 64)).Aria("label", state.Visible(c.Text)),
			app.Span().Class("n").Text(state.Percent(c.P)),
		}
		switch {
		case c.ID == t.ID:
			items = append(items, app.Li().Class("chosen").Body(row...))
		case v.Pick.Held:
			items = append(items, app.Li().Body(v.branch(c, row)))
		default:
			items = append(items, app.Li().Body(row...))
		}
	}
	label := "What could have stood here"
	if v.Pick.Held {
		label += "; choosing one cuts the text there and writes on from it"
	}
	return app.Ol().Class("alts").Aria("label", label).Body(items...)
}

// branch is an alternative that can be chosen.
func (v *inspect) branch(c state.Alternative, row []app.UI) app.UI {
	k := v.Pick
	return app.Button().Type("button").Class("alternative").Aria("label", "Branch: take "+state.Visible(c.Text)+", "+state.Percent(c.P)+", and write on from it").
		Title("Take this one: the text is cut here and written on from it; Undo brings the old text back").Body(row...).
		OnClick(func(app.Context, app.Event) {
			v.Out.send(state.Branch{Pane: k.Pane, Index: k.Index, Token: c.ID})
			focus(fmt.Sprintf("story-%d", k.Pane))
		}, app.EventScope(k.Pane, k.Index, c.ID))
}

// legend says what the tints mean and whose they are, with a switch to the writers' own.
func (v *inspect) legend() app.UI {
	out := []app.UI{}
	for i := range state.TintSteps {
		class, text := "tk", strconv.Itoa(i)
		chance := fmt.Sprintf("1 in %.0f", math.Exp(float64(i)))
		switch {
		case i == 0:
			text, chance = "below 1", "Expected: a chance of more than 1 in 3"
		case i == state.TintSteps-1:
			text, chance = text+" nats or more", "A chance of "+chance+" or less"
		default:
			chance = fmt.Sprintf("A chance of %s to 1 in %.0f", chance, math.Exp(float64(i+1)))
		}
		if i > 0 {
			class += " s" + strconv.Itoa(i)
		}
		out = append(out, app.Span().Class(class).Title(chance).Text(text))
	}
	return app.Div().Class("legend").Body(
		app.Label().For("tint").Text("Tint: loss under"),
		app.Select().ID("tint").Title("The judge is plain RoPE on the untuned weights, which never looks further back than the window it was trained on: it rates all texts alike, whoever wrote them. A writer's own view follows t where the pictures are measured on its text").Body(
			app.Option().Value("judge").Text("one judge for all").Selected(!v.Own),
			app.Option().Value("own").Text("each writer itself").Selected(v.Own),
		).OnChange(func(ctx app.Context, _ app.Event) {
			v.Out.send(state.SwitchTint{Own: ctx.JSSrc().Get("value").String() == "own"})
		}),
		app.Span().Class("scale-of").Body(out...),
	)
}

// windows sums the texts up by trained windows: does the judge's loss rise past the first?
func (v *inspect) windows() app.UI {
	out := []app.UI{}
	for _, d := range v.Texts {
		text := ""
		for w := 0; w*v.Window < len(d.Loss) && w < mostWindows; w++ {
			mean, n := state.MeanJudged(d.Loss, w*v.Window, (w+1)*v.Window)
			if n < v.Window/8 {
				break
			}
			if text != "" {
				text += " · "
			}
			text += fmt.Sprintf("%.1f (%s)", mean, state.Perplexity(mean))
		}
		if text != "" {
			out = append(out, app.P().Class("muted small").Text(d.By+", window by window: "+text+" nats (perplexity)"))
		}
	}
	if len(out) == 0 {
		out = append(out, app.P().Class("muted small hint").Body(byHand("Point at a token for its chance and its alternatives; hold it (click or Enter) to go back to it or branch.",
			"Tap a token for its chance and its alternatives, and to go back to it or branch.")...))
	}
	return app.Div().Class("windows").Body(out...)
}

// mostWindows is how many means have room in a line.
const mostWindows = 16

// byHand says a thing in the words of those who point and of those who touch: the style sheet shows one of the two.
func byHand(pointing, touching string) []app.UI {
	return []app.UI{app.Span().Class("pointing").Text(pointing), app.Span().Class("touching").Text(touching)}
}
