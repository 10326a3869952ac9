package tokenizer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// piece is a part of a text on its way to words. first says that it begins where the text does.
type piece struct {
	text  string
	first bool
}

// splitStep is a pre-tokeniser: it appends what becomes of one piece.
type splitStep func(dst []piece, p piece) []piece

// The regular expressions of the patterns that have scanners, as files spell them.
const (
	regexGPT2   = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	regexLlama3 = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	regexQwen2  = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

var scanned = map[string]pattern{regexGPT2: patternGPT2, regexLlama3: patternLlama3, regexQwen2: patternQwen2}

// parsePreTokenizer makes the steps that cut a text into words: a scanner where one of the
// patterns in use is all there is, general steps otherwise.
func (t *Tokenizer) parsePreTokenizer(doc *document) error {
	steps, err := doc.PreTokenizer.flatten("pre_tokenizer", 0)
	if err != nil {
		return err
	}
	t.parts.preTokenizer = doc.PreTokenizer
	at := slices.IndexFunc(steps, func(s *component) bool { return s.Type == "ByteLevel" })
	t.byteLevel = at >= 0
	if t.byteLevel && at != len(steps)-1 {
		return fmt.Errorf("pre_tokenizer: %s after ByteLevel is not understood", steps[at+1].Type)
	}
	if p, ok := scannerOf(steps); ok {
		t.pattern = p
		return nil
	}
	t.pattern = patternNone
	for _, s := range steps {
		step, err := s.splitStep()
		if err != nil {
			return fmt.Errorf("pre_tokenizer%w", err)
		}
		t.steps = append(t.steps, step)
	}
	return nil
}

// scannerOf is the scanner that does what steps do, if there is one.
func scannerOf(steps []*component) (pattern, bool) {
	if len(steps) == 0 || len(steps) > 2 {
		return patternNone, len(steps) == 0
	}
	last := steps[len(steps)-1]
	if last.Type != "ByteLevel" || or(last.AddPrefixSpace, true) {
		return patternNone, false
	}
	regex := or(last.UseRegex, true)
	first := steps[0]
	switch {
	case len(steps) == 1 && regex:
		return patternGPT2, true
	case len(steps) == 1:
		return patternNone, true
	case first.Type == "Digits" && regex && or(first.IndividualDigits, false):
		return patternDigits, true
	case first.Type == "Split" && !regex && first.Behavior == "Isolated" && !or(first.Invert, false) && first.Pattern != nil && first.Pattern.Regex != nil:
		p, ok := scanned[*first.Pattern.Regex]
		return p, ok
	}
	return patternNone, false
}

func (c *component) splitStep() (splitStep, error) {
	runes := func(in func(rune) bool) finder {
		return func(s string, from int) (int, int, bool) {
			at := strings.IndexFunc(s[from:], in)
			if at < 0 {
				return 0, 0, false
			}
			_, n := utf8.DecodeRuneInString(s[from+at:])
			return from + at, from + at + n, true
		}
	}
	switch c.Type {
	case "ByteLevel":
		return byteLevelStep(or(c.AddPrefixSpace, true), or(c.UseRegex, true)), nil
	case "Digits":
		if or(c.IndividualDigits, false) {
			return divide(runes(unicode.IsNumber), "Isolated", false)
		}
		return divide(runes(unicode.IsNumber), "Contiguous", false)
	case "Punctuation":
		behavior := c.Behavior
		if behavior == "" {
			behavior = "Isolated"
		}
		return divide(runes(func(r rune) bool { return unicode.IsPunct(r) || r < utf8.RuneSelf && unicode.IsSymbol(r) }), behavior, false)
	case "WhitespaceSplit":
		return divide(runes(unicode.IsSpace), "Removed", false)
	case "Whitespace":
		e, err := parseExpression(`\w+|[^\w\s]+`)
		if err != nil {
			return nil, err
		}
		return divide(e.find, "Removed", true)
	case "Split":
		find, err := c.Pattern.finder()
		if err != nil {
			return nil, err
		}
		return divide(find, c.Behavior, or(c.Invert, false))
	case "Metaspace":
		return c.metaspace()
	}
	return nil, fmt.Errorf(".type %q: only ByteLevel, Digits, Metaspace, Punctuation, Split, Whitespace and WhitespaceSplit are understood", c.Type)
}

// byteLevelStep is the cutting part of ByteLevel; that words are bytes is the model's part.
func byteLevelStep(prefixSpace, regex bool) splitStep {
	return func(dst []piece, p piece) []piece {
		if prefixSpace && !strings.HasPrefix(p.text, " ") {
			p.text = " " + p.text
		}
		if !regex {
			return append(dst, p)
		}
		for len(p.text) > 0 {
			n := patternGPT2.word(p.text)
			dst = append(dst, piece{p.text[:n], p.first})
			p = piece{p.text[n:], false}
		}
		return dst
	}
}

// metaspace writes spaces as a character of their own, puts one in front and cuts before each.
func (c *component) metaspace() (splitStep, error) {
	mark := or(c.Replacement, "▁")
	if utf8.RuneCountInString(mark) != 1 {
		return nil, fmt.Errorf(".replacement %q: want one character", mark)
	}
	scheme := or(c.PrependScheme, "always")
	if c.PrependScheme == nil && !or(c.AddPrefixSpace, true) {
		scheme = "never"
	}
	if !slices.Contains([]string{"always", "first", "never"}, scheme) {
		return nil, fmt.Errorf(".prepend_scheme %q: only always, first and never are understood", scheme)
	}
	split, err := divide(func(s string, from int) (int, int, bool) {
		at := strings.Index(s[from:], mark)
		return from + at, from + at + len(mark), at >= 0
	}, "MergedWithNext", false)
	if err != nil {
		return nil, err
	}
	return func(dst []piece, p piece) []piece {
		p.text = strings.ReplaceAll(p.text, " ", mark)
		if (scheme == "always" || scheme == "first" && p.first) && !strings.HasPrefix(p.text, mark) {
			p.text = mark + p.text
		}
		if !or(c.Split, true) {
			return append(dst, p)
		}
		return split(dst, p)
	}, nil
}

// divide cuts pieces by what find finds; invert exchanges what is found and what lies between. What
// becomes of what is found is the behaviour.
func divide(find finder, behavior string, invert bool) (splitStep, error) {
	if !slices.Contains([]string{"Removed", "Isolated", "Contiguous", "MergedWithPrevious", "MergedWithNext"}, behavior) {
		return nil, fmt.Errorf(".behavior %q: only Removed, Isolated, Contiguous, MergedWithPrevious and MergedWithNext are understood", behavior)
	}
	type part struct {
		from, to int
		found    bool
	}
	return func(dst []piece, p piece) []piece {
		var room [64]part
		parts := room[:0]
		s := p.text
		for at := 0; at < len(s); {
			start, end, ok := find(s, at)
			if !ok {
				start, end = len(s), len(s)
			}
			if at < start {
				parts = append(parts, part{at, start, invert})
			}
			if start < end {
				parts = append(parts, part{start, end, !invert})
			}
			at = end
		}
		merged := func(i int) bool { // part i with the one before it
			now, before := parts[i].found, parts[i-1].found
			switch behavior {
			case "Contiguous":
				return now == before
			case "MergedWithPrevious":
				return now && !before
			case "MergedWithNext":
				return before && !now
			}
			return false
		}
		for i := 0; i < len(parts); i++ {
			from, to, found := parts[i].from, parts[i].to, parts[i].found
			for i+1 < len(parts) && merged(i+1) {
				i++
				to = parts[i].to
				if behavior == "MergedWithNext" {
					break
				}
			}
			if behavior == "Removed" && found {
				continue
			}
			dst = append(dst, piece{s[from:to], p.first && from == 0})
		}
		return dst
	}, nil
}
