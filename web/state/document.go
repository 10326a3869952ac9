package state

import (
	"math"
	"slices"
	"strings"

	"clexlab/wasm/wire/jobs"
)

// Token is one token of a text and what its writer thought of it, Alternative one that could
// have stood there. NLL below 0 is unknown.
type (
	Token       = jobs.Token
	Alternative = jobs.Alternative
)

// text is what Undo returns to: tokens, who wrote them, and what the judge says of them.
// All three only ever grow or are cut off at the end, so an earlier text is a cheap slice of
// the same arrays.
type text struct {
	// Tokens are the text.
	Tokens []Token
	// By are its authors, each from a token on.
	By []By
	// Judged is the loss of each token, as far as there is one, under the one judge of all
	// texts; below 0 is unknown.
	Judged []float32
}

func (t text) clipped() text {
	return text{slices.Clip(t.Tokens), slices.Clip(t.By), slices.Clip(t.Judged)}
}

// Document is a text with its undo history.
type Document struct {
	text
	// Revision grows with every change, so that a view can tell quickly.
	Revision int
	// Epoch grows with every change other than an append.
	Epoch  int
	past   []step
	future []step
	// turn is that of the reader's message that is being applied.
	turn int
}

// step is a text to go back to, and the turn of the change that left it behind.
type step struct {
	text
	turn int
}

// Undo remembers historyDepth steps, of texts of historyTokens in all, and beside them the last one,
// however long it is: a token with its alternatives takes half a kilobyte.
const (
	historyDepth  = 100
	historyTokens = 1 << 14
)

// Mark remembers the text as it stands as a place to which Undo returns.
func (d *Document) Mark() {
	if n := len(d.past); n > 0 && same(d.past[n-1].Tokens, d.Tokens) {
		d.past[n-1].turn = d.turn
		return
	}
	d.past = append(d.past, step{d.clipped(), d.turn})
	d.future = nil
	for len(d.past) > 1 && (len(d.past) > historyDepth || d.remembered() > historyTokens) {
		d.past = slices.Delete(d.past, 0, 1)
	}
}

// remembered is how many tokens the steps back hold beside the text at hand: those that are
// pieces of one array count once.
func (d *Document) remembered() int {
	n, most := 0, 0
	for i, s := range d.past {
		if len(s.Tokens) == 0 || len(d.Tokens) > 0 && &s.Tokens[0] == &d.Tokens[0] {
			continue
		}
		if i > 0 && len(d.past[i-1].Tokens) > 0 && &d.past[i-1].Tokens[0] == &s.Tokens[0] {
			n -= most
		} else {
			most = 0
		}
		most = max(most, len(s.Tokens))
		n += most
	}
	return n
}

// same reports whether a and b are the same piece of the same array.
func same(a, b []Token) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// Append adds tokens at the end.
func (d *Document) Append(tokens ...Token) {
	d.Tokens = append(d.Tokens, tokens...)
	d.Revision++
}

func (d *Document) changed() {
	d.Revision++
	d.Epoch++
}

// begin empties the text for an author; Undo brings back what was there.
func (d *Document) begin(a Author) {
	if len(d.Tokens) > 0 {
		d.Mark()
	}
	d.text = text{By: []By{{Author: a}}}
	d.changed()
}

// clear empties the text; Undo brings back what was there.
func (d *Document) clear() {
	if len(d.Tokens) == 0 {
		return
	}
	d.Mark()
	d.text = text{}
	d.changed()
}

// resume notes that a writes from here on.
func (d *Document) resume(a Author) {
	n := len(d.By)
	switch {
	case n > 0 && d.By[n-1].Author == a:
	case n > 0 && d.By[n-1].From >= len(d.Tokens) && !d.By[n-1].Chosen:
		d.By = append(slices.Clip(d.By[:n-1]), By{From: d.By[n-1].From, Author: a})
	default:
		d.By = append(slices.Clip(d.By), By{From: len(d.Tokens), Author: a})
	}
}

// follow notes that the author who writes finds t by another rule from here on.
func (d *Document) follow(rule jobs.FactorRule) {
	if len(d.By) == 0 {
		return
	}
	a := d.By[len(d.By)-1].Author
	if a.FactorRule = rule; a.Auto {
		a.T = 0
	}
	d.resume(a)
}

// CutAfter keeps the tokens up to and including index i; Undo brings the rest
// back. It reports whether anything was cut.
func (d *Document) CutAfter(i int) bool {
	if i < 0 || i+1 >= len(d.Tokens) {
		return false
	}
	d.Mark()
	d.cut(i)
	d.changed()
	return true
}

