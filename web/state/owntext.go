package state

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"clexlab/assets"
)

// LearnFrom gives the training a text of the reader's own, "" for the tales that ship. Of a file, Name is its name, Size its
// length in bytes, of which Text may be the beginning, and Error says why it could not be read.
type LearnFrom struct {
	Name, Text string
	Size       int64
	Error      string
}

// MostLearnt is how much of a text is learnt from, in bytes: more than the longest training reads once would only be kept.
const MostLearnt = 2 << 20

func (m LearnFrom) apply(s *State) []Effect {
	t := &s.Training
	t.TextError = ""
	refuse := func(why string) []Effect {
		t.TextError = why
		s.Spoken = why
		return nil
	}
	if t.Job != 0 {
		return refuse("The text stays while a training runs. Stop it, then bring another.")
	}
	if m.Error != "" {
		return refuse(named(m.Name) + " could not be read: " + m.Error + ".")
	}
	text := cleaned(m.Text)
	if m.Name != "" {
		switch {
		case strings.TrimSpace(text) == "":
			return refuse(named(m.Name) + " is empty.")
		case !readable(text):
			return refuse(named(m.Name) + " is no text in UTF-8, which is what can be learnt from: save it as one, or bring another file.")
		}
	}
	t.TextSaid = ""
	size := max(m.Size, int64(len(text)))
	if len(text) > MostLearnt || int64(len(m.Text)) < m.Size {
		text = upTo(text, MostLearnt)
		t.TextSaid = fmt.Sprintf("It has %s; learnt from are the first %s, up to “… %s”.", Bytes(size), Bytes(int64(len(text))), lastWords(text, 5))
	}
	t.Choice.Text, t.Choice.TextName = text, m.Name
	s.Spoken = "The training learns from " + t.Choice.TextWords()
	return nil
}

// named is a file as sentences name it.
func named(name string) string { return "“" + Middle(name, 40) + "”" }

// TextWords names the text that is learnt from.
func (c *TrainingChoice) TextWords() string {
	switch {
	case c.Text == "":
		return "the tales that ship"
	case c.TextName == "":
		return "a text that was pasted"
	}
	return named(c.TextName)
}

// source is what the text is called where the result goes.
func (c *TrainingChoice) source() string {
	switch {
	case c.Text == "":
		return fmt.Sprintf("%s by %s (%s)", assets.Lesson.Title, assets.Lesson.Author, assets.Lesson.Source)
	case c.TextName == "":
		return "a text that was pasted, of " + Bytes(int64(len(c.Text)))
	}
	return c.TextWords() + ", a text of the maker's own, of " + Bytes(int64(len(c.Text)))
}

// maker is who trains.
func maker(version string) string {
	if version == "" {
		return "clexlab's page"
	}
	return "clexlab's page, build " + version
}

// cleaned is a text as models are given it: valid UTF-8, lines that end in \n, without a byte order mark.
func cleaned(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(strings.TrimPrefix(text, "\uFEFF"), "\uFFFD"), "\r\n", "\n")
}

// readable tells a text from other files: no NUL, and few signs that are no writing or were none in UTF-8.
func readable(text string) bool {
	odd, n := 0, 0
	for _, r := range text {
		if r == 0 {
			return false
		}
		if n++; r == utf8.RuneError || unicode.IsControl(r) && !unicode.IsSpace(r) {
			odd++
		}
	}
	return odd*50 <= n
}

// upTo is the text's beginning of at most n bytes, to the end of a word where there is one among its last thousand. A text that
// is itself a beginning may end in half a sign.
func upTo(text string, n int) string {
	if n = min(n, len(text)); n < len(text) {
		for n > 0 && !utf8.RuneStart(text[n]) {
			n--
		}
	}
	text = strings.TrimRight(text[:n], "\uFFFD")
	if at := strings.LastIndexFunc(text, unicode.IsSpace); at > max(0, len(text)-1000) {
		text = text[:at]
	}
	return strings.TrimRightFunc(text, unicode.IsSpace)
}

// lastWords are the last n words of a text, of a length that can be shown.
func lastWords(text string, n int) string {
	if len(text) > 400 {
		text = strings.ToValidUTF8(text[len(text)-400:], "")
	}
	words := strings.Fields(text)
	return Middle(strings.Join(words[max(0, len(words)-n):], " "), 60)
}
