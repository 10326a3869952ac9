package tokenizer

import (
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Train builds a vocabulary of at most vocab tokens from text: the special
// tokens, the 256 bytes in the order of their printable stand-ins, and then one
// merge after the other, always of the pair that occurs most often, among
// equals of the one with the smaller ids. It stops early when no pair is left.
//
// Special tokens in text separate documents: nothing is counted across them and
// nothing learned of their spelling. Words are cut by the GPT-2 pattern. The
// same text and arguments give the same vocabulary, on every platform.
func Train(text string, vocab int, special ...string) (*Tokenizer, error) {
	if least := len(special) + 256; vocab < least || vocab > MaxVocab {
		return nil, fmt.Errorf("tokenizer: vocabulary of %d: must be %d (special tokens and bytes) … %d", vocab, least, MaxVocab)
	}
	t := &Tokenizer{unk: -1, pattern: patternGPT2, byteLevel: true}
	t.parts.preTokenizer, t.parts.postProcessor, t.parts.decoder = byteLevel(true), byteLevel(true), byteLevel(true)
	for i, s := range special {
		if s == "" || slices.Contains(special[:i], s) {
			return nil, fmt.Errorf("tokenizer: special token %d %q: must be neither empty nor twice", i, s)
		}
		if !utf8.ValidString(s) {
			return nil, fmt.Errorf("tokenizer: special token %d %q: is not UTF-8, so no file can hold it", i, s)
		}
		if raw, ok := appendRaw(nil, s); ok && len(raw) == 1 {
			return nil, fmt.Errorf("tokenizer: special token %d %q: is the spelling of a byte", i, s)
		}
		t.added = append(t.added, Added{ID: int32(i), Content: s, Special: true})
		t.tokens = append(t.tokens, []byte(s))
	}
	var byteID [256]int32
	for r := range alphabetEnd {
		if b := runeByte[r]; b >= 0 {
			byteID[b] = int32(len(t.tokens))
			t.tokens = append(t.tokens, []byte{byte(b)})
		}
	}
	words := countWords(text, special)
	if len(words) == 0 {
		return nil, errors.New("tokenizer: no text to train on")
	}
	learner := newLearner(words, &byteID)
	t.table = newMergeTable(vocab)
	known := make(map[string]int32, vocab)
	for len(t.tokens) < vocab {
		p, ok := learner.best()
		if !ok {
			break
		}
		bytes := slices.Concat(t.tokens[p.left()], t.tokens[p.right()])
		id, again := known[string(bytes)]
		if !again {
			id = int32(len(t.tokens))
			known[string(bytes)] = id
			t.tokens = append(t.tokens, bytes)
		}
		if rank, _ := t.table.get(p.left(), p.right()); rank == noRank {
			t.table.put(p, int32(len(t.merges)), id)
			t.merges = append(t.merges, p)
		}
		learner.merge(p, id)
	}
	t.spellings, t.inVocab = make([]string, len(t.tokens)), make([]bool, len(t.tokens))
	for id, token := range t.tokens {
		t.spellings[id], t.inVocab[id] = string(appendSpelled(nil, token)), true
		if id < len(special) {
			t.spellings[id] = special[id]
		}
	}
	t.index()
	return t, nil
}

type countedWord struct {
	text  string
	count int64
}

// countWords counts the pre-tokens between special tokens, in the order of first appearance.
func countWords(text string, special []string) []countedWord {
	index := map[string]int{}
	var words []countedWord
	count := func(part string) {
		for len(part) > 0 {
			n := patternGPT2.word(part)
			i, ok := index[part[:n]]
			if !ok {
				i = len(words)
				index[part[:n]] = i
				words = append(words, countedWord{text: part[:n]})
			}
			words[i].count++
			part = part[n:]
		}
	}
	var cut func(part string, special []string)
	cut = func(part string, special []string) {
		if len(special) == 0 {
			count(part)
			return
		}
		for piece := range strings.SplitSeq(part, special[0]) {
			cut(piece, special[1:])
		}
	}
	// Longer first, so that a token that contains another stays whole.
	special = slices.Clone(special)
	slices.SortStableFunc(special, func(a, b string) int { return len(b) - len(a) })
	cut(text, special)
	return words
}

// learner keeps the count of every adjacent pair up to date while pairs merge.
type learner struct {
	words  [][]int32
	counts []int64 // of words
	pairs  map[pair]*pairStat
	queue  pairQueue
}

type pairStat struct {
	count int64
	// words that hold the pair, or held it: a word is looked at again when the pair merges.
	words []int32
}

func newLearner(words []countedWord, byteID *[256]int32) *learner {
	l := &learner{pairs: map[pair]*pairStat{}}
	for w, cw := range words {
		ids := make([]int32, len(cw.text))
		for i := range ids {
			ids[i] = byteID[cw.text[i]]
		}
		l.words = append(l.words, ids)
		l.counts = append(l.counts, cw.count)
		for i := range len(ids) - 1 {
			l.add(makePair(ids[i], ids[i+1]), int32(w), cw.count)
		}
	}
	for p, s := range l.pairs {
		l.queue = append(l.queue, queuedPair{p, s.count})
	}
	heap.Init(&l.queue)
	return l
}

func (l *learner) add(p pair, word int32, count int64) {
	s := l.pairs[p]
	if s == nil {
		s = &pairStat{}
		l.pairs[p] = s
	}
	s.count += count
	if n := len(s.words); n == 0 || s.words[n-1] != word {
		s.words = append(s.words, word)
	}
}

// best returns the most frequent pair. Entries of the queue whose count has
// changed since are brought up to date on the way.
func (l *learner) best() (pair, bool) {
	for len(l.queue) > 0 {
		top := &l.queue[0]
		count := l.pairs[top.pair].count
		if count == top.count && count > 0 {
			return top.pair, true
		}
		if count <= 0 {
			heap.Pop(&l.queue)
			continue
		}
		top.count = count
		heap.Fix(&l.queue, 0)
	}
	return 0, false
}

// merge replaces p by id in every word, left to right.
func (l *learner) merge(p pair, id int32) {
	stat := l.pairs[p]
	grown := map[pair]struct{}{}
	for _, w := range stat.words {
		ids, n := l.words[w], l.counts[w]
		out := ids[:0]
		for i := 0; i < len(ids); i++ {
			if i+1 >= len(ids) || makePair(ids[i], ids[i+1]) != p {
				out = append(out, ids[i])
				continue
			}
			if len(out) > 0 {
				before := out[len(out)-1]
				l.pairs[makePair(before, p.left())].count -= n
				l.add(makePair(before, id), w, n)
				grown[makePair(before, id)] = struct{}{}
			}
			out = append(out, id)
			i++
			if i+1 < len(ids) {
				l.pairs[makePair(p.right(), ids[i+1])].count -= n
				l.add(makePair(id, ids[i+1]), w, n)
				grown[makePair(id, ids[i+1])] = struct{}{}
			}
		}
		l.words[w] = out
	}
	stat.count, stat.words = 0, nil
	for g := range grown {
		if g != p {
			heap.Push(&l.queue, queuedPair{g, l.pairs[g].count})
		}
	}
}

type queuedPair struct {
	pair  pair
	count int64
}

// pairQueue is a max-heap by count; among equals the pair of smaller ids is first.
type pairQueue []queuedPair

func (q pairQueue) Len() int { return len(q) }
func (q pairQueue) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[j].count, q[i].count), cmp.Compare(q[i].pair, q[j].pair)) < 0
}
func (q pairQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *pairQueue) Push(x any)   { *q = append(*q, x.(queuedPair)) }
func (q *pairQueue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}
