package model

import "strings"

// stopText finds stop strings in text that arrives in pieces.
type stopText struct {
	// held is the end of the text so far that may begin a stop string.
	held string
}

// add takes more text in. It returns what is certain not to belong to a stop
// string; found says that one follows it.
func (s *stopText) add(more string, stops []string) (certain string, found bool) {
	text := s.held + more
	end := -1
	for _, stop := range stops {
		if at := strings.Index(text, stop); at >= 0 && (end < 0 || at < end) {
			end = at
		}
	}
	if end >= 0 {
		s.held = ""
		return text[:end], true
	}
	hold := 0
	for _, stop := range stops {
		for n := min(len(stop)-1, len(text)); n > hold; n-- {
			if strings.HasSuffix(text, stop[:n]) {
				hold = n
			}
		}
	}
	s.held = text[len(text)-hold:]
	return text[:len(text)-hold], false
}
