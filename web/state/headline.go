package state

import (
	"fmt"
	"math"

	"clexlab/assets"
)

// beyondEnough is how many tokens past the trained window make a figure worth saying.
const beyondEnough = 64

// Headline is what the page is about, with what was measured once there is something to compare.
func (s *State) Headline() string { return s.summary() + s.home() + s.prior() }

// home says of a text that was written here who wrote it, as everyone expects its own words most.
func (s *State) home() string {
	i := s.measuredPane()
	if i < 0 || !s.Comparing() || s.Losses[s.Panes[i].Method] == nil {
		return ""
	}
	return " " + s.Panes[i].Signature() + " wrote it, and expects its own words most; the book is no one’s."
}

func (s *State) summary() string {
	window := s.Window()
	if !s.Comparing() {
		return LabelOf(s.Active) + " alone. Choose a second method beside the text to compare it with."
	}
	pair := []string{s.Beside, s.Active}
	if s.measuredLength() < window+beyondEnough {
		var said []string
		n := min(window, s.measuredLength())
		for _, m := range pair {
			if inside, ok := s.MeanLoss(m, 0, window, n/2); ok {
				said = append(said, fmt.Sprintf("the loss of %s is %.1f nats (perplexity %s)", s.named(m), inside, Perplexity(inside)))
			}
		}
		if len(said) == len(pair) {
			if n < window {
				return fmt.Sprintf("Over the first %s of %s, within the %s of training: %s, %s. A longer text shows what lies past them.", Tokens(n), s.SubjectWords(), Count(window), said[0], said[1])
			}
			return fmt.Sprintf("Within the %s of training, on %s: %s, %s. A longer text shows what lies past them.", Tokens(window), s.SubjectWords(), said[0], said[1])
		}
	}
	var said []string
	for _, m := range pair {
		inside, ok := s.MeanLoss(m, 0, window, window/2)
		beyond, also := s.MeanLoss(m, window, math.MaxInt, beyondEnough)
		if !ok || !also {
			return s.promise()
		}
		said = append(said, course(s.named(m), inside, beyond))
	}
	return s.past(said)
}

// past says how the loss of two methods goes on past the trained window.
func (s *State) past(courses []string) string {
	return fmt.Sprintf("On %s, past the %s of training: the loss of %s; that of %s.", s.SubjectWords(), Tokens(s.Window()), courses[0], courses[1])
}

// course is how a method's loss goes on, from its means within the trained window and past it.
func course(name string, inside, beyond float64) string {
	return fmt.Sprintf("%s %s (perplexity %s to %s)", name, trend(inside, beyond), Perplexity(inside), Perplexity(beyond))
}

// promise stands where nothing is measured yet. What it says of the models that ship was measured on them; of others nothing is known.
func (s *State) promise() string {
	m := s.Current()
	if m.Brought || m.ID != "" && m.Network == nil {
		return fmt.Sprintf("This model was trained on texts of %s. Measuring how %s and %s read %s …", Tokens(s.Window()), LabelOf(s.Beside), LabelOf(s.Active), s.SubjectWords())
	}
	// The same sentence as after measuring, so that nothing under it moves.
	if b := s.StillShown(); b != nil {
		return b.words(s)
	}
	words := fmt.Sprintf("This small model was trained on texts of %s. Past them plain RoPE falls apart; CLEX reads on.", Tokens(s.Window()))
	if s.Engine.Error != "" {
		return words // nothing is being measured
	}
	return words + " Measuring it on " + s.SubjectWords() + " …"
}

// prior says what CLEX is in a model that has no trained field.
func (s *State) prior() string {
	if m := s.Current(); m.ID == "" || m.Network != nil || s.Active != "clex" && s.Beside != "clex" {
		return ""
	}
	return " This model has no trained field: CLEX is its prior here, NTK-aware scaling with α = 2t − 1."
}

// trend says how a loss goes on past the trained window.
func trend(inside, beyond float64) string {
	verb := "stays level, "
	switch {
	case beyond > inside+0.1:
		verb = "rises from "
	case beyond < inside-0.1:
		verb = "falls from "
	}
	return fmt.Sprintf("%s%.1f to %.1f nats", verb, inside, beyond)
}

// named is a method with the t that its figures were measured at, where that is a matter of t.
func (s *State) named(method string) string {
	if c := s.Losses[method]; c != nil {
		return LabelOf(method) + AtT(method, c.T)
	}
	return LabelOf(method)
}

// AtT says at which t a method has read, "" where that is no matter of t.
func AtT(method string, t float64) string {
	if m, _ := assets.Lookup(method); t > 0 && !m.IgnoresT {
		return " at t = " + Factor(t)
	}
	return ""
}

// Perplexity is exp of a mean loss, in as many digits as it bears.
func Perplexity(nats float64) string {
	if v := math.Exp(nats); v < 1e6 {
		return Count(int(math.Round(v)))
	}
	return "over a million"
}
