package state

import (
	"math"
	"slices"
	"strings"
)

// Alternative is one token that the model could have chosen.
type Alternative struct {
	ID   int32
	Text string
	P    float64 // probability, 0 … 1
}

// Token is one token of a text and what the model thought of it.
type Token struct {
	ID   int32
	Text string
	// NLL is the surprise -ln p(token | all before); NaN where it is unknown.
	NLL float64
	// T is the length scaling factor under which it was written.
	T float64
	// Prompt marks a token that the reader gave.
	Prompt bool
	// Alternatives are the likeliest tokens at this place, best first.
	Alternatives []Alternative
}

// Document is a text with its undo history. Tokens are only ever appended or
// cut off at the end, so an earlier text is a cheap slice of the same array.
type Document struct {
	Tokens []Token
	// Revision grows with every change, so that a view can tell quickly.
	Revision int
	// Epoch grows with every change other than an append.
	Epoch  int
	past   [][]Token
	future [][]Token
}

// historyDepth is how many steps back Undo remembers.
const historyDepth = 100

// Mark remembers the text as it stands as a place to which Undo returns.
func (d *Document) Mark() {
	if n := len(d.past); n > 0 && same(d.past[n-1], d.Tokens) {
		return
	}
	d.past = append(d.past, slices.Clip(d.Tokens))
	if len(d.past) > historyDepth {
		d.past = slices.Delete(d.past, 0, 1)
	}
	d.future = nil
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

// Replace puts another text in place of this one; Undo brings the old one back.
func (d *Document) Replace(tokens []Token) {
	d.Mark()
	d.Tokens = slices.Clip(tokens)
	d.changed()
}

func (d *Document) changed() {
	d.Revision++
	d.Epoch++
}

// CutAfter keeps the tokens up to and including index i; Undo brings the rest
// back. It reports whether anything was cut.
func (d *Document) CutAfter(i int) bool {
	if i < 0 || i+1 >= len(d.Tokens) {
		return false
	}
	d.Mark()
	d.Tokens = slices.Clip(d.Tokens[:i+1])
	d.changed()
	return true
}

// CanUndo and CanRedo say whether there is a step to take.
func (d *Document) CanUndo() bool { return len(d.past) > 0 }
func (d *Document) CanRedo() bool { return len(d.future) > 0 }

// Undo returns to the last marked text.
func (d *Document) Undo() bool {
	n := len(d.past)
	if n == 0 {
		return false
	}
	d.future = append(d.future, slices.Clip(d.Tokens))
	d.Tokens = d.past[n-1]
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
	d.past = append(d.past, slices.Clip(d.Tokens))
	d.Tokens = d.future[n-1]
	d.future = d.future[:n-1]
	d.changed()
	return true
}

// IDs returns the tokens' identifiers.
func (d *Document) IDs() []int32 {
	ids := make([]int32, len(d.Tokens))
	for i, t := range d.Tokens {
		ids[i] = t.ID
	}
	return ids
}

// Text returns the whole text.
func (d *Document) Text() string {
	var b strings.Builder
	for _, t := range d.Tokens {
		b.WriteString(t.Text)
	}
	return b.String()
}

// MeanNLL is the mean surprise of tokens [from, to) that have one, in nats per
// token, and how many they are.
func (d *Document) MeanNLL(from, to int) (mean float64, n int) {
	to = min(to, len(d.Tokens))
	for i := max(from, 0); i < to; i++ {
		if v := d.Tokens[i].NLL; !math.IsNaN(v) {
			mean += v
			n++
		}
	}
	if n > 0 {
		mean /= float64(n)
	}
	return mean, n
}

// SurpriseSteps is the number of tints that surprise is sorted into.
const SurpriseSteps = 7

// Tint sorts a surprise in nats into 0 … SurpriseSteps-1: each step is a factor
// of e in probability, and the last holds all that were less likely than e^-6.
func Tint(nats float64) int {
	if math.IsNaN(nats) || nats < 0 {
		return 0
	}
	return int(min(nats, SurpriseSteps-1))
}
