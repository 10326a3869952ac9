package tokenizer

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxContent is the most bytes that a step may put in place of something: files have one character.
const maxContent = 64

// parseNormalizer makes the steps that a text goes through before it is cut into words.
func (t *Tokenizer) parseNormalizer(doc *document) error {
	steps, err := doc.Normalizer.flatten("normalizer", 0)
	if err != nil {
		return err
	}
	for _, s := range steps {
		step, err := s.normalizer()
		if err != nil {
			return fmt.Errorf("normalizer%w", err)
		}
		t.normalizers = append(t.normalizers, step)
	}
	t.parts.normalizer = doc.Normalizer
	return nil
}

// normalize takes a piece of text between added tokens through all the steps.
func (t *Tokenizer) normalize(text string) string {
	for _, step := range t.normalizers {
		text = step(text)
	}
	return text
}

func (c *component) normalizer() (func(string) string, error) {
	switch c.Type {
	case "NFC":
		return norm.NFC.String, nil
	case "NFD":
		return norm.NFD.String, nil
	case "NFKC":
		return norm.NFKC.String, nil
	case "NFKD":
		return norm.NFKD.String, nil
	case "Lowercase":
		// One character by another, as the reference has it: no final sigma, and a dot for İ.
		return func(s string) string {
			return strings.ReplaceAll(strings.ToLower(strings.ReplaceAll(s, "İ", "i\u0307")), "\u0130", "i\u0307")
		}, nil
	case "StripAccents":
		return func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.Is(unicode.Mn, r) {
					return -1
				}
				return r
			}, s)
		}, nil
	case "Strip":
		left, right := or(c.StripLeft, true), or(c.StripRight, true)
		return func(s string) string {
			if left {
				s = strings.TrimLeftFunc(s, unicode.IsSpace)
			}
			if right {
				s = strings.TrimRightFunc(s, unicode.IsSpace)
			}
			return s
		}, nil
	case "Prepend":
		prefix := or(c.Prepend, "")
		if prefix == "" || len(prefix) > maxContent {
			return nil, fmt.Errorf(".prepend %q: want 1 … %d bytes", prefix, maxContent)
		}
		return func(s string) string {
			if s == "" {
				return s
			}
			return prefix + s
		}, nil
	case "Replace":
		find, err := c.Pattern.finder()
		if err != nil {
			return nil, err
		}
		content := or(c.Content, "")
		if c.Content == nil || len(content) > maxContent {
			return nil, fmt.Errorf(".content %q: want at most %d bytes", content, maxContent)
		}
		return func(s string) string { return replace(s, find, content) }, nil
	}
	return nil, fmt.Errorf(".type %q: only NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Prepend and Replace are understood", c.Type)
}

// finder returns what finds a pattern in s from an offset on.
type finder func(s string, from int) (start, end int, ok bool)

func (p *splitPattern) finder() (finder, error) {
	switch {
	case p == nil || (p.String == nil) == (p.Regex == nil):
		return nil, fmt.Errorf(".pattern: want a String or a Regex")
	case p.Regex != nil:
		e, err := parseExpression(*p.Regex)
		if err != nil {
			return nil, fmt.Errorf(".pattern.Regex %q: %w", *p.Regex, err)
		}
		return e.find, nil
	case *p.String == "":
		return nil, fmt.Errorf(".pattern.String: empty")
	}
	literal := *p.String
	return func(s string, from int) (int, int, bool) {
		at := strings.Index(s[from:], literal)
		return from + at, from + at + len(literal), at >= 0
	}, nil
}

// replace puts content in place of all that find finds.
func replace(s string, find finder, content string) string {
	var b strings.Builder
	at := 0
	for at < len(s) {
		start, end, ok := find(s, at)
		if !ok {
			break
		}
		b.WriteString(s[at:start])
		b.WriteString(content)
		at = end
	}
	if at == 0 {
		return s
	}
	b.WriteString(s[at:])
	return b.String()
}