// cut keeps the tokens up to and including index i, and notes that they were not made in one go.
func (d *Document) cut(i int) {
	d.Tokens = slices.Clip(d.Tokens[:i+1])
	d.Judged = slices.Clip(d.Judged[:min(i+1, len(d.Judged))])
	for len(d.By) > 1 && d.By[len(d.By)-1].From > i {
		d.By = slices.Clip(d.By[:len(d.By)-1])
	}
	if n := len(d.By); n > 0 {
		left := d.By[n-1]
		left.Cut = true
		d.By = append(slices.Clip(d.By[:n-1]), left)
	}
}

// Branch puts an alternative in the place of token i and drops what came after it; a writes on from
// there. Undo brings the old text back. It reports whether token i has that alternative.
func (d *Document) Branch(i int, id int32, a Author) bool {
	if i < 1 || i >= len(d.Tokens) || d.Tokens[i].ID == id {
		return false
	}
	t := d.Tokens[i]
	k := slices.IndexFunc(t.Alternatives, func(r Alternative) bool { return r.ID == id })
	if k < 0 {
		return false
	}
	d.Mark()
	d.cut(i - 1)
	t.ID, t.Text = id, t.Alternatives[k].Text
	t.NLL = -1
	if p := t.Alternatives[k].P; p > 0 {
		t.NLL = -math.Log(p)
	}
	d.By = append(d.By, By{From: i, Author: a, Cut: true, Chosen: true})
	d.Tokens = append(d.Tokens, t)
	d.changed()
	return true
}

// CanUndo and CanRedo say whether there is a step to take.
func (d *Document) CanUndo() bool { return len(d.past) > 0 }
func (d *Document) CanRedo() bool { return len(d.future) > 0 }

// undoes and redoes are the turns of the changes that Undo takes back and Redo makes again; ok
// is false where there is none.
func (d *Document) undoes() (turn int, ok bool) { return last(d.past) }
func (d *Document) redoes() (turn int, ok bool) { return last(d.future) }

func last(steps []step) (turn int, ok bool) {
	if n := len(steps); n > 0 {
		return steps[n-1].turn, true
	}
	return 0, false
}

// Undo returns to the last marked text.
func (d *Document) Undo() bool {
	n := len(d.past)
	if n == 0 {
		return false
	}
	d.future = append(d.future, step{d.clipped(), d.past[n-1].turn})
	d.text = d.past[n-1].text
	d.past = d.past[:n-1]
	d.changed()
	return true
}

// Redo takes back the last Undo.
func (d *Document) Redo() bool {
	n := len(d.future)
	if n == 0 {
		return false
	}
	d.past = append(d.past, step{d.clipped(), d.future[n-1].turn})
	d.text = d.future[n-1].text
	d.future = d.future[:n-1]
	d.changed()
	return true
}

// IDs returns the tokens' identifiers.
func (d *Document) IDs() []int32 { return ids(d.Tokens) }

func ids(tokens []Token) []int32 {
	out := make([]int32, len(tokens))
	for i, t := range tokens {
		out[i] = t.ID
	}
	return out
}

// Text returns the whole text.
func (d *Document) Text() string {
	var b strings.Builder
	for _, t := range d.Tokens {
		b.WriteString(t.Text)
	}
	return b.String()
}

// JudgedAt is the judge's loss of token i, below 0 where it is unknown.
func (d *Document) JudgedAt(i int) float64 {
	if i < 0 || i >= len(d.Judged) {
		return -1
	}
	return float64(d.Judged[i])
}

// MeanJudged is the mean loss of tokens [from, to) under the judge, in nats per token, and
// how many it knows.
func MeanJudged(judged []float32, from, to int) (mean float64, n int) {
	for _, v := range judged[min(max(from, 0), len(judged)):min(max(to, 0), len(judged))] {
		if v >= 0 {
			mean += float64(v)
			n++
		}
	}
	if n > 0 {
		mean /= float64(n)
	}
	return mean, n
}

// TintSteps is the number of tints that loss is sorted into.
const TintSteps = 7

// Tint sorts a loss in nats into 0 … TintSteps-1: each step is a factor
// of e in probability, and the last holds all that were less likely than e^-6.
func Tint(nats float64) int {
	if !(nats >= 0) {
		return 0
	}
	return int(min(nats, TintSteps-1))
}
