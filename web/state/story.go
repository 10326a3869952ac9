package state

import (
	"fmt"
	"strings"

	"clexlab/assets"
	"clexlab/viz/scene"
)

// Story is what a file that is taken away says of itself: the model, the weights of each
// method, what was measured, at which t, where to see it again, and the page's build.
func (s *State) Story(page, version string) scene.Story {
	m := s.Current()
	out := scene.Story{Model: m.ID, Text: s.textStory(), Page: page, Version: version, Weights: map[string]string{}}
	row, _ := scene.Find(s.Scene)
	// Where nothing is measured there are frequencies at the t of the page, and no weights.
	measured := row.Maps || row.Loss || row.Recall
	var methods []string
	for _, a := range assets.Methods {
		if !s.Shows(a.Name) || !s.Offers(a.Name) {
			continue
		}
		words := a.Label
		if w := s.WeightsOf(a.Name); w != "" && measured {
			out.Weights[a.Name] = w
			words += " on " + w + " weights"
		}
		if t := s.FixedT(a.Name); t > 0 && measured {
			words += " read at t = " + Factor(t)
		}
		methods = append(methods, words)
	}
	rule := "t = " + Factor(s.T)
	if s.Auto {
		rule = "t follows the length read, now " + Factor(s.T)
	}
	out.Caption = []string{fmt.Sprintf("clexlab · %s · model %s, trained on %s at a time · %s", row.Label, m.Name, Tokens(s.Window()), rule)}
	if row.Maps || row.Loss {
		out.Caption = append(out.Caption, "Measured on "+out.Text+", "+Tokens(s.measuredLength())+".")
	}
	if row.Both {
		methods = nil
		for _, name := range s.Compared() {
			words := LabelOf(name)
			if w := out.Weights[name]; w != "" {
				words += " on " + w + " weights"
			}
			methods = append(methods, words)
		}
	}
	last := strings.Join(methods, ", ") + "."
	if version != "" {
		last += " Build " + version + "."
	}
	out.Caption = append(out.Caption, last)
	return out
}

// Written says how a pane's text came to be, so that it can be written again.
func (s *State) Written(i int) string {
	d := &s.Panes[i].Document
	words := "a text written by " + d.Signature()
	if t := d.Terms(); t != "" {
		words += " (" + t + ")"
	}
	if len(d.By) > 0 {
		words += fmt.Sprintf(", seed %d, temperature %g, prompt “%s”", d.By[0].Seed, d.By[0].Temperature, Middle(d.By[0].Prompt, 60))
	}
	return words
}

// textStory names what was measured so that it can be found again.
func (s *State) textStory() string {
	if i := s.measuredPane(); i >= 0 {
		return s.Written(i)
	}
	if s.On == OnRead {
		return s.Reading.Name + ", a text brought by the reader"
	}
	b := assets.Book
	return fmt.Sprintf("the beginning of %s by %s (%d, %s)", b.Title, b.Author, b.Year, b.Source)
}
