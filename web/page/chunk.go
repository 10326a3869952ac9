package page

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/web/state"
)

// chunkSize is how many tokens are compared together when the page changes: a
// text of thousands is a list of chunks, and only the last one is new.
const chunkSize = 32

// chunk is a run of tokens.
type chunk struct {
	app.Compo
	P             *Page
	Pane          int
	From, Count   int
	Epoch, Picked int
	// Token and Key are pointed at in the picture, -1 for none.
	Token, Key int
	Window     int
	// Judged is how many of its tokens the judge has rated, Own says that the tint is the writer's.
	Judged int
	Own    bool
}

func (c *chunk) Render() app.UI {
	tokens := c.P.s.Panes[c.Pane].Tokens
	out := make([]app.UI, 0, c.Count+1)
	for k := range c.Count {
		i := c.From + k
		if i >= len(tokens) {
			break
		}
		t := &tokens[i]
		if i > 0 && c.Window > 0 && i%c.Window == 0 {
			text := "trained length ends here: " + state.Tokens(i)
			if i > c.Window {
				text = strconv.Itoa(i/c.Window) + " windows: " + state.Tokens(i)
			}
			out = append(out, app.Span().Class("cut").Text(text))
		}
		class := "tk"
		if t.Prompt {
			class += " p"
		}
		if s := state.Tint(c.P.s.TintNLL(c.Pane, i)); s > 0 {
			class += " s" + strconv.Itoa(s)
		}
		if k == c.Picked {
			class += " on"
		}
		if k == c.Token {
			class += " at"
		}
		if k == c.Key {
			class += " key"
		}
		out = append(out, app.Span().Class(class).DataSet("i", i).Text(t.Text))
	}
	return app.Span().Body(out...)
}
