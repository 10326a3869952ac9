package state

import (
	"fmt"
	"math"
	"strings"

	"clexlab/assets"
	"clexlab/clex"
	"clexlab/wasm/wire/jobs"
)

// Author is who wrote a stretch of a text, and how: everything that it depends on.
type Author struct {
	// Model is the checkpoint, Method what wrote, Weights the weights it ran on, "" where all run on the same.
	Model, Method, Weights string
	// Recipe is how weights that were trained here were made, "" for others.
	Recipe string
	// InTraining is set for weights that a training had made so far.
	InTraining bool
	// Fixed is the t that the method keeps on them, 0 where it follows the rule.
	Fixed float64
	jobs.FactorRule
	Sampling
	// Prompt is what it was given, Length what it was to reach, in tokens.
	Prompt string
	Length int
}

// By is an author from a token on. Cut says that the text was cut back since, Chosen that token
// From is an alternative that the reader chose, which the author wrote on from.
type By struct {
	From int
	Author
	Cut, Chosen bool
}

// Label is the method's name as people read it, with the step where its weights were in training.
func (a Author) Label() string {
	if a.InTraining {
		return LabelOf(a.Method) + ", " + a.Weights
	}
	if a.Method == clex.TrainedHere && a.Weights != "" {
		return a.Weights // a name that says which, and how long
	}
	return LabelOf(a.Method)
}

// LabelOf is a method's name as people read it, the name itself where nobody knows it.
func LabelOf(method string) string {
	if m, ok := assets.Lookup(method); ok {
		return m.Label
	}
	return method
}

// author is who writes a pane now.
func (s *State) author(pane int) Author {
	m := s.Panes[pane].Method
	a := Author{Model: s.Current().ID, Method: m, Weights: s.WeightsOf(m), Fixed: s.FixedT(m), FactorRule: s.rule(), Sampling: s.Sampling, Prompt: s.Prompt, Length: s.Target()}
	if a.Auto {
		a.T = 0
	}
	if here := s.TrainedHere(); m == clex.TrainedHere && here != nil {
		a.Recipe = here.Origin.Recipe
	}
	return a
}

// Writers are the methods that wrote the text, each once, in their order.
func (d *Document) Writers() []string {
	var out []string
	for i, b := range d.By {
		if (i == 0 || b.From < len(d.Tokens)) && (len(out) == 0 || out[len(out)-1] != b.Method) {
			out = append(out, b.Method)
		}
	}
	return out
}

// Signature names the text's authors: "CLEX", or "CLEX, then Plain RoPE from token 301".
func (d *Document) Signature() string {
	words, last := "", ""
	for i, b := range d.By {
		who := b.Label()
		if b.Model != d.By[0].Model {
			who += " of " + b.Model
		}
		if i > 0 && b.From >= len(d.Tokens) || who == last {
			continue
		}
		if words == "" {
			words = who
		} else {
			words += ", then " + who + " from token " + Count(b.From+1)
		}
		last = who
	}
	return words
}

// Terms say on which weights and at which t the text was written.
func (d *Document) Terms() string {
	var words []string
	if len(d.By) > 0 {
		if w := d.By[0].Weights; w != "" && w != d.By[0].Method && w != d.By[0].Label() && !d.By[0].InTraining {
			words = append(words, w+" weights")
		}
	}
	low, high := math.Inf(1), 0.0
	for _, t := range d.Tokens {
		if t.T >= 1 {
			low, high = min(low, t.T), max(high, t.T)
		}
	}
	auto := len(d.By) > 0
	for _, b := range d.By {
		auto = auto && b.Auto
	}
	alike := len(d.By) > 0
	for _, w := range d.Writers() {
		m, _ := assets.Lookup(w)
		alike = alike && m.IgnoresT
	}
	switch {
	case alike:
		words = append(words, "at any t")
	case len(d.By) > 0 && d.By[0].Fixed > 0:
		words = append(words, "tuned and read at t = "+Factor(d.By[0].Fixed))
	case high == 0:
	case low == high:
		words = append(words, "t = "+Factor(low))
	case auto:
		words = append(words, fmt.Sprintf("t = %s … %s, with the length", Factor(low), Factor(high)))
	default:
		words = append(words, fmt.Sprintf("t = %s … %s", Factor(low), Factor(high)))
	}
	if n := d.chosen(); n != "" {
		words = append(words, "chosen by the reader: "+n)
	}
	return strings.Join(words, ", ")
}

// chosen lists the tokens that the reader chose among alternatives.
func (d *Document) chosen() string {
	var places []string
	for _, b := range d.By {
		if b.Chosen && b.From < len(d.Tokens) {
			places = append(places, Count(b.From+1))
		}
	}
	switch n := len(places); {
	case n == 0:
		return ""
	case n == 1:
		return "token " + places[0]
	case n > 3:
		return fmt.Sprintf("%d tokens from %s on", n, places[0])
	}
	return "tokens " + strings.Join(places, ", ")
}

// Repeats reports whether the settings as they stand would make the pane's text again, token
// for token: it was written in one go by what they say.
func (s *State) Repeats(pane int) bool {
	d := &s.Panes[pane].Document
	return len(d.By) == 1 && !d.By[0].Cut && d.By[0].Author == s.author(pane)
}
