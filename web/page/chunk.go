package page

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"clexlab/web/state"
)

// chunkSize is how many tokens are compared together when the page changes: a
// text of thousands is a list of chunks, and only the last one is new.
const chunkSize = 32

// blockSize is how many tokens a block has before it may end.
const blockSize = 64

// blockEnd is where the block that begins at token from ends. A browser lays a block of lines out as a whole, so a text is a
// row of blocks, of which a new word changes the last. They part where a line ends anyhow: before the line at the end of a
// window, and, once one has blockSize tokens, after a line feed.
func blockEnd(tokens []state.Token, from, window int) int {
	for i := from + 1; i < len(tokens); i++ {
		if window > 0 && i%window == 0 || i-from >= blockSize && strings.HasSuffix(tokens[i-1].Text, "\n") {
			return i
		}
	}
	return len(tokens)
}

// chunk is a run of tokens.
type chunk struct {
	app.Compo
	// Tokens are the text's from token From on. They share its array, so that comparing them takes no time.
	Tokens []state.Token
	From   int
	// Picked is the token under the cursor, Token and Key are pointed at in the picture, all counted from From, -1 for none.
	Picked, Token, Key int
	Window             int
	// Judged is the loss of each by which it is tinted, as far as it is known; Own says that the tint is by the losses in Tokens.
	Judged []float32
	Own    bool
}

func (c *chunk) Render() app.UI {
	out := make([]app.UI, 0, len(c.Tokens)+1)
	for k := range c.Tokens {
		i, t := c.From+k, &c.Tokens[k]
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
		nll := -1.0
		if c.Own {
			nll = t.NLL
		} else if k < len(c.Judged) {
			nll = float64(c.Judged[k])
		}
		class += tint(nll)
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

// tint is the style of a token's loss in nats, " s1" to " s6", "" where it was expected or is not known.
func tint(nll float64) string {
	if s := state.Tint(nll); s > 0 {
		return " s" + strconv.Itoa(s)
	}
	return ""
}
