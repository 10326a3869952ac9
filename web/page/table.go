package page

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/viz/scene"
)

// table is the picture's numbers as an HTML table, for everybody who cannot or
// does not want to read them off a drawing.
type table struct {
	app.Compo
	Out  *sender
	Show figures
	// Maps offers the maps' numbers as a file: they are too many to be listed.
	Maps, Drawn bool
}

func (v *table) Render() app.UI {
	caption, head, rows := accountOf(v.Show.Scene).table(&v.Show)
	th := make([]app.UI, len(head))
	for i, h := range head {
		th[i] = app.Th().Scope("col").Text(h)
	}
	tr := make([]app.UI, len(rows))
	for i, r := range rows {
		cells := make([]app.UI, len(r))
		for j, c := range r {
			if j == 0 {
				cells[j] = app.Th().Scope("row").Text(c)
			} else {
				cells[j] = app.Td().Text(c)
			}
		}
		tr[i] = app.Tr().Body(cells...)
	}
	return app.Div().Class("drawer-body").ID("data-table").TabIndex(0).Role("region").Aria("label", "Data table").Body(
		app.If(v.Maps, func() app.UI {
			return save(v.Out, v.Drawn, scene.Attention, "csv", "CSV of the maps", "Save the attention maps of both methods as CSV")
		}),
		app.Table().Class("data").Body(
			app.Caption().Text(caption),
			app.THead().Body(app.Tr().Body(th...)),
			app.TBody().Body(tr...)))
}
