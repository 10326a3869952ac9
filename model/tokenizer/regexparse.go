package tokenizer

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of an expression, many times what files in use have.
const (
	maxExpression = 1 << 13 // bytes
	maxCode       = 1 << 12 // steps
	maxGroups     = 64      // that nest
	maxRepeat     = 256
)

// node is a part of an expression.
type node struct {
	kind     nodeKind
	set      *runeSet
	parts    []*node // of a sequence, of a choice; the one of all others
	from, to int     // of a repeat; to -1 has no end
	lazy     bool
	negative bool
	op       operation // of an anchor
}

type nodeKind uint8

const (
	nodeSet nodeKind = iota
	nodeSequence
	nodeChoice
	nodeRepeat
	nodeLook
	nodeAtomic
	nodeAnchor
)

// parseExpression compiles a regular expression; see expression.
func parseExpression(text string) (*expression, error) {
	if len(text) > maxExpression || !utf8.ValidString(text) {
		return nil, fmt.Errorf("an expression of %d bytes: must be at most %d, and UTF-8", len(text), maxExpression)
	}
	p := expressionParser{rest: text}
	n, err := p.choice(0)
	if err == nil && p.rest != "" {
		err = fmt.Errorf("%q closes nothing", p.rest[:1])
	}
	if err != nil {
		return nil, err
	}
	room := maxCode
	return compile(n, &room)
}

type expressionParser struct {
	rest string
	fold bool
}

// take reads what the rest begins with.
func (p *expressionParser) take(prefix string) bool {
	rest, ok := strings.CutPrefix(p.rest, prefix)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *expressionParser) rune() rune {
	r, n := utf8.DecodeRuneInString(p.rest)
	p.rest = p.rest[n:]
	return r
}

func (p *expressionParser) choice(depth int) (*node, error) {
	if depth > maxGroups {
		return nil, fmt.Errorf("groups nest more than %d deep", maxGroups)
	}
	c := &node{kind: nodeChoice}
	for {
		s, err := p.sequence(depth)
		if err != nil {
			return nil, err
		}
		c.parts = append(c.parts, s)
		if !p.take("|") {
			break
		}
	}
	if len(c.parts) == 1 {
		return c.parts[0], nil
	}
	return c, nil
}

func (p *expressionParser) sequence(depth int) (*node, error) {
	s := &node{kind: nodeSequence}
	fold := p.fold
	defer func() { p.fold = fold }()
	for p.rest != "" && p.rest[0] != '|' && p.rest[0] != ')' {
		if p.take("(?i)") {
			// It holds to the end of the group, alternatives included.
			p.fold = true
			rest, err := p.choice(depth + 1)
			if err != nil {
				return nil, err
			}
			s.parts = append(s.parts, rest)
			break
		}
		a, err := p.atom(depth)
		if err != nil {
			return nil, err
		}
		if a, err = p.repeat(a); err != nil {
			return nil, err
		}
		s.parts = append(s.parts, a)
	}
	return s, nil
}

func (p *expressionParser) atom(depth int) (*node, error) {
	switch {
	case p.rest[0] == '(':
		return p.group(depth)
	case p.rest[0] == '[':
		p.rest = p.rest[1:]
		set, err := p.class()
		return &node{kind: nodeSet, set: set}, err
	case p.take("^"):
		return &node{kind: nodeAnchor, op: opLineStart}, nil
	case p.take("$"):
		return &node{kind: nodeAnchor, op: opLineEnd}, nil
	case p.take(`\A`):
		return &node{kind: nodeAnchor, op: opTextStart}, nil
	case p.take(`\z`):
		return &node{kind: nodeAnchor, op: opTextEnd}, nil
	case p.take("."):
		return &node{kind: nodeSet, set: (&runeSet{negative: true, ranges: [][2]rune{{'\n', '\n'}}}).seal()}, nil
	case strings.ContainsRune("*+?", rune(p.rest[0])):
		return nil, fmt.Errorf("%q repeats nothing", p.rest[:1])
	}
	set := &runeSet{}
	if err := p.member(set); err != nil {
		return nil, err
	}
	if p.fold {
		set.fold()
	}
	return &node{kind: nodeSet, set: set.seal()}, nil
}

func (p *expressionParser) group(depth int) (*node, error) {
	fold := p.fold
	defer func() { p.fold = fold }()
	wrap := &node{}
	switch {
	case p.take("(?:"):
	case p.take("(?i:"):
		p.fold = true
	case p.take("(?="):
		wrap.kind = nodeLook
	case p.take("(?!"):
		wrap.kind, wrap.negative = nodeLook, true
	case p.take("(?>"):
		wrap.kind = nodeAtomic
	case strings.HasPrefix(p.rest, "(?"):
		return nil, fmt.Errorf("the group %.4q is not understood", p.rest)
	default:
		p.rest = p.rest[1:]
	}
	inner, err := p.choice(depth + 1)
	if err != nil {
		return nil, err
	}
	if !p.take(")") {
		return nil, fmt.Errorf("a group is not closed")
	}
	if wrap.kind == nodeSet {
		return inner, nil
	}
	wrap.parts = []*node{inner}
	return wrap, nil
}

