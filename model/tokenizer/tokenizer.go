package tokenizer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxVocab is the largest vocabulary that [Train] makes.
const MaxVocab = 1 << 18

// Tokenizer is a BPE vocabulary with the steps around it. It is immutable: any number of
// goroutines may use one.
type Tokenizer struct {
	spellings []string // of every id, as the file has it; "" where ids have a gap
	tokens    [][]byte // the bytes of every id, nil in gaps
	inVocab   []bool   // whether an id is the model's; others are only added
	ids       map[string]int32
	merges    []pair // by rank
	table     mergeTable

	// byteLevel says that words are bytes to the model, characters otherwise.
	byteLevel    bool
	bytes        [256]int32       // the id of each single byte, -1 if it has none
	vocab        map[string]int32 // by spelling, where words are characters
	byteFallback bool             // a character without id is its bytes
	unk          int32            // what has no id becomes, -1 for nothing
	fuseUnk      bool             // several in a row are one
	wholeWords   bool             // ignore_merges: a word that is a token is that token

	normalizers []func(string) string
	pattern     pattern // cuts words, where steps is nil
	steps       []splitStep
	decoding    decoding
	added       []Added // by id
	// matches are indices into added by first byte, the longest first: of tokens looked for
	// before normalisation, and after it.
	matches [2][256][]match
	prefix  []int32
	suffix  []int32
	// parts are the components as the file has them.
	parts struct{ normalizer, preTokenizer, postProcessor, decoder *component }
}

// match is how an added token looks in a text.
type match struct {
	content string
	added   int
}

// Added is a token that is matched in the text before anything else.
type Added struct {
	ID      int32
	Content string
	// Special marks control tokens such as <|endoftext|>, which readers usually hide.
	Special bool
	// Normalized tokens are looked for after normalisation, others before, in the whole text.
	Normalized bool
	// SingleWord tokens count only where no word goes on before or behind them. LStrip and RStrip
	// tokens take the spaces before and behind them with them.
	SingleWord, LStrip, RStrip bool
}

// Size is one more than the largest id; some below may stand for nothing. A model's embedding may have more rows.
func (t *Tokenizer) Size() int { return len(t.tokens) }

// Token is the byte string of an id, nil for an id outside the vocabulary. It must not be changed.
func (t *Tokenizer) Token(id int32) []byte {
	if id < 0 || int(id) >= len(t.tokens) {
		return nil
	}
	return t.tokens[id]
}

// ID is the id whose bytes are exactly token: an added token or one of the vocabulary.
func (t *Tokenizer) ID(token string) (id int32, ok bool) {
	id, ok = t.ids[token]
	return id, ok
}

// Added lists the added tokens by id.
func (t *Tokenizer) Added() []Added { return slices.Clone(t.added) }

// Special tells whether id is an added token marked special.
func (t *Tokenizer) Special(id int32) bool {
	i, ok := slices.BinarySearchFunc(t.added, id, func(a Added, id int32) int { return int(a.ID) - int(id) })
	return ok && t.added[i].Special
}

// Complete tells whether every byte has an id, so that any text is encoded without loss.
func (t *Tokenizer) Complete() bool {
	return (t.byteLevel || t.byteFallback) && !slices.Contains(t.bytes[:], -1)
}

// Encode appends the ids of text to dst. Added tokens in the text become their
// ids. What has no id becomes the file's unknown token, or nothing if there
// is none; see [Tokenizer.Complete].
func (t *Tokenizer) Encode(dst []int32, text string) []int32 {
	e := encoder{t: t, merger: merger{table: &t.table}}
	if len(text) > cacheFrom {
		e.cache = make(map[string]span, 1024)
	}
	return e.segments(dst, text, 0, true, func(dst []int32, part string, first bool) []int32 {
		return e.segments(dst, t.normalize(part), 1, first, e.words)
	})
}

// cacheFrom is the length of text in bytes from which words repeat enough for
// a cache of their ids to pay.
const cacheFrom = 512

// cacheWord is the longest word worth remembering.
const cacheWord = 64

type span struct{ from, to int32 }

// encoder is the state of one call of Encode.
type encoder struct {
	t      *Tokenizer
	merger merger
	ids    []int32 // of the word at hand
	pieces [2][]piece
	cache  map[string]span // of words into arena
	arena  []int32
}

// segments cuts added tokens out of text, leftmost first and among equals the longest, and gives
// what lies between to rest. pass 0 looks for those that are not normalised, pass 1 for the others;
// first says that text begins where the whole text does.
func (e *encoder) segments(dst []int32, text string, pass int, first bool, rest func(dst []int32, part string, first bool) []int32) []int32 {
	t := e.t
	done := 0
	for i := 0; i < len(text); {
		m := t.matchAt(text, i, pass)
		if m == nil {
			i++
			continue
		}
		a := &t.added[m.added]
		start, end := i, i+len(m.content)
		i = end
		if a.SingleWord && (endsInWord(text[:start]) || beginsWord(text[end:])) {
			continue
		}
		if a.LStrip {
			start = max(done, len(strings.TrimRightFunc(text[:start], unicode.IsSpace)))
		}
		if a.RStrip {
			end = len(text) - len(strings.TrimLeftFunc(text[end:], unicode.IsSpace))
		}
		if done < start {
			dst = rest(dst, text[done:start], first && done == 0)
		}
		dst = append(dst, a.ID)
		done = max(done, end)
	}
	if done < len(text) {
		dst = rest(dst, text[done:], first && done == 0)
	}
	return dst
}

