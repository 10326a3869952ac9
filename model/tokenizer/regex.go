package tokenizer

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// expression is a regular expression as pre-tokenisers have them, which Go's own package cannot
// run for their look-ahead: alternatives of runs of character classes, with greedy, lazy and possessive
// repeats, groups and look-ahead, as Oniguruma reads them. Alternatives are tried from the left and the first that
// matches counts. What it does not know, look-behind and references above all, is an error.
type expression struct {
	code []instruction
	room *int // see compile
}

type operation uint8

const (
	opSet       operation = iota // a character of set
	opSplit                      // x, and if that fails y
	opJump                       // x
	opLook                       // what follows matches sub; with negative, does not
	opAtomic                     // sub, in the one way that it matches first
	opLineStart                  // ^
	opLineEnd                    // $
	opTextStart                  // \A
	opTextEnd                    // \z
	opMatch
)

type instruction struct {
	op       operation
	set      *runeSet
	x, y     int
	sub      *expression
	negative bool
}

// find returns the leftmost match in s that begins at from or later, or ok false.
func (e *expression) find(s string, from int) (start, end int, ok bool) {
	for start = from; start <= len(s); {
		if end, ok = e.match(s, start); ok && end > start {
			return start, end, true
		}
		if start == len(s) {
			break
		}
		_, n := utf8.DecodeRuneInString(s[start:])
		start += n
	}
	return 0, 0, false
}

type thread struct{ pc, at int }

// patience is after how many steps of one match it is noted which states have failed, so that no
// expression takes longer than its size times the text's; few matches take that many.
const patience = 4096

// match returns where the match that begins at from ends.
func (e *expression) match(s string, from int) (end int, ok bool) {
	var room [32]thread
	stack := append(room[:0], thread{0, from})
	var failed map[thread]struct{}
	for steps := 0; len(stack) > 0; {
		t := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for alive := true; alive; steps++ {
			in := &e.code[t.pc]
			if steps >= patience && in.op == opSplit {
				if failed == nil {
					failed = map[thread]struct{}{}
				}
				if _, known := failed[t]; known {
					break
				}
				failed[t] = struct{}{}
			}
			t.pc++
			switch in.op {
			case opSet:
				r, n := utf8.DecodeRuneInString(s[t.at:])
				if alive = n > 0 && in.set.has(r); alive {
					t.at += n
				}
			case opSplit:
				stack = append(stack, thread{in.y, t.at})
				t.pc = in.x
			case opJump:
				t.pc = in.x
			case opLook:
				_, found := in.sub.match(s, t.at)
				alive = found != in.negative
			case opAtomic:
				t.at, alive = in.sub.match(s, t.at)
			case opLineStart:
				alive = t.at == 0 || s[t.at-1] == '\n'
			case opLineEnd:
				alive = t.at == len(s) || s[t.at] == '\n'
			case opTextStart:
				alive = t.at == 0
			case opTextEnd:
				alive = t.at == len(s)
			case opMatch:
				return t.at, true
			}
		}
	}
	return 0, false
}

// runeSet is a set of runes: ranges and named classes, joined.
type runeSet struct {
	negative bool
	ranges   [][2]rune
	classes  []func(rune) bool
	ascii    [utf8.RuneSelf]bool // the answer, worked out by seal
}

func (s *runeSet) seal() *runeSet {
	for r := range s.ascii {
		s.ascii[r] = s.search(rune(r))
	}
	return s
}

func (s *runeSet) has(r rune) bool {
	if r < utf8.RuneSelf {
		return s.ascii[r]
	}
	return s.search(r)
}

func (s *runeSet) search(r rune) bool {
	for _, x := range s.ranges {
		if r >= x[0] && r <= x[1] {
			return !s.negative
		}
	}
	for _, in := range s.classes {
		if in(r) {
			return !s.negative
		}
	}
	return s.negative
}

// fold adds the other cases of the set's single characters.
func (s *runeSet) fold() {
	for _, x := range s.ranges {
		for r := x[0]; r <= x[1] && x[1]-x[0] < 128; r++ {
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				s.ranges = append(s.ranges, [2]rune{f, f})
			}
		}
	}
}

// isWord is \w: letters, marks, digits and what joins words.
func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.Is(unicode.Nd, r) || unicode.Is(unicode.Nl, r) || unicode.Is(unicode.Pc, r) || r == 0x200c || r == 0x200d
}

func isDigit(r rune) bool { return unicode.Is(unicode.Nd, r) }

func not(in func(rune) bool) func(rune) bool { return func(r rune) bool { return !in(r) } }

// property is \p{name}: a general category or a script.
func property(name string) (func(rune) bool, error) {
	if table, ok := unicode.Categories[name]; ok {
		return func(r rune) bool { return unicode.Is(table, r) }, nil
	}
	if table, ok := unicode.Scripts[name]; ok {
		return func(r rune) bool { return unicode.Is(table, r) }, nil
	}
	if long, ok := map[string]string{"Letter": "L", "Mark": "M", "Number": "N", "Punctuation": "P", "Symbol": "S", "Separator": "Z", "Other": "C"}[name]; ok {
		return property(long)
	}
	return nil, fmt.Errorf("property %q is not known", name)
}