// repeat reads the repeats behind an atom.
func (p *expressionParser) repeat(a *node) (*node, error) {
	for p.rest != "" {
		r, counted := &node{kind: nodeRepeat, parts: []*node{a}, to: -1}, false
		switch {
		case p.take("*"):
		case p.take("+"):
			r.from = 1
		case p.take("?"):
			r.to = 1
		case p.rest[0] == '{':
			counts, rest, ok := strings.Cut(p.rest[1:], "}")
			low, high, between := strings.Cut(counts, ",")
			if !between {
				high = low
			}
			var errs [2]error
			if r.from, errs[0] = strconv.Atoi(low); low == "" && between && high != "" {
				errs[0] = nil
			}
			if high != "" || !between {
				r.to, errs[1] = strconv.Atoi(high)
			}
			if !ok || errs[0] != nil || errs[1] != nil {
				return nil, fmt.Errorf("the repeat %.8q is not understood", p.rest)
			}
			if r.from < 0 || r.from > maxRepeat || r.to > maxRepeat || r.to >= 0 && r.to < r.from {
				return nil, fmt.Errorf("repeats %d to %d times: want at most %d, in order", r.from, r.to, maxRepeat)
			}
			p.rest, counted = rest, true
		default:
			return a, nil
		}
		if a.kind == nodeAnchor || a.kind == nodeLook || r.to != 1 && a.nullable() {
			return nil, fmt.Errorf("a repeat of what may be empty")
		}
		a = r
		switch {
		// Behind a count a plus repeats once more, and a question mark behind a fixed one makes it optional.
		case counted && (strings.HasPrefix(p.rest, "+") || r.from == r.to):
		case p.take("?"):
			r.lazy = true
		case p.take("+"):
			a = &node{kind: nodeAtomic, parts: []*node{r}}
		}
	}
	return a, nil
}

// class reads a bracketed class behind its bracket.
func (p *expressionParser) class() (*runeSet, error) {
	set := &runeSet{negative: p.take("^")}
	for first := true; ; first = false {
		switch {
		case p.rest == "":
			return nil, fmt.Errorf("a class is not closed")
		case !first && p.take("]"):
			if p.fold {
				set.fold()
			}
			return set.seal(), nil
		case strings.HasPrefix(p.rest, "&&"):
			return nil, fmt.Errorf("intersections of classes are not understood")
		case p.rest[0] == '[':
			if strings.HasPrefix(p.rest, "[:") {
				return nil, fmt.Errorf("the class %.8q is not understood", p.rest)
			}
			p.rest = p.rest[1:]
			inner, err := p.class()
			if err != nil {
				return nil, err
			}
			set.classes = append(set.classes, inner.has)
			continue
		}
		if err := p.member(set); err != nil {
			return nil, err
		}
		// A range has the character just read as its lower end.
		if len(p.rest) > 1 && p.rest[0] == '-' && p.rest[1] != ']' && len(set.ranges) > 0 && !p.atClass(1) {
			low := &set.ranges[len(set.ranges)-1]
			p.rest = p.rest[1:]
			high := &runeSet{}
			if err := p.member(high); err != nil {
				return nil, err
			}
			if len(high.ranges) != 1 || high.ranges[0][0] < low[0] {
				return nil, fmt.Errorf("a range of characters that is none")
			}
			low[1] = high.ranges[0][0]
		}
	}
}

// atClass tells whether an escape for several characters stands at an offset.
func (p *expressionParser) atClass(at int) bool {
	return len(p.rest) > at+1 && p.rest[at] == '\\' && strings.ContainsRune("sSdDwWpP", rune(p.rest[at+1]))
}

// member reads one character, or an escape for several, into set.
func (p *expressionParser) member(set *runeSet) error {
	one := func(r rune) error {
		set.ranges = append(set.ranges, [2]rune{r, r})
		return nil
	}
	r := p.rune()
	if r != '\\' {
		return one(r)
	}
	if p.rest == "" {
		return fmt.Errorf("ends in a backslash")
	}
	classes := map[rune]func(rune) bool{'s': unicode.IsSpace, 'S': not(unicode.IsSpace), 'd': isDigit, 'D': not(isDigit), 'w': isWord, 'W': not(isWord)}
	switch r = p.rune(); r {
	case 's', 'S', 'd', 'D', 'w', 'W':
		set.classes = append(set.classes, classes[r])
		return nil
	case 'p', 'P':
		name, rest, ok := strings.Cut(p.rest, "}")
		if !ok || !strings.HasPrefix(name, "{") {
			name, rest = "{"+p.rest[:min(1, len(p.rest))], p.rest[min(1, len(p.rest)):]
		}
		p.rest = rest
		name, inverse := strings.CutPrefix(name[1:], "^")
		in, err := property(name)
		if err != nil {
			return err
		}
		if inverse != (r == 'P') {
			in = not(in)
		}
		set.classes = append(set.classes, in)
		return nil
	case 'x', 'u':
		digits, rest := "", ""
		if braced, behind, ok := strings.Cut(p.rest, "}"); ok && strings.HasPrefix(braced, "{") {
			digits, rest = braced[1:], behind
		} else if n := map[rune]int{'x': 2, 'u': 4}[r]; len(p.rest) >= n {
			digits, rest = p.rest[:n], p.rest[n:]
		}
		code, err := strconv.ParseUint(digits, 16, 21)
		if err != nil || code > unicode.MaxRune {
			return fmt.Errorf("the escape \\%c%.8s is no character", r, p.rest)
		}
		p.rest = rest
		return one(rune(code))
	}
	if at := strings.IndexRune("nrtfv0ae", r); at >= 0 {
		return one([]rune("\n\r\t\f\v\x00\a\x1b")[at])
	}
	if unicode.IsLetter(r) || unicode.IsDigit(r) {
		return fmt.Errorf("the escape \\%c is not understood", r)
	}
	return one(r)
}
