package state

import (
	"math"
	"slices"

	"clexlab/assets"
	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// Subject is the text that losses, maps and the headline are measured on.
type Subject string

// The subjects: an excerpt of a book that no model here was trained on, the first or the second
// text on screen, or a text that the reader brought.
const (
	OnBook   Subject = ""
	OnText   Subject = "text"
	OnSecond Subject = "second"
	OnRead   Subject = "read"
)

// Excerpt is a text that is read and not written.
type Excerpt struct {
	// Name is what people call it, Words the text itself where the reader brought it.
	Name, Words string
	// Tokens are its tokens as the model spells them, nil until it has cut them; Bytes is how
	// much of the text they are, Of how long it is.
	Tokens    []string
	Bytes, Of int
	// Rest is how much of the reader's file Words left out, in bytes.
	Rest int
	// Revision counts the texts brought.
	Revision int
}

// ChooseSubject chooses what is measured.
type ChooseSubject struct{ On Subject }

// What the engine measured. ReadingProgress tells how far a long reading has come.
type (
	LossMeasured struct{ *scene.Loss }
	MapsMeasured struct{ *scene.MapsSummary }
	Spelled      struct {
		Subject int
		jobs.Spelled
	}
	ReadingProgress struct{ jobs.Progress }
	MeasureEnded    struct{ Error string }
)

// Measure asks for what the picture needs of the model.
type Measure struct {
	jobs.Measure
	// Text is what is measured.
	Text SubjectText
	// Busy says that the text is still growing.
	Busy bool
}

func (e Measure) Do(_ PageEffects, x EngineEffects) { x.Measure(e) }

// SubjectText is a text for the engine: tokens, or words to be cut into them.
type SubjectText struct {
	Kind         Subject
	ID, Revision int
	Tokens       []Token
	Address      string
	Words        string
	MaxTokens    int
}

// measurement is what Losses and Maps are of.
type measurement struct {
	subject, length int
	// reading is the method that reads the text now, done and total how far it is.
	reading     string
	done, total int64
	// stopped says that the reader ended it before all was read.
	stopped bool
}

func (m ChooseSubject) apply(s *State) []Effect {
	switch m.On {
	case OnBook, OnText:
	case OnSecond:
		if !s.Comparing() {
			return nil
		}
	case OnRead:
		if s.Reading.Words == "" {
			return nil
		}
	default:
		return nil
	}
	s.On = m.On
	s.View.Token, s.View.Key, s.Passage = -1, -1, noPassage
	s.follow()
	s.Spoken = "Measured on " + s.SubjectWords()
	out := append([]Effect{ShowView{}}, s.measure(false)...)
	return append(out, SaveAddress{})
}

// SubjectWords names the text that figures are measured on.
func (s *State) SubjectWords() string {
	if i := s.measuredPane(); i >= 0 {
		return "the text by " + s.Panes[i].Signature()
	}
	if s.On == OnRead {
		return s.Reading.Name
	}
	return assets.Book.Title
}

// measuredPane is the text on screen that figures are measured on, -1 where that is another one.
func (s *State) measuredPane() int {
	switch s.On {
	case OnText:
		return 0
	case OnSecond:
		return 1
	}
	return -1
}

// subjectID names the text that figures are measured on among all texts there ever were, as one model reads it: what another
// model made of the same text never stands beside it.
func (s *State) subjectID() int { return s.idOf(s.On) }

func (s *State) idOf(on Subject) int {
	id := 1
	switch on {
	case OnText:
		id = 2 + 3*s.Panes[0].Epoch
	case OnSecond:
		id = 3 + 3*s.Panes[1].Epoch
	case OnRead:
		id = 4 + 3*s.Reading.Revision
	}
	return s.modelsChosen%128<<24 | id
}

// Subject is the text that the picture speaks of: its number, its revision, how many tokens
// it has, and each of them.
func (s *State) Subject() (id, revision, n int, token func(int) string) {
	if i := s.measuredPane(); i >= 0 {
		d := &s.Panes[i].Document
		return s.subjectID(), d.Revision, len(d.Tokens), func(i int) string { return d.Tokens[i].Text }
	}
	if s.On == OnRead {
		return s.subjectID(), s.Reading.Revision, len(s.Reading.Tokens), func(i int) string { return s.Reading.Tokens[i] }
	}
	n = min(s.Target(), len(s.Book.Tokens))
	return s.subjectID(), n, n, func(i int) string { return s.Book.Tokens[i] }
}

// measuredLength is the length of the text that is measured, in tokens.
func (s *State) measuredLength() int {
	if s.On == OnBook && s.Book.Tokens == nil {
		return s.Target()
	}
	_, _, n, _ := s.Subject()
	return n
}

// subjectText is the text that is measured, as the engine is given it.
func (s *State) subjectText() SubjectText {
	h := SubjectText{Kind: s.On, ID: s.subjectID(), MaxTokens: s.MaxTokens()}
	i := s.measuredPane()
	switch {
	case i >= 0:
		h.Revision, h.Tokens = s.Panes[i].Revision, s.Panes[i].Tokens
	case s.On == OnRead:
		h.Words = s.Reading.Words
	default:
		h.Address = assets.Book.Address
	}
	return h
}

// Compared are the methods that the first look sets side by side: those of the two texts.
func (s *State) Compared() []string {
	out := []string{s.Active}
	if s.Beside != "" && s.Beside != s.Active {
		out = append(out, s.Beside)
	}
	return out
}

// question is what the scene needs to know of the text.
func (s *State) question(coarse bool) jobs.Measure {
	_, revision, n, _ := s.Subject()
	q := jobs.Measure{Subject: s.subjectID(), Revision: revision, FactorRule: s.rule(), Coarse: coarse, GPUAttempt: s.ReadingAttempt()}
	if s.On == OnBook {
		q.Length, q.Revision = s.Target(), s.Target()
		if n > 0 {
			q.Length, q.Revision = n, n
		}
	}
	row, _ := scene.Find(s.Scene)
	if row.Maps {
		q.Maps = []string{s.Active}
		if row.Both {
			q.Maps = s.Compared()
		}
	}
	if row.Loss && !coarse {
		q.Loss = s.Compared()
		if !row.Both || s.On == OnRead {
			for _, m := range s.Shown {
				if !slices.Contains(q.Loss, m) {
					q.Loss = append(q.Loss, m)
				}
			}
		}
	}
	// What t does not change is not asked for twice.
	q.Maps = slices.DeleteFunc(q.Maps, func(m string) bool {
		have := s.Maps[m]
		return s.steady(m) && have != nil && have.Revision == q.Revision && !have.Coarse
	})
	q.Loss = slices.DeleteFunc(q.Loss, func(m string) bool {
		have := s.Losses[m]
		return s.steady(m) && have != nil && have.Revision == q.Revision
	})
	return q
}

// steady reports whether a method reads alike wherever the slider stands: plain RoPE, and
// weights that were tuned at one factor.
func (s *State) steady(method string) bool { return method == JudgeMethod || s.FixedT(method) > 0 }

// measure asks for what the scene shows; coarse asks for a quick answer.
func (s *State) measure(coarse bool) []Effect {
	q := s.question(coarse)
	if len(q.Maps)+len(q.Loss) == 0 {
		return nil
	}
	return s.ask(Measure{Measure: q})
}

// ask asks about the text, and drops what is known of another one.
func (s *State) ask(m Measure) []Effect {
	m.Text = s.subjectText()
	pane := s.measuredPane()
	if !s.Engine.Ready || pane >= 0 && (len(m.Text.Tokens) < 2 || s.foreign(pane) != "") {
		return nil
	}
	if s.measured.subject != m.Subject {
		s.forgetMeasured()
	}
	s.measured.subject, s.measured.length, s.measured.stopped = m.Subject, s.measuredLength(), false
	if m.Busy = pane >= 0 && s.Panes[pane].Phase.Busy(); !m.Busy {
		s.measured.reading = "" // it is ended for this question
	}
	return []Effect{m}
}

// forgetMeasured drops all that was measured.
func (s *State) forgetMeasured() {
	s.measured, s.Passage = measurement{}, noPassage
	s.Losses, s.Maps, s.rereads = map[string]*scene.Loss{}, map[string]*scene.MapsSummary{}, map[string][]float32{}
	s.Answers++
}

// byToken are the losses from the text's first token on, below 0 where there is none.
func byToken(c *scene.Loss) []float32 {
	out := make([]float32, c.From+len(c.NLL))
	for i := range out {
		out[i] = -1
		if k := i - c.From; k >= 0 && c.NLL[k] >= 0 {
			out[i] = c.NLL[k]
		}
	}
	return out
}

func (m LossMeasured) apply(s *State) []Effect {
	if m.Subject != s.subjectID() {
		return nil
	}
	s.Losses[m.Method], s.rereads[m.Method] = m.Loss, byToken(m.Loss)
	s.Answers++
	s.measured.reading = ""
	return []Effect{ShowView{}}
}

func (m MapsMeasured) apply(s *State) []Effect {
	if m.Subject != s.subjectID() {
		return nil
	}
	s.Maps[m.Method] = m.MapsSummary
	s.Answers++
	return nil
}

func (m Spelled) apply(s *State) []Effect {
	var of *Excerpt
	switch m.Subject {
	case s.idOf(OnBook):
		of = &s.Book
	case s.idOf(OnRead):
		of = &s.Reading
	default:
		return nil
	}
	of.Tokens, of.Bytes, of.Of = m.Tokens, m.Bytes, m.Of+of.Rest
	s.follow()
	if of == &s.Reading && of.Bytes < of.Of {
		s.notify(Notice{Key: "reading", Level: Info, Title: "The text is longer than this model reads.",
			Text: "Its first " + Tokens(len(m.Tokens)) + ", " + Percent(float64(of.Bytes)/float64(of.Of)) + " of it, are read; it is cut after “" + ending(m.Tokens) + "”."})
	}
	return []Effect{ShowView{}}
}

// ending are the last words of a text.
func ending(tokens []string) string {
	text := ""
	for i := len(tokens) - 1; i >= 0 && len(text) < 40; i-- {
		text = tokens[i] + text
	}
	return text
}

func (m ReadingProgress) apply(s *State) []Effect {
	if s.measured.stopped {
		return nil // what was on its way when the reader ended it
	}
	s.measured.reading, s.measured.done, s.measured.total = m.Method, m.Done, m.Total
	return nil
}

func (m MeasureEnded) apply(s *State) []Effect {
	s.measured.reading = ""
	if m.Error != "" {
		s.notify(Notice{Key: "measure", Level: Warning, Title: "The picture's numbers could not be computed.", Text: m.Error})
	}
	return nil
}

// ReadingNow says which method reads the text now and how far it is, 0 … 1; "" for none.
func (s *State) ReadingNow() (method string, share float64) {
	m := &s.measured
	if m.reading == "" || m.total == 0 {
		return "", 0
	}
	return m.reading, float64(m.done) / float64(m.total)
}

// MeanLoss is a method's mean loss over positions [from, to) of the text that is measured, in
// nats per token; ok is false where less than enough tokens of it are known.
func (s *State) MeanLoss(method string, from, to, enough int) (mean float64, ok bool) {
	return MeanLoss(s.Losses[method], from, to, enough)
}

// MeanLosses are the mean losses of so many equal pieces of the first n tokens, NaN where a piece has none.
func MeanLosses(c *scene.Loss, n, pieces int) []float64 {
	means := make([]float64, pieces)
	for k := range means {
		means[k], _ = MeanLoss(c, k*n/pieces, (k+1)*n/pieces, 1)
	}
	return means
}

// MeanLoss is the mean of c over positions [from, to).
func MeanLoss(c *scene.Loss, from, to, enough int) (mean float64, ok bool) {
	if c == nil {
		return math.NaN(), false
	}
	n := 0
	for i := max(0, from-c.From); i < len(c.NLL) && c.From+i < to; i++ {
		if v := c.NLL[i]; v == v {
			mean += float64(v)
			n++
		}
	}
	return mean / float64(n), n >= max(1, enough)
}
