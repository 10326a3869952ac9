package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/assets"
	"clexlab/web/state"
)

// pane is one text: its method, its tokens and how the writing goes.
type pane struct {
	app.Compo
	Out    *sender
	Index  int
	Method string
	Model  *state.Model
	Phase  state.Phase
	// Epoch is the text's, Tokens and Judged, by which they are tinted, share its arrays, Prompt stands in the place of a text that has not begun.
	Epoch  int
	Tokens []state.Token
	Judged []float32
	Prompt string
	// Early are words of it that are there already, before its tokens.
	Early        string
	Read, ToRead int
	Rate         float64
	First        time.Duration
	Error        string
	// Picked is the token under the cursor, -1 for none; Held says that it is held.
	Picked int
	Held   bool
	// From is the token that is held, whose looks at Keys, with their Weights, are shown as arcs; -1 for none.
	From    int
	Keys    []int
	Weights []float64
	// Token and Key are pointed at in the picture, -1 for none: what looks back, and what it looks at.
	Token, Key int
	Window     int
	Target     int
	Hidden     state.Controls
	Engine     state.Engine
	Two        bool
	// By names the text's authors, Terms their weights and t.
	By, Terms string
	// Own says that the tint is what the writer thought when it wrote.
	Own bool
	// Behind is set while another part of the page stands in front of the text.
	Behind bool
	// Place is where the reader of the text is, which outlives this column.
	Scrolling *scrollState
	// settled is set once the text has been scrolled to its place since it came to the
	// front; shown tokens were there when it was last scrolled, at a time, which took the main thread so long.
	settled bool
	shown   int
	at      time.Time
	took    time.Duration
}

// scrollState is where the reader of a text is, also while the text is out of sight: with
// the newest words, until he scrolls away.
type scrollState struct {
	away bool
	// top is where the text was last scrolled to, in pixels.
	top float64
	// epoch is that of the text: in another one he is with its newest words.
	epoch int
}

// A text that is being written is scrolled every followEvery at most, and so that it takes no more than one part in
// followShare of the main thread: each time the browser has to lay out what is new before it can go on.
const (
	followEvery = 100 * time.Millisecond
	followShare = 12
)

func (v *pane) id() string { return fmt.Sprintf("story-%d", v.Index) }

func (v *pane) OnMount(ctx app.Context)  { ctx.Defer(v.paint) }
func (v *pane) OnUpdate(ctx app.Context) { ctx.Defer(v.paint) }

// OnResize draws the arcs anew, as lines break elsewhere.
func (v *pane) OnResize(ctx app.Context) { ctx.Defer(v.paint) }

// scrolling is where the reader of the text that now stands here is.
func (v *pane) scrolling() *scrollState {
	p := v.Scrolling
	if p.epoch != v.Epoch {
		*p = scrollState{epoch: v.Epoch}
	}
	return p
}

// scrolled notices whether the reader has gone away from the newest words.
func (v *pane) scrolled(ctx app.Context, _ app.Event) {
	ctx.PreventUpdate()
	begun := time.Now()
	defer func() { v.took += time.Since(begun) }()
	box := ctx.JSSrc()
	high := box.Get("clientHeight").Float()
	if high == 0 {
		return // not the reader: the text has gone out of sight
	}
	p, top := v.scrolling(), box.Get("scrollTop").Float()
	rest := box.Get("scrollHeight").Float() - top - high
	// The text may have grown since it was scrolled to its end: only who goes up has gone away.
	p.away = rest >= 60 && (p.away || top < p.top)
	p.top = top
}

// scroll keeps the reader at his place.
func (v *pane) scroll() {
	p := v.scrolling()
	v.shown = min(v.shown, len(v.Tokens))
	switch {
	case v.Behind:
		v.settled = false
		return
	case v.settled && (p.away || len(v.Tokens) == v.shown || v.Phase.Busy() && time.Since(v.at) <= max(followEvery, followShare*v.took)):
		return
	}
	box := app.Window().GetElementByID(v.id())
	if !box.Truthy() {
		return
	}
	v.settled, v.shown, v.at = true, len(v.Tokens), time.Now()
	defer func() { v.took = time.Since(v.at) }()
	if p.away {
		box.Set("scrollTop", p.top)
		return
	}
	// Beyond the end, so that the end need not be asked for.
	box.Set("scrollTop", 1<<24)
}