// matchAt is the longest added token at text[i:], or nil.
func (t *Tokenizer) matchAt(text string, i, pass int) *match {
	list := t.matches[pass][text[i]]
	for k := range list {
		if strings.HasPrefix(text[i:], list[k].content) {
			return &list[k]
		}
	}
	return nil
}

func endsInWord(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return s != "" && isWord(r)
}

func beginsWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && isWord(r)
}

// words cuts a normalised piece of text into words and appends their ids.
func (e *encoder) words(dst []int32, text string, first bool) []int32 {
	if e.t.steps != nil {
		pieces := append(e.pieces[0][:0], piece{text, first})
		for i, step := range e.t.steps {
			next := e.pieces[(i+1)%2][:0]
			for _, p := range pieces {
				next = step(next, p)
			}
			e.pieces[i%2], pieces = pieces, next
		}
		for _, p := range pieces {
			dst = e.word(dst, p.text)
		}
		e.pieces[len(e.t.steps)%2] = pieces
		return dst
	}
	for len(text) > 0 {
		n := e.t.pattern.word(text)
		dst = e.word(dst, text[:n])
		text = text[n:]
	}
	return dst
}

// word appends the ids of one word.
func (e *encoder) word(dst []int32, word string) []int32 {
	if e.cache == nil || len(word) > cacheWord {
		return append(dst, e.bpe(word)...)
	}
	s, ok := e.cache[word]
	if !ok {
		s.from = int32(len(e.arena))
		e.arena = append(e.arena, e.bpe(word)...)
		s.to = int32(len(e.arena))
		e.cache[word] = s
	}
	return append(dst, e.arena[s.from:s.to]...)
}

// bpe returns the ids of one word, valid until the next call.
func (e *encoder) bpe(word string) []int32 {
	t := e.t
	if t.wholeWords {
		id, ok := t.vocab[word]
		if t.byteLevel {
			id, ok = t.ids[word]
			ok = ok && t.inVocab[id]
		}
		if ok {
			e.ids = append(e.ids[:0], id)
			return e.ids
		}
	}
	e.ids = e.ids[:0]
	if t.byteLevel {
		e.bytes(word)
	} else {
		e.characters(word)
	}
	return e.merger.merge(e.ids)
}

// bytes begins a word with one id a byte.
func (e *encoder) bytes(word string) {
	t := e.t
	unknown := false
	for i := range len(word) {
		id := t.bytes[word[i]]
		if id < 0 {
			if again := unknown && t.fuseUnk; t.unk >= 0 && !again {
				e.ids = append(e.ids, t.unk)
			}
			unknown = true
			continue
		}
		unknown = false
		e.ids = append(e.ids, id)
	}
}

// characters begins a word with one id a character, or one for each of its bytes.
func (e *encoder) characters(word string) {
	t := e.t
	// As in the reference, an unknown token waits until the next token that is not bytes.
	pending := false
	flush := func() {
		if pending {
			e.ids = append(e.ids, t.unk)
		}
		pending = false
	}
scan:
	for i := 0; i < len(word); {
		_, n := utf8.DecodeRuneInString(word[i:])
		character := word[i : i+n]
		i += n
		if id, ok := t.vocab[character]; ok {
			flush()
			e.ids = append(e.ids, id)
			continue
		}
		if t.byteFallback {
			before := len(e.ids)
			for k := range len(character) {
				id := t.bytes[character[k]]
				if id < 0 {
					e.ids = e.ids[:before]
					break
				}
				e.ids = append(e.ids, id)
			}
			if len(e.ids) > before {
				continue scan
			}
		}
		if t.unk >= 0 {
			if !t.fuseUnk {
				flush()
			}
			pending = true
		}
	}
	flush()
}

// index fills everything that follows from spellings, inVocab, merges and added.
// It is called once, at the end of Parse and Train.
func (t *Tokenizer) index() {
	for i := range t.bytes {
		t.bytes[i] = -1
	}
	slices.SortFunc(t.added, func(a, b Added) int { return int(a.ID) - int(b.ID) })
	// What an added token decodes to is what it is found as.
	isAdded := make(map[int32]string, len(t.added))
	for _, a := range t.added {
		isAdded[a.ID] = a.Content
		if a.Normalized {
			isAdded[a.ID] = t.normalize(a.Content)
		}
	}
	there := 0 // of ids, which may be far apart
	for _, s := range t.spellings {
		if s != "" {
			there++
		}
	}
	t.ids = make(map[string]int32, there)
	for id, s := range t.spellings {
		if s == "" {
			continue
		}
		id := int32(id)
		content, added := isAdded[id]
		if added {
			s = content
		}
		if !t.byteLevel {
			t.tokens[id] = t.decoding.text(s)
			if b, ok := byteToken(s); ok && t.inVocab[id] && t.byteFallback {
				t.bytes[b] = id
				continue
			}
			t.ids[string(t.tokens[id])] = id
			continue
		}
		raw, ok := appendRaw(nil, s)
		if !ok || added {
			t.tokens[id] = []byte(s)
			continue
		}
		t.tokens[id] = raw
		if t.inVocab[id] && len(raw) == 1 {
			t.bytes[raw[0]] = id
		}
		t.ids[string(raw)] = id
	}
	for i, a := range t.added {
		t.ids[a.Content] = a.ID
		pass, content := 0, isAdded[a.ID]
		if a.Normalized {
			pass = 1
		}
		if content == "" {
			continue
		}
		list := &t.matches[pass][content[0]]
		*list = append(*list, match{content, i})
	}
	for pass := range t.matches {
		for _, m := range t.matches[pass] {
			slices.SortStableFunc(m, func(a, b match) int { return len(b.content) - len(a.content) })
		}
	}
}
