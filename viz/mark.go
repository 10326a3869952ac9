package viz

import (
	"fmt"
	"math"

	"clexlab/viz/paint"
	"clexlab/viz/scale"
	"clexlab/viz/scene"
)

// The mark is the token that is pointed at, in the picture or in the page's text: the losses and
// every map show where it is.

// mark is that token, and the one that it is seen to look at; -1 for none.
func (w *world) mark() (token, key int) {
	if w.point >= 0 {
		return w.point, w.key
	}
	return w.state.Token, -1
}

// pointAt puts the mark on a token that the pointer is on and says so in words.
func (w *world) pointAt(token, key int, words string) {
	n := len(w.text.Tokens)
	if token >= n {
		token = -1
	}
	if key >= n {
		key = -1
	}
	w.point, w.key = token, key
	w.emit(&scene.Hover{Text: words, Token: token, Key: key})
}

// lossesAt says what the methods that are compared lose at a token.
func (w *world) lossesAt(token int) (words string) {
	for _, m := range w.compared() {
		if c := w.losses[m.Name]; c != nil && token >= c.From && token < c.From+len(c.NLL) && !math.IsNaN(float64(c.NLL[token-c.From])) {
			words += fmt.Sprintf("; %s %s nats (perplexity %s)", m.Label, scale.Number(float64(c.NLL[token-c.From]), 2), scale.Sig(math.Exp(float64(c.NLL[token-c.From]))))
		}
	}
	return words
}

// markMap draws the mark over a map that shows queries and keys in r: the row in which the token
// looks back, and the column in which it, or the one that it looks at, is looked at.
func (w *world) markMap(l *paint.List, r paint.Rect, query, key scale.Window) {
	row, col := w.mark()
	if row < 0 {
		return
	}
	if col < 0 {
		col = row
	}
	color := w.theme.Accent.Alpha(0.85)
	width := max(l.Pixel(), 1)
	if y := (float64(row) + 0.5 - query.From) / (query.To - query.From); y >= 0 && y <= 1 {
		l.Fill(paint.Rect{X: r.X, Y: r.Y + y*r.H - width/2, W: r.W, H: width}, color)
	}
	if x := (float64(col) + 0.5 - key.From) / (key.To - key.From); x >= 0 && x <= 1 {
		l.Fill(paint.Rect{X: r.X + x*r.W - width/2, Y: r.Y, W: width, H: r.H}, color)
	}
}

// cellIn is the query and the key at a point of a map in r.
func cellIn(at paint.Point, r paint.Rect, query, key scale.Window) (token, seen int) {
	token = int(query.From + (query.To-query.From)*(at.Y-r.Y)/r.H)
	seen = int(key.From + (key.To-key.From)*(at.X-r.X)/r.W)
	if seen > token {
		seen = -1 // in the future: not looked at
	}
	return token, seen
}

// looking says in words that a token looks at another one.
func (w *world) looking(token, key int) string {
	words := "row of token " + w.token(token)
	if key >= 0 {
		words += ", column of " + w.token(key)
	}
	return words
}

// whole are the queries and keys of a map.
func whole(m *scene.Maps) (query, key scale.Window) {
	return scale.Window{From: float64(m.QueryFrom), To: float64(m.QueryTo)}, scale.Window{From: float64(m.KeyFrom), To: float64(m.KeyTo)}
}