func (v *pane) paint(app.Context) {
	v.scroll()
	// A choice that was taken back before the page was drawn left the menu as the reader set it.
	if menu := app.Window().GetElementByID(fmt.Sprintf("method-%d", v.Index)); menu.Truthy() && menu.Get("value").String() != v.Method {
		menu.Set("value", v.Method)
	}
	drawArcs(v.id(), v.From, v.Keys, v.Weights)
	share := 0.0
	switch {
	case v.Phase == state.Reading && v.ToRead > 0:
		share = float64(v.Read) / float64(v.ToRead)
	case v.Phase == state.Writing && v.Target > 0:
		share = min(1, float64(len(v.Tokens))/float64(v.Target))
	case v.Phase == state.Waiting && v.Engine.Total > 0:
		share = float64(v.Engine.Loaded) / float64(v.Engine.Total)
	}
	setVar(app.Window().GetElementByID(v.id()+"-bar"), "--p", share)
}

func (v *pane) Render() app.UI {
	return app.Div().Class("pane m-"+v.Method).Body(
		app.Div().Class("pane-head").Body(
			app.If(v.Index == 0 || !v.Hidden.Has(state.HideCompare), v.chooser),
			app.If(v.By != "" && v.By != state.LabelOf(v.Method), func() app.UI {
				return app.Span().Class("weights").ID(v.id() + "-by").Text(v.By)
			}),
			app.Span().Class("weights terms").ID(v.id()+"-terms").Title("The weights and the t under which this text was written").Text(v.Terms),
			app.Span().Class("stat").ID(v.id()+"-stat").Body(v.stat()...),
			app.If(v.Index == 0 && !v.Two && !v.Hidden.Has(state.HideCompare), func() app.UI {
				return app.Button().Type("button").ID("compare").Class("btn quiet").Aria("label", "Compare with a second method").Text("+").
					Title("Write the same text with a second method beside this one, with the same prompt and seed").
					OnClick(func(app.Context, app.Event) { v.Out.send(state.ChooseSecond{Name: other(v.Method)}) })
			}),
		),
		app.Div().Class("progress").Aria("hidden", true).Body(app.If(v.Phase.Busy(), func() app.UI {
			return app.Div().ID(v.id() + "-bar")
		})),
		app.Div().Class(v.storyClass()).ID(v.id()).TabIndex(0).Role("group").
			DataSet("by", v.By).
			Aria("label", v.ariaLabel()+" Arrow keys go from token to token, Enter holds one, Delete goes back to it.").
			Body(v.body()...).
			On("scroll", v.scrolled).
			On("mouseover", v.over).
			On("mouseleave", func(app.Context, app.Event) {
				v.Out.send(state.PickToken{Pick: state.NoPick})
			}).
			OnClick(v.click).
			OnKeyDown(v.key),
		app.If(v.Error != "", func() app.UI {
			return app.Div().Class("trouble").Role("alert").Text(state.Sentence(v.Error))
		}),
	)
}

// ariaLabel says whose text it is.
func (v *pane) ariaLabel() string {
	if v.By == "" {
		return "No text yet; " + state.LabelOf(v.Method) + " writes here."
	}
	words := "Text by " + v.By
	if v.Terms != "" {
		words += ", " + v.Terms
	}
	return words + "."
}

// storyClass keeps spaces as they stand in a text; before there is one, the
// server's document is indented, which is not to be seen.
func (v *pane) storyClass() string {
	if len(v.Tokens) == 0 {
		return "story draft"
	}
	return "story"
}

// closeSide is the menu's value for no second method: an option without a value has its text for one.
const closeSide = "none"

func (v *pane) chooser() app.UI {
	options := []app.UI{}
	if v.Index == 1 {
		options = append(options, app.Option().Value(closeSide).Text("close this side"))
	}
	for _, m := range assets.Methods {
		if state.Offers(v.Model, m.Name) {
			options = append(options, app.Option().Value(m.Name).Text(m.Label).Selected(m.Name == v.Method))
		}
	}
	return app.Span().Class("who").Body(
		app.Span().Class("swatch"),
		app.Select().ID(fmt.Sprintf("method-%d", v.Index)).Aria("label", "Method that writes this text; choosing another writes it anew").Body(options...).
			OnChange(func(ctx app.Context, _ app.Event) {
				name := ctx.JSSrc().Get("value").String()
				if name == closeSide {
					name = ""
				}
				if v.Index == 0 {
					v.Out.send(state.ChooseFirst{Name: name})
				} else {
					v.Out.send(state.ChooseSecond{Name: name})
				}
			}))
}

// stat is the status with what may be left out where there is little room: all but its first word.
func (v *pane) stat() []app.UI {
	first, rest, more := strings.Cut(v.status(), " ")
	out := []app.UI{app.Text(first)}
	if more {
		out = append(out, app.Span().Class("rest").Text(" "+rest))
	}
	return out
}

