package tokenizer

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxVocab is the largest vocabulary that [Parse] and [Train] accept.
const MaxVocab = 1 << 18

// Tokenizer is a byte-level BPE vocabulary. It is immutable: any number of
// goroutines may use one.
type Tokenizer struct {
	tokens  [][]byte // the bytes of every id
	ids     map[string]int32
	spelled map[int32]string // the vocabulary's spelling of ids that are no byte string
	base    int              // ids below are the model's vocabulary; added tokens may lie there too
	merges  []pair           // by rank
	table   mergeTable
	bytes   [256]int32 // the id of each single byte, -1 if it has none
	unk     int32      // what a byte without id becomes, -1 for nothing

	pattern    pattern
	nfc        bool
	wholeWords bool    // ignore_merges: a word that is a token is that token
	added      []Added // by id
	matches    [256][]int
	prefix     []int32
	suffix     []int32
}

// Added is a token that is matched in the text before anything else.
type Added struct {
	ID      int32
	Content string
	// Special marks control tokens such as <|endoftext|>, which readers usually hide.
	Special bool
	// Normalized tokens are looked for after normalisation, others before.
	Normalized bool
}

// Size is the number of ids: they run from 0 to Size()-1. A model's embedding may have more rows.
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

// Frame is what the file's post-processor puts before and after a single text,
// a beginning-of-text token for instance. [Tokenizer.Encode] leaves it out.
func (t *Tokenizer) Frame() (prefix, suffix []int32) {
	return slices.Clone(t.prefix), slices.Clone(t.suffix)
}

// Complete tells whether every byte has an id, so that any text is encoded without loss.
func (t *Tokenizer) Complete() bool { return !slices.Contains(t.bytes[:], -1) }

// Encode appends the ids of text to dst. Added tokens in the text become their
// ids. A byte without id becomes the file's unknown token, or nothing if there
// is none; see [Tokenizer.Complete].
func (t *Tokenizer) Encode(dst []int32, text string) []int32 {
	e := encoder{t: t, merger: merger{table: &t.table}}
	if len(text) > cacheFrom {
		e.cache = make(map[string]span, 1024)
	}
	if !t.nfc {
		return e.segments(dst, text, func(Added) bool { return true }, e.words)
	}
	return e.segments(dst, text, func(a Added) bool { return !a.Normalized }, func(dst []int32, part string) []int32 {
		return e.segments(dst, norm.NFC.String(part), func(a Added) bool { return a.Normalized }, e.words)
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
	word   []int32
	cache  map[string]span // of words into arena
	arena  []int32
}

// segments cuts the eligible added tokens out of text, leftmost first and among
// equals the longest, and gives what lies between to rest.
func (e *encoder) segments(dst []int32, text string, eligible func(Added) bool, rest func([]int32, string) []int32) []int32 {
	t := e.t
	start := 0
scan:
	for i := 0; i < len(text); {
		for _, k := range t.matches[text[i]] {
			a := &t.added[k]
			if strings.HasPrefix(text[i:], a.Content) && eligible(*a) {
				if start < i {
					dst = rest(dst, text[start:i])
				}
				dst = append(dst, a.ID)
				i += len(a.Content)
				start = i
				continue scan
			}
		}
		i++
	}
	if start < len(text) {
		dst = rest(dst, text[start:])
	}
	return dst
}

func (e *encoder) words(dst []int32, text string) []int32 {
	for len(text) > 0 {
		n := e.t.pattern.word(text)
		word := text[:n]
		text = text[n:]
		if e.cache == nil || n > cacheWord {
			dst = append(dst, e.bpe(word)...)
			continue
		}
		s, ok := e.cache[word]
		if !ok {
			s.from = int32(len(e.arena))
			e.arena = append(e.arena, e.bpe(word)...)
			s.to = int32(len(e.arena))
			e.cache[word] = s
		}
		dst = append(dst, e.arena[s.from:s.to]...)
	}
	return dst
}

// bpe returns the ids of one word, valid until the next call.
func (e *encoder) bpe(word string) []int32 {
	t := e.t
	if t.wholeWords {
		if id, ok := t.ids[word]; ok && int(id) < t.base {
			e.word = append(e.word[:0], id)
			return e.word
		}
	}
	ids := e.word[:0]
	for i := range len(word) {
		id := t.bytes[word[i]]
		if id < 0 {
			if id = t.unk; id < 0 {
				continue
			}
		}
		ids = append(ids, id)
	}
	e.word = ids
	return e.merger.merge(ids)
}

// Decode appends the bytes of ids to dst. Ids outside the vocabulary stand for
// nothing: embeddings are often padded with rows that no text uses.
func (t *Tokenizer) Decode(dst []byte, ids []int32) []byte {
	for _, id := range ids {
		dst = append(dst, t.Token(id)...)
	}
	return dst
}

// index fills everything that follows from tokens, spelled, base, merges and added.
// It is called once, at the end of Parse and Train.
func (t *Tokenizer) index() {
	for i := range t.bytes {
		t.bytes[i] = -1
	}
	t.ids = make(map[string]int32, len(t.tokens))
	for id, b := range t.tokens {
		if _, raw := t.spelled[int32(id)]; raw {
			continue
		}
		if id < t.base && len(b) == 1 {
			t.bytes[b[0]] = int32(id)
		}
		t.ids[string(b)] = int32(id)
	}
	slices.SortFunc(t.added, func(a, b Added) int { return int(a.ID) - int(b.ID) })
	for i, a := range t.added {
		t.ids[a.Content] = a.ID
		first := &t.matches[a.Content[0]]
		*first = append(*first, i)
	}
	for _, m := range t.matches {
		slices.SortFunc(m, func(i, j int) int { return len(t.added[j].Content) - len(t.added[i].Content) })
	}
}

// Stream decodes tokens one by one and never hands out part of a UTF-8
// sequence. The zero value is not usable; see [Tokenizer.Stream].
type Stream struct {
	t       *Tokenizer
	pending []byte
}

// Stream returns a decoder for one sequence of tokens.
func (t *Tokenizer) Stream() *Stream { return &Stream{t: t} }

// Decode returns the text that token completes: everything up to the last byte that
// may still be the start of a longer UTF-8 sequence. Bytes that cannot be UTF-8
// are passed on as they are, so that the concatenation of all results and Flush
// equals Decode.
func (s *Stream) Decode(token int32) string {
	s.pending = append(s.pending, s.t.Token(token)...)
	n := len(s.pending) - incomplete(s.pending)
	text := string(s.pending[:n])
	s.pending = append(s.pending[:0], s.pending[n:]...)
	return text
}

// Flush returns the incomplete sequence that is left at the end, and empties the stream.
func (s *Stream) Flush() string {
	text := string(s.pending)
	s.pending = s.pending[:0]
	return text
}

// incomplete is the number of bytes at the end of b, at most 3, that begin a
// UTF-8 sequence without ending it.
func incomplete(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		tail := b[len(b)-n:]
		if utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return n
			}
			return 0
		}
	}
	return 0
}
