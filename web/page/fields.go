package page

import (
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// field puts a label over a control.
func field(label string, control app.UI) app.UI {
	return app.Label().Class("field").Body(app.Span().Text(label), control)
}

// check is a labelled check box.
func check(label, id string, on bool, set func(bool)) app.UI {
	return app.Label().Class("check").Body(
		app.Input().Type("checkbox").ID(id).Checked(on).
			OnChange(func(ctx app.Context, _ app.Event) { set(ctx.JSSrc().Get("checked").Bool()) }, app.EventScope(id)),
		app.Span().Text(label))
}

// numbers are options for a number, with the current one among them.
func numbers(current float64, offered ...float64) []app.UI {
	if !slices.Contains(offered, current) {
		offered = append(slices.Clone(offered), current)
	}
	out := make([]app.UI, len(offered))
	for i, v := range offered {
		text := strconv.FormatFloat(v, 'g', -1, 64)
		out[i] = app.Option().Value(text).Text(text).Selected(v == current)
	}
	return out
}

// number reads a control's value, or def where it is no number.
func number(ctx app.Context, def float64) float64 {
	v, err := strconv.ParseFloat(ctx.JSSrc().Get("value").String(), 64)
	if err != nil {
		return def
	}
	return v
}

// after sets words off from those before them, if there are any.
func after(words string) string {
	if words == "" {
		return ""
	}
	return " · " + words
}
