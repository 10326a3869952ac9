package tokenizer

import (
	"fmt"
	"slices"
)

// Vocabulary is a vocabulary as other formats write it: of bytes with merges, or of SentencePiece's pieces with scores.
type Vocabulary struct {
	// Spellings are the tokens by id, bytes written as GPT-2's stand-ins; "" in gaps.
	Spellings []string
	// Merges are pairs of spellings by rank.
	Merges [][2]string
	// Pattern names the pre-tokeniser as the package comment does: "GPT-2", "Llama 3", "Qwen 2", "SmolLM".
	Pattern string

	// Scores, one for each of Spellings, say which pieces merge first, and are nil where tokens are bytes. Pieces then are merged
	// whatever they are made of, and PrefixSpace puts a space before a text. Unknown is the id of what nothing stands for, -1 for none.
	Scores      []float64
	PrefixSpace bool
	Unknown     int32
}

// Vocabulary returns what other formats need. An error says that they cannot have it: texts are normalised or cut
// in a way that has no name there, or merges do not follow from scores.
func (t *Tokenizer) Vocabulary() (*Vocabulary, error) {
	if !t.byteLevel {
		return t.sentencePiece()
	}
	name := map[pattern]string{patternGPT2: "GPT-2", patternDigits: "SmolLM", patternLlama3: "Llama 3", patternQwen2: "Qwen 2"}[t.pattern]
	switch {
	case len(t.normalizers) > 1 || len(t.normalizers) == 1 && t.parts.normalizer.Type != "NFC":
		return nil, fmt.Errorf("tokenizer: texts are normalised by more than NFC, which other programs leave out")
	case name == "":
		return nil, fmt.Errorf("tokenizer: words are cut in a way of this file's own")
	}
	v := &Vocabulary{Spellings: slices.Clone(t.spellings), Merges: make([][2]string, len(t.merges)), Pattern: name, Unknown: -1}
	for i, m := range t.merges {
		v.Merges[i] = [2]string{t.spellings[m.left()], t.spellings[m.right()]}
	}
	return v, nil
}

// sentencePiece finds the scores by which pieces merge as the merges have them: a piece has minus the place of the first
// merge that makes it.
func (t *Tokenizer) sentencePiece() (*Vocabulary, error) {
	v := &Vocabulary{Spellings: slices.Clone(t.spellings), Scores: make([]float64, len(t.spellings)), Unknown: t.unk}
	var err error
	switch v.PrefixSpace, err = t.prefixesSpace(); {
	case err != nil:
		return nil, err
	case !t.byteFallback || !t.Complete():
		return nil, fmt.Errorf("tokenizer: not every byte has a token: other programs fall back on them")
	case t.wholeWords:
		return nil, fmt.Errorf("tokenizer: words that are tokens are taken before merges (ignore_merges), which other programs do not")
	}
	added := make(map[string]bool, len(t.added))
	for _, a := range t.added {
		added[a.Content] = true
	}
	made, last := make([]bool, len(t.spellings)), int32(-1)
	for rank, m := range t.merges {
		r, id := t.table.get(m.left(), m.right())
		if r != int32(rank) {
			continue // it comes again
		}
		if id != last && made[id] {
			return nil, fmt.Errorf("tokenizer: merges %q and others take turns: no scores of pieces say that", t.spellings[id])
		}
		if !made[id] {
			v.Scores[id] = -float64(rank)
		}
		made[id], last = true, id
	}
	// Any two pieces that are a third together are merged by scores: there must be such a merge.
	for id, s := range t.spellings {
		if _, isByte := byteToken(s); isByte || added[s] || !t.inVocab[id] {
			continue
		}
		for at := range s {
			left, hasLeft := t.vocab[s[:at]]
			right, hasRight := t.vocab[s[at:]]
			if at == 0 || !hasLeft || !hasRight || added[s[:at]] || added[s[at:]] {
				continue
			}
			if rank, _ := t.table.get(left, right); rank == noRank {
				return nil, fmt.Errorf("tokenizer: %q and %q do not merge, though %q is a piece: scores would merge them", s[:at], s[at:], s)
			}
		}
	}
	return v, nil
}

// prefixesSpace tells whether a text gets a space in front. An error says that spaces become ▁ in another way than
// SentencePiece's.
func (t *Tokenizer) prefixesSpace() (bool, error) {
	normal, err := t.parts.normalizer.flatten("normalizer", 0)
	if err != nil {
		return false, err
	}
	cut, err := t.parts.preTokenizer.flatten("pre_tokenizer", 0)
	if err != nil {
		return false, err
	}
	const mark = "▁"
	spaces := func(c *component) bool { return c.Pattern != nil && or(c.Pattern.String, "") == " " }
	prefix := len(normal) > 0 && normal[0].Type == "Prepend" && or(normal[0].Prepend, "") == mark
	if prefix {
		normal = normal[1:]
	}
	marked := len(normal) == 1 && normal[0].Type == "Replace" && spaces(normal[0]) && or(normal[0].Content, "") == mark
	switch {
	// Cut at spaces, of which there are none any more.
	case marked && (len(cut) == 0 || len(cut) == 1 && cut[0].Type == "Split" && spaces(cut[0])):
		return prefix, nil
	case len(normal) == 0 && !prefix && len(cut) == 1 && cut[0].Type == "Metaspace" && or(cut[0].Replacement, mark) == mark && !or(cut[0].Split, true):
		if or(cut[0].PrependScheme, "always") == "never" {
			return false, nil
		}
		return false, fmt.Errorf("tokenizer: Metaspace puts no space before a text that begins with one: other programs put it before every text")
	}
	return false, fmt.Errorf("tokenizer: spaces become %s in a way of this file's own", mark)
}
