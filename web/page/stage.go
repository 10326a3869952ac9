package page

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/viz/scene"
	"clexlab/web/state"
)

// stage is the frame in which the picture's program draws, and what stands there until it does.
type stage struct {
	app.Compo
	Out  *sender
	Show figures
	// Start lets the picture's program run, Failed says that there will be none, Drawn that it has painted.
	Start, Failed, Drawn bool
	// Dragging says that t is being dragged.
	Dragging bool
	// Built is the still's JSON, through which the document hands it on to the page's program.
	Built string
}

// viewSource is the document of the ebiten program; it needs one of its own.
const viewSource = "/web/view.html"

func (v *stage) Render() app.UI {
	row, _ := scene.Find(v.Show.Scene)
	return app.Figure().Class("stage").ID("stage").TabIndex(0).DataSet("built", v.Built).
		Aria("label", row.Label+" at "+state.ValueText(v.Show.T, v.Show.Window)+". Plus and minus zoom, 0 resets, arrow keys pan, Escape goes back.").
		OnKeyDown(v.key).Body(
		// First, because go-app tells children apart by their place: a frame that
		// moves to another place is made anew and starts its program again.
		app.If(app.IsClient && !v.Failed, func() app.UI {
			class := "wait"
			if v.Drawn {
				class = "live"
			}
			frame := app.IFrame().ID("view").Class(class)
			if v.Start {
				frame = frame.Src(viewSource)
			}
			return frame.Title("Picture").TabIndex(-1).Aria("hidden", true)
		}),
		&summary{Show: v.Show, Dragging: v.Dragging},
		app.If(!v.Drawn, func() app.UI { return &fallbackSVG{Show: v.Show} }),
		app.Div().ID("paper").Class("fallback").Aria("hidden", true),
	)
}

// key passes the picture's keys on to it, and keeps them from scrolling the page.
func (v *stage) key(_ app.Context, e app.Event) {
	switch k := e.Get("key").String(); k {
	case "+", "-", "0", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Escape":
		e.PreventDefault()
		v.Out.send(state.KeyForPicture{Key: k})
	}
}

// readingWords are those of the line under the picture: what the pointer reads there, or what can be done.
func readingWords(s *state.State, row scene.Scene) []app.UI {
	switch {
	case s.View.Error != "":
		return nil
	case s.View.Reading != "":
		return []app.UI{app.Text(s.View.Reading)}
	case s.Passage.Token >= 0 && (row.Maps || row.Loss):
		return []app.UI{app.Text(s.TokenWords(s.Passage.Token))}
	case !s.View.Drawn:
		return []app.UI{app.Text("The picture's program is loading.")}
	}
	return byHand(row.Hint, forTouch.Replace(row.Hint))
}

// forTouch turns the words for a pointer into those for a finger.
var forTouch = strings.NewReplacer("Point at", "Touch", "point at", "touch", "Point to read", "Touch to read", "Choose", "Tap", "choose", "tap", "scroll or pinch", "pinch")
