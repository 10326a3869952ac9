package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/viz/scene"
	"clexlab/web/state"
)

// summary is the picture in words, for those who do not see it. While t is
// dragged it waits: nobody listens then, and it solves the ODE once more.
type summary struct {
	app.Compo
	Show     figures
	Dragging bool
	words    string
}

func (v *summary) Render() app.UI {
	if !v.Dragging || v.words == "" {
		v.words = v.Show.inWords()
	}
	return app.FigCaption().Class("sr").Text(v.words)
}

func (f *figures) inWords() string {
	row, _ := scene.Find(f.Scene)
	text := fmt.Sprintf("%s picture at %s. ", row.Label, state.ValueText(f.T, f.Window))
	var names []string
	for _, m := range f.Shown {
		if !row.Both || slices.Contains(f.Compared, m) {
			names = append(names, state.LabelOf(m))
		}
	}
	if len(names) > 0 {
		text += "Methods shown: " + strings.Join(names, ", ") + ". "
	}
	if row.Maps || row.Loss {
		text += "Measured on " + f.Subject + ". "
	}
	return text + accountOf(row.Name).words(f) + "The data table holds every number."
}