// status says in a few words how the writing goes.
func (v *pane) status() string {
	speed := ""
	// Beside another text there is no room for it, nor for the time left; the bar says the speed as well.
	stats := v.Rate > 0 && !v.Two && !v.Hidden.Has(state.HideStats)
	if stats {
		speed = fmt.Sprintf(" · %.0f/s", v.Rate)
		if v.First > 0 {
			speed += fmt.Sprintf(" · first in %.0f ms", float64(v.First.Microseconds())/1000)
		}
	}
	switch v.Phase {
	case state.Waiting:
		if !v.Engine.Ready {
			return loadingWords(v.Engine)
		}
		return "waiting for a worker …"
	case state.Reading:
		if v.ToRead > 0 {
			return fmt.Sprintf("reading %s of %s", state.Count(v.Read), state.Tokens(v.ToRead))
		}
		return "reading …"
	case state.Writing:
		left := ""
		if stats {
			left = after(state.TimeLeft(time.Duration(float64(v.Target-len(v.Tokens)) / v.Rate * float64(time.Second))))
		}
		return state.Count(len(v.Tokens)) + " of " + state.Count(v.Target) + left + speed
	case state.Rested:
		if len(v.Tokens) > 0 {
			return state.Tokens(len(v.Tokens)) + speed
		}
	}
	return ""
}

// body are the arcs, the prompt in the place of a text that has not begun, and the text. The arcs come first, so that what
// grows leaves them where they are.
func (v *pane) body() []app.UI {
	out := []app.UI{app.Div().Class("arcs").ID(v.id()+"-arcs").Aria("hidden", true)}
	if len(v.Tokens) == 0 && (v.Phase == state.Empty || v.Phase == state.Waiting || v.Phase == state.Reading) {
		out = append(out, app.Span().Class("tk p").Text(v.Prompt))
		if v.Early != "" {
			out = append(out, app.Span().Class("tk").Text(v.Early))
		}
	}
	for from := 0; from < len(v.Tokens); {
		to := blockEnd(v.Tokens, from, v.Window)
		chunks := v.chunks(from, to)
		if to == len(v.Tokens) && v.Phase == state.Writing {
			chunks = append(chunks, caret())
		}
		out = append(out, app.Div().Body(chunks...))
		from = to
	}
	if len(v.Tokens) == 0 && v.Phase == state.Writing {
		out = append(out, caret())
	}
	return out
}

func caret() app.UI { return app.Span().Class("caret").Aria("hidden", true) }

// chunks are the tokens from from to to.
func (v *pane) chunks(from, to int) []app.UI {
	out := make([]app.UI, 0, (to-from+chunkSize-1)/chunkSize+1)
	for ; from < to; from += chunkSize {
		count := min(chunkSize, to-from)
		// A place in this chunk, -1 for one in another.
		here := func(token int) int {
			if k := token - from; k >= 0 && k < count {
				return k
			}
			return -1
		}
		out = append(out, &chunk{Tokens: v.Tokens[from : from+count], From: from, Picked: here(v.Picked), Token: here(v.Token), Key: here(v.Key), Window: v.Window,
			Judged: v.Judged[min(from, len(v.Judged)):min(from+count, len(v.Judged))], Own: v.Own})
	}
	return out
}

// other is the method that makes the most telling comparison.
func other(first string) string {
	if first == "rope" {
		return "clex"
	}
	return "rope"
}

// index reads which token an event is about; -1 is none.
func index(e app.Event) int {
	d := e.Get("target").Get("dataset")
	if !d.Truthy() || !d.Get("i").Truthy() {
		return -1
	}
	var i int
	if _, err := fmt.Sscanf(d.Get("i").String(), "%d", &i); err != nil {
		return -1
	}
	return i
}

func (v *pane) over(_ app.Context, e app.Event) {
	if i := index(e); i >= 0 {
		v.Out.send(state.PickToken{Pick: state.Pick{Pane: v.Index, Index: i}})
	}
}

func (v *pane) click(_ app.Context, e app.Event) {
	i := index(e)
	if i < 0 {
		v.Out.send(state.PickToken{Pick: state.Pick{Pane: -1, Index: -1, Held: true}})
		return
	}
	k := state.Pick{Pane: v.Index, Index: i, Held: true}
	if v.Held && v.Picked == i {
		k = state.Pick{Pane: -1, Index: -1, Held: true}
	}
	v.Out.send(state.PickToken{Pick: k})
}

func (v *pane) key(_ app.Context, e app.Event) {
	key := e.Get("key").String()
	switch key {
	case "ArrowRight", "ArrowLeft", "Home", "End", "Enter", " ", "Delete", "Backspace":
		e.PreventDefault()
	case "Escape":
	default:
		return
	}
	v.Out.send(state.KeyInText{Pane: v.Index, Key: key})
}
