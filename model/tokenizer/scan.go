package tokenizer

import (
	"unicode"
	"unicode/utf8"
)

// pattern is a pre-tokeniser; see the package comment.
type pattern uint8

const (
	patternGPT2 pattern = iota
	patternDigits
	patternLlama3
	patternQwen2
	// patternNone leaves a text whole.
	patternNone
)

// class of a rune as the patterns see it.
type class uint8

const (
	other  class = iota // [^\s\p{L}\p{N}]
	letter              // \p{L}
	number              // \p{N}
	space               // \s
)

var asciiClass = func() (t [utf8.RuneSelf]class) {
	for r := range t {
		t[r] = classOf(rune(r))
	}
	return t
}()

func classOf(r rune) class {
	switch {
	case unicode.IsLetter(r):
		return letter
	case unicode.IsNumber(r):
		return number
	case unicode.IsSpace(r):
		return space
	}
	return other
}

// at returns the class and size of the rune at s[i:]; an invalid byte is other
// and of size 1. Size 0 means the end of s.
func at(s string, i int) (class, int) {
	if i >= len(s) {
		return other, 0
	}
	if s[i] < utf8.RuneSelf {
		return asciiClass[s[i]], 1
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	if r == utf8.RuneError && n == 1 {
		return other, 1
	}
	return classOf(r), n
}

// run returns the end of the run of class c that starts at s[i:].
func run(s string, i int, c class) int {
	for {
		k, n := at(s, i)
		if n == 0 || k != c {
			return i
		}
		i += n
	}
}

// word returns the length of the first pre-token of s, at least 1 if s is not empty.
func (p pattern) word(s string) int {
	if p == patternNone {
		return len(s)
	}
	if p == patternLlama3 || p == patternQwen2 {
		return p.wordLlama(s)
	}
	if n := contraction(s, false); n > 0 {
		return n
	}
	c, n := at(s, 0)
	if p == patternDigits && c == number {
		return n
	}
	if c != space {
		return run(s, n, c)
	}
	// " ?" of the three middle alternatives.
	if s[0] == ' ' {
		next, m := at(s, 1)
		if m > 0 && next != space && (p != patternDigits || next != number) {
			return run(s, 1+m, next)
		}
	}
	return p.spaces(s)
}

func (p pattern) wordLlama(s string) int {
	if n := contraction(s, true); n > 0 {
		return n
	}
	c, n := at(s, 0)
	if c == letter {
		return run(s, n, letter)
	}
	newline := s[0] == '\n' || s[0] == '\r'
	next, m := at(s, n)
	if c != number && !newline && m > 0 && next == letter {
		return run(s, n+m, letter)
	}
	switch c {
	case number:
		for k := 1; k < 3 && p == patternLlama3; k++ {
			c, m := at(s, n)
			if m == 0 || c != number {
				break
			}
			n += m
		}
		return n
	case space:
		if s[0] == ' ' && m > 0 && next == other {
			return newlines(s, run(s, 1+m, other))
		}
		end := run(s, 0, space)
		for i := end; i > 0; i-- {
			if s[i-1] == '\n' || s[i-1] == '\r' {
				return i
			}
		}
		return p.spaces(s)
	}
	return newlines(s, run(s, n, other))
}

// spaces is \s+(?!\S)|\s+: a run of spaces without its last rune if something
// other than a space follows.
func (p pattern) spaces(s string) int {
	last, i := 0, 0
	for {
		c, n := at(s, i)
		if n == 0 || p == patternDigits && c == number {
			return i
		}
		if c != space {
			if last == 0 {
				return i
			}
			return last
		}
		last = i
		i += n
	}
}

func newlines(s string, i int) int {
	for i < len(s) && (s[i] == '\n' || s[i] == '\r') {
		i++
	}
	return i
}

// contraction is the length of 's, 't, 're, 've, 'm, 'll or 'd at the start of s, or 0.
func contraction(s string, fold bool) int {
	if len(s) < 2 || s[0] != '\'' {
		return 0
	}
	lower := func(i int) byte {
		if i >= len(s) {
			return 0
		}
		c := s[i]
		if fold && c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		return c
	}
	switch a, b := lower(1), lower(2); {
	case a == 's' || a == 't' || a == 'm' || a == 'd':
		return 2
	case a == 'r' && b == 'e', a == 'v' && b == 'e', a == 'l' && b == 'l':
		return 3
	case fold && len(s) >= 3 && s[1:3] == "ſ": // folds to s
		return 3
	}
	return 0
}
