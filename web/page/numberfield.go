package page

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/web/state"
)

// numberField is a field for a number from low to high, which says in a sentence what it wants where
// something else is written into it.
type numberField struct {
	label, id        string
	low, high, value float64
	// whole lets it take whole numbers alone.
	whole bool
}

func (n numberField) shown() string { return plain(n.value) }

func plain(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// thousands are whole numbers as they are written in groups of three digits.
var thousands = regexp.MustCompile(`^[0-9]{1,3}([,. ][0-9]{3})+$`)

// read returns the number that is written in text and, where it is none or out of bounds, what to say of it;
// value is what stands then.
func (n numberField) read(text string) (v float64, said state.Notice) {
	text = strings.TrimSpace(text)
	if n.whole && thousands.MatchString(text) {
		text = strings.NewReplacer(",", "", ".", "", " ", "").Replace(text)
	}
	wants := "a number"
	if n.whole {
		wants = "a whole number"
	}
	v, err := state.ParseNumber(text)
	switch {
	case err != nil || math.IsNaN(v) || n.whole && v != math.Trunc(v):
		return n.value, refusal(n.label, wants, "It takes "+plain(n.low)+" to "+plain(n.high)+"; it stays at "+n.shown()+".")
	case v < n.low || v > n.high:
		said = refusal(n.label, wants+" from "+plain(n.low)+" to "+plain(n.high), "")
		v = min(n.high, max(n.low, v))
		said.Text = "It is " + plain(v) + " now."
	}
	return v, said
}

// refusal says what a field wants.
func refusal(label, wants, text string) state.Notice {
	return state.Notice{Key: "field", Level: state.Info, Title: label + " wants " + wants + ".", Text: text}
}

// say shows what a field says, or takes back what the last one said.
func say(out *sender, said state.Notice) {
	if said.Key == "" {
		out.send(state.DismissNotice{Key: "field"})
	} else {
		out.send(state.Notify{Notice: said})
	}
}

// take reads the field after a change and shows in it what stands now.
func (n numberField) take(ctx app.Context, out *sender, set func(float64)) {
	box := ctx.JSSrc()
	v, said := n.read(box.Get("value").String())
	box.Set("value", plain(v))
	say(out, said)
	if said.Key == "" || v != n.value {
		set(v) // what was refused has changed nothing
	}
}

// giveUp has Escape write into a field what stands, so that leaving it takes nothing of what was typed.
func giveUp(ctx app.Context, e app.Event, stands string) {
	if e.Get("key").String() == "Escape" {
		ctx.JSSrc().Set("value", stands)
	}
}

func (n numberField) render(out *sender, set func(float64)) app.UI {
	mode := "decimal"
	if n.whole {
		mode = "numeric"
	}
	return field(n.label, app.Input().Type("text").ID(n.id).Size(7).Attr("inputmode", mode).Title("A number from "+plain(n.low)+" to "+plain(n.high)).Value(n.shown()).
		OnKeyDown(func(ctx app.Context, e app.Event) { giveUp(ctx, e, n.shown()) }, app.EventScope(n.id, n.value)).
		OnChange(func(ctx app.Context, _ app.Event) { n.take(ctx, out, set) }, app.EventScope(n.id, n.low, n.high, n.value)))
}

// readSeed reads a seed, of which 0 … 2⁶⁴-1 are all good.
func readSeed(text string, value uint64) (seed uint64, said state.Notice) {
	seed, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return value, refusal("Seed", "a whole number", "It takes 0 to 18446744073709551615; it stays at "+strconv.FormatUint(value, 10)+".")
	}
	return seed, said
}
