package state

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"clexlab/viz/scene"
)

// ReadText has every method drawn read a text that the reader brought, the beginning of a file of which Rest bytes more were
// left out; StopReading ends what is being measured and keeps what has come.
type (
	ReadText struct {
		Name, Text string
		Rest       int
	}
	StopReading struct{}
)

// StopMeasuring ends the measurement that is under way.
type StopMeasuring struct{}

func (StopMeasuring) Do(_ PageEffects, x EngineEffects) { x.StopMeasuring() }

// pasted is what a text without a file is called.
const pasted = "the text you brought"

func (m ReadText) apply(s *State) []Effect {
	text, name := cleaned(m.Text), pasted
	refuse := func(title, why string) []Effect {
		s.notify(Notice{Key: "reading", Level: Info, Title: title, Text: why})
		return nil
	}
	switch {
	case m.Name != "" && !readable(text):
		return refuse("That file could not be read.", named(m.Name)+" is no text in UTF-8: save it as one, or bring another file.")
	case m.Name != "" && tooShort(text):
		return refuse("There is nothing to read.", named(m.Name)+" holds less than a few words.")
	case tooShort(text):
		return refuse("There is nothing to read.", "Paste a text of a few words at least, or drop a .txt or .md file.")
	case m.Name != "":
		name = named(m.Name)
	}
	s.dismiss("reading")
	s.Reading = Excerpt{Name: name, Words: text, Rest: m.Rest, Revision: s.Reading.Revision + 1}
	s.On, s.Scene = OnRead, scene.Losses
	s.forgetMeasured()
	s.measured.subject = s.subjectID()
	s.open(ReadPanel)
	s.Spoken = "Reading " + name
	out := append([]Effect{ShowView{}}, s.measure(false)...)
	return append(out, SaveAddress{})
}

// leastLetters is how long a text is read that has no space in it, as in scripts that write words without any.
const leastLetters = 16

// tooShort reports whether a text has neither two words nor the letters of some.
func tooShort(text string) bool {
	words := strings.Fields(text)
	return len(words) == 0 || len(words) == 1 && utf8.RuneCountInString(words[0]) < leastLetters
}

func (StopReading) apply(s *State) []Effect {
	s.measured.reading, s.measured.stopped = "", true
	s.Spoken = "Reading stopped"
	return []Effect{StopMeasuring{}}
}

// ReadingStopped says that the reader ended the last reading before every method had read the text.
func (s *State) ReadingStopped() bool { return s.measured.stopped }

// Stretch is a run of positions, [From, To), by what it is to the trained window.
type Stretch struct {
	Label    string
	From, To int
}

// Stretches cut a text of n tokens into the trained window and its doublings.
func Stretches(n, window int) []Stretch {
	out := []Stretch{{"within the window", 0, min(n, window)}}
	for from, k := window, 1; from < n; from, k = 2*from, 2*k {
		out = append(out, Stretch{fmt.Sprintf("%d× to %d×", k, 2*k), from, min(n, 2*from)})
	}
	return out
}

// block is over how many tokens losses are averaged before their spread is looked at: those of
// neighbours go together, those of blocks hardly do.
const block = 64

// leastBlocks is how many blocks an interval needs.
const leastBlocks = 4

// Paired is by how much the loss a differs from b on the same tokens, on average in
// nats, with half the width of its 95 % interval; half is NaN where there are too few tokens for one.
func Paired(a, b *scene.Loss, from, to int) (mean, half float64, ok bool) {
	if a == nil || b == nil || a.Subject != b.Subject {
		return 0, 0, false
	}
	var sums []float64
	total, n := 0.0, 0
	sum, in := 0.0, 0
	for at := max(from, a.From, b.From); at < min(to, a.From+len(a.NLL), b.From+len(b.NLL)); at++ {
		d := float64(a.NLL[at-a.From]) - float64(b.NLL[at-b.From])
		if math.IsNaN(d) {
			continue
		}
		total, n = total+d, n+1
		if sum, in = sum+d, in+1; in == block {
			sums = append(sums, sum/block)
			sum, in = 0, 0
		}
	}
	if n == 0 {
		return 0, 0, false
	}
	mean = total / float64(n)
	if len(sums) < leastBlocks {
		return mean, math.NaN(), true
	}
	middle, spread := 0.0, 0.0
	for _, v := range sums {
		middle += v / float64(len(sums))
	}
	for _, v := range sums {
		spread += (v - middle) * (v - middle)
	}
	spread = math.Sqrt(spread / float64(len(sums)-1))
	return mean, student(len(sums)-1) * spread / math.Sqrt(float64(len(sums))), true
}

// student is the 97.5 % quantile of Student's t distribution, good to three hundredths from 3 degrees
// of freedom on (Cornish–Fisher's expansion around the normal's).
func student(freedom int) float64 {
	const z = 1.959964
	n := float64(freedom)
	z3, z5, z7 := z*z*z, z*z*z*z*z, z*z*z*z*z*z*z
	return z + (z3+z)/(4*n) + (5*z5+16*z3+3*z)/(96*n*n) + (3*z7+19*z5+17*z3-15*z)/(384*n*n*n)
}
