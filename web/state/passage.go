package state

import (
	"fmt"
	"math"
	"strings"

	"clexlab/assets"
)

// Passage is where in the text that is measured the reader is: Middle is the token that its words
// are shown around, -1 for the end of the trained window, or the middle of a text that ends before it; Token the one that is pointed at there, -1 for none.
type Passage struct{ Middle, Token int }

var noPassage = Passage{-1, -1}

// What the reader does with the words of the measured text: PointAt points at one of them, -1 for
// none; GoTo brings one to the middle and points at it.
type (
	PointAt struct{ Token int }
	GoTo    struct{ Token int }
)

func (m PointAt) apply(s *State) []Effect {
	_, _, n, _ := s.Subject()
	if m.Token = max(-1, m.Token); m.Token >= n || m.Token == s.Passage.Token {
		return nil
	}
	s.Passage.Token = m.Token
	s.View.Reading = ""
	out := []Effect{ShowView{}}
	if m.Token >= 0 {
		out = append(out, s.reveal(m.Token)...)
	}
	return out
}

func (m GoTo) apply(s *State) []Effect {
	_, _, n, _ := s.Subject()
	if n == 0 {
		return nil
	}
	m.Token = min(max(0, m.Token), n-1)
	s.Passage.Middle = m.Token
	out := PointAt(m).apply(s)
	s.Spoken = s.TokenWords(m.Token)
	return out
}

// measures reports whether token index of a text on screen is one that the figures were measured
// on: it stands in the measured text, or in the beginning that the other text has in common with it.
func (s *State) measures(pane, index int) bool {
	of := s.measuredPane()
	if of < 0 || index < 0 || index >= len(s.Panes[pane].Tokens) {
		return false
	}
	if of == pane {
		return true
	}
	a, b := s.Panes[of].Tokens, s.Panes[pane].Tokens
	for i := range index + 1 {
		if i >= len(a) || a[i].ID != b[i].ID || a[i].Text != b[i].Text {
			return false
		}
	}
	return true
}

// reveal scrolls a token of the measured text into sight in the texts on screen that have it.
func (s *State) reveal(token int) (out []Effect) {
	for _, i := range s.Columns() {
		if s.measures(i, token) && !s.Panes[i].Phase.Busy() {
			out = append(out, Reveal{i, token})
		}
	}
	return out
}

// Pointed is the token of the measured text that is pointed at on the page, outside the picture: among
// its words, or in a text that has it; -1 for none.
func (s *State) Pointed() int {
	switch k := s.Picked; {
	case s.Passage.Token >= 0:
		return s.Passage.Token
	case k.Pane >= 0 && s.measures(k.Pane, k.Index):
		return k.Index
	}
	return -1
}

// LitNow are the tokens of the measured text that are pointed at, in the picture or on the page: one, and
// in a map the one that it looks at; -1 for none.
func (s *State) LitNow() (token, key int) {
	if s.View.Token >= 0 {
		return s.View.Token, s.View.Key
	}
	return s.Pointed(), -1
}

// Lit are those of LitNow that stand in a text on screen and are not under the pointer there.
func (s *State) Lit(pane int) (token, key int) {
	token, key = s.LitNow()
	if s.View.Token < 0 && s.Passage.Token < 0 || !s.measures(pane, token) {
		token = -1
	}
	if !s.measures(pane, key) {
		key = -1
	}
	return token, key
}

// PassageTints are the losses by which the words of the measured text from token from on are tinted: those of the first
// method that is compared, at the t it was last read at, which is the one that stands but for the time that a reading takes.
// by says whose, "" where the text has not been read.
func (s *State) PassageTints(from int) (losses []float32, by string) {
	all := s.rereads[s.Active]
	if len(all) == 0 {
		return nil, ""
	}
	return all[min(from, len(all)):], s.named(s.Active)
}

// PassageAround are the words of the measured text around the reader's place, at most reach tokens to
// either side: those from token from on, and where its middle is.
func (s *State) PassageAround(reach int) (from, middle int, words []string) {
	_, _, n, token := s.Subject()
	if n == 0 {
		return 0, 0, nil
	}
	if middle = s.Passage.Middle; middle < 0 {
		if middle = s.Window(); middle >= n {
			middle = n / 2
		}
	}
	middle = min(middle, n-1)
	from = max(0, middle-reach)
	for i := from; i < min(n, middle+reach+1); i++ {
		words = append(words, token(i))
	}
	return from, middle, words
}

// TokenWords says which token of the measured text it is and what the methods that are compared lose at it.
func (s *State) TokenWords(i int) string {
	_, _, n, token := s.Subject()
	if i < 0 || i >= n {
		return ""
	}
	var said []string
	for _, a := range assets.Methods {
		c := s.Losses[a.Name]
		if c == nil || a.Name != s.Active && a.Name != s.Beside || i < c.From || i >= c.From+len(c.NLL) {
			continue
		}
		if v := float64(c.NLL[i-c.From]); !math.IsNaN(v) {
			said = append(said, fmt.Sprintf("%s %.2f nats (perplexity %s)", a.Label, v, Perplexity(v)))
		}
	}
	words := fmt.Sprintf("Token %s “%s” of %s", Count(i+1), Visible(token(i)), s.SubjectWords())
	if len(said) > 0 {
		words += ": " + strings.Join(said, ", ")
	}
	return words
}
