package state

import (
	"fmt"
	"strings"

	"clexlab/assets"
	"clexlab/clex"
	"clexlab/viz/scene"
)

// Story is what a file that is taken away says of itself: the model, the weights of each
// method, what was measured, at which t, where to see it again, and the page's build.
func (s *State) Story(page, version string) scene.Story {
	m := s.Current()
	row, _ := scene.Find(s.Scene)
	out := scene.Story{Model: m.ID, Page: page, Version: version, Weights: map[string]string{}}
	// Where nothing is measured there are frequencies at the t of the page, and no weights and no text.
	measured := row.Maps || row.Loss || row.Recall
	var methods []string
	for _, a := range assets.Methods {
		if w := s.WeightsOf(a.Name); w != "" && measured && s.Offers(a.Name) {
			out.Weights[a.Name] = w
		}
	}
	for _, name := range s.told(row) {
		words := LabelOf(name)
		if !measured {
			words = s.Pictured().Named(name, words)
		}
		if w := out.Weights[name]; name == clex.TrainedHere {
			words = s.WeightsOf(name)
			if o := s.TrainedHere(); o != nil && o.Origin.Recipe != "" {
				words += " (" + strings.TrimSuffix(o.Origin.Recipe, ".") + ")"
			}
		} else if w != "" {
			words += " on " + w + " weights"
		}
		if row.Loss && len(s.Losses) > 0 && s.Losses[name] == nil {
			words += " (not measured)" // a picture of half a measurement
		} else if t := s.readAt(row, name); t > 0 {
			words += " read at t = " + Factor(t)
		}
		methods = append(methods, words)
	}
	out.Caption = []string{fmt.Sprintf("clexlab · %s · model %s, trained on %s at a time · %s", row.Label, m.Name, Tokens(s.Window()), s.ruleWords(row))}
	switch {
	case row.Recall:
		seed := s.Seed
		if len(s.Probe.Cells) > 0 {
			seed = s.Probe.Seed
		}
		out.Text, out.Seed = "questions of the recall probe", fmt.Sprint(seed)
		out.Caption = append(out.Caption, "Asked in "+out.Text+", seed "+out.Seed+".")
	case measured:
		s.tellText(&out)
		out.Caption = append(out.Caption, "Measured on "+out.Text+", "+Tokens(out.Tokens)+".")
	}
	last := strings.Join(methods, ", ") + "."
	if version != "" {
		last += " Build " + version + "."
	}
	out.Caption = append(out.Caption, last)
	return out
}

// told are the methods that a scene's picture draws.
func (s *State) told(row scene.Scene) (out []string) {
	switch {
	case row.Recall:
		return s.Probe.Methods
	case row.Both:
		return s.Compared()
	case row.Maps:
		return []string{s.Active}
	}
	for _, a := range assets.Methods {
		if s.Shows(a.Name) && s.Offers(a.Name) {
			out = append(out, a.Name)
		}
	}
	return out
}

// ruleWords say at which t a scene's picture is: the page's, or the one by which the recall probe was asked.
func (s *State) ruleWords(row scene.Scene) string {
	switch rule := s.Probe.Rule; {
	case row.Recall && (len(s.Probe.Cells) > 0 && rule.Auto || len(s.Probe.Cells) == 0 && s.Auto):
		return "t follows the length of each text"
	case row.Recall && len(s.Probe.Cells) > 0:
		return "t = " + Factor(rule.T)
	case s.Auto:
		return "t follows the length read, now " + Factor(s.T)
	}
	return "t = " + Factor(s.T)
}

// readAt is the t that a method was read at where that is another one than the page's, 0 where it is not.
func (s *State) readAt(row scene.Scene, method string) float64 {
	if !row.Maps && !row.Loss && !row.Recall {
		return 0
	}
	if t := s.FixedT(method); t > 0 {
		return t
	}
	at := 0.0
	if c := s.Losses[method]; row.Loss && c != nil {
		at = c.T
	} else if m := s.Maps[method]; row.Maps && m != nil {
		at = m.T
	}
	if m, _ := assets.Lookup(method); m.IgnoresT || scene.RoundT(at) == scene.RoundT(s.T) {
		return 0
	}
	return at
}

// Written says how a pane's text came to be, so that it can be written again.
func (s *State) Written(i int) string {
	d := &s.Panes[i].Document
	words := "a text written by " + d.Signature()
	if t := s.TermsOf(i); t != "" {
		words += " (" + t + ")"
	}
	if len(d.By) > 0 {
		words += fmt.Sprintf(", seed %s, %s, prompt “%s”", d.seeds(), d.By[0].words(), Middle(d.By[0].Prompt, 60))
	}
	return words
}

// words say how tokens are drawn: the temperature, and the filters that are on.
func (v *Sampling) words() string {
	words := fmt.Sprintf("temperature %g", v.Temperature)
	if v.TopK > 0 {
		words += fmt.Sprintf(", top-k %d", v.TopK)
	}
	if v.TopP < 1 {
		words += fmt.Sprintf(", top-p %g", v.TopP)
	}
	if v.MinP > 0 {
		words += fmt.Sprintf(", min-p %g", v.MinP)
	}
	return words
}

// seeds are those that the text's authors drew with: "7", or "7, then 9 from token 301".
func (d *Document) seeds() string {
	words := ""
	for i, b := range d.By {
		switch {
		case i == 0:
			words = fmt.Sprint(b.Seed)
		case b.From < len(d.Tokens) && b.Seed != d.By[i-1].Seed:
			words += fmt.Sprintf(", then %d from token %s", b.Seed, Count(b.From+1))
		}
	}
	return words
}

// tellText names what was measured so that it can be found again.
func (s *State) tellText(out *scene.Story) {
	out.Tokens = s.measuredLength()
	if i := s.measuredPane(); i >= 0 {
		d := &s.Panes[i].Document
		out.Text = s.Written(i)
		if len(d.By) > 0 {
			out.Seed, out.Prompt = d.seeds(), d.By[0].Prompt
		}
		return
	}
	if s.On == OnRead {
		if out.Text = "a text brought by the reader"; s.Reading.Name != pasted {
			out.Text = s.Reading.Name + ", " + out.Text
		}
		return
	}
	b := assets.Book
	out.Text = fmt.Sprintf("the beginning of %s by %s (%d, %s)", b.Title, b.Author, b.Year, b.Source)
}
