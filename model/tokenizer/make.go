package tokenizer

import (
	"cmp"
	"encoding/json/v2"
	"fmt"
	"slices"
	"unicode/utf8"
)

// New makes a tokenizer of a byte-level vocabulary as other formats hold it, with added tokens that may lie
// in it or behind it; begin, if not negative, is put before each text (see [Tokenizer.Frame]).
func New(v *Vocabulary, added []Added, begin int32) (*Tokenizer, error) {
	digits := true
	steps := map[string]*component{
		"GPT-2": byteLevel(true), "Llama 3": splitLevel(regexLlama3), "Qwen 2": splitLevel(regexQwen2),
		"SmolLM": {Type: "Sequence", Pretokenizers: []*component{{Type: "Digits", IndividualDigits: &digits}, byteLevel(true)}},
	}[v.Pattern]
	if steps == nil {
		return nil, fmt.Errorf("tokenizer: no way of cutting words is called %q", v.Pattern)
	}
	return assemble(v.Spellings, added, begin, v.Merges, &document{PreTokenizer: steps, Decoder: byteLevel(true), Model: &bpeModel{}})
}

// splitLevel is a pre-tokeniser by an expression.
func splitLevel(regex string) *component {
	no := false
	return &component{Type: "Sequence", Pretokenizers: []*component{
		{Type: "Split", Pattern: &splitPattern{Regex: &regex}, Behavior: "Isolated", Invert: &no}, byteLevel(false),
	}}
}

// Bounds of SentencePiece's vocabularies, many times what published ones have: of the bytes of a piece, and of the ways that
// pieces, on average, can be made of two others.
const (
	maxPiece = 1 << 10
	maxWays  = 16
)

// NewSentencePiece makes a tokenizer of SentencePiece's vocabulary, whose pieces merge by their
// scores, the highest first (Kudo, Richardson 2018, arXiv:1808.06226). unknown is the piece for what
// nothing stands for, or -1; prefixSpace puts a space before each text; begin is as in [New].
func NewSentencePiece(pieces []string, scores []float64, added []Added, unknown, begin int32, prefixSpace bool) (*Tokenizer, error) {
	if len(scores) != len(pieces) {
		return nil, fmt.Errorf("tokenizer: %d scores for %d pieces", len(scores), len(pieces))
	}
	ids := make(map[string]int32, len(pieces))
	for id, p := range pieces {
		ids[p] = int32(id)
	}
	skip := make(map[string]bool, len(added))
	for _, a := range added {
		skip[a.Content] = true
	}
	// A piece is made of any two that it can be cut into.
	type merge struct {
		left, right string
		made        int32
	}
	var merges []merge
	total, cut := 0, 0 // bytes of all pieces, and of those that merge, once for each way
	for id, p := range pieces {
		if len(p) > maxPiece {
			return nil, fmt.Errorf("tokenizer: piece %d has %d bytes: must be at most %d", id, len(p), maxPiece)
		}
		total += len(p)
	}
	for id, p := range pieces {
		if _, isByte := byteToken(p); isByte || skip[p] || !utf8.ValidString(p) || ids[p] != int32(id) {
			continue
		}
		for at := range p {
			if at == 0 {
				continue
			}
			_, left := ids[p[:at]]
			_, right := ids[p[at:]]
			if left && right && !skip[p[:at]] && !skip[p[at:]] {
				merges = append(merges, merge{p[:at], p[at:], int32(id)})
				if cut += len(p); len(merges) > maxWays*len(pieces) || cut > maxWays*total {
					return nil, fmt.Errorf("tokenizer: pieces that are made of others in more than %d ways, on average: real vocabularies have two", maxWays)
				}
			}
		}
	}
	slices.SortStableFunc(merges, func(a, b merge) int {
		return cmp.Or(cmp.Compare(scores[b.made], scores[a.made]), cmp.Compare(a.made, b.made))
	})
	pairs := make([][2]string, len(merges))
	for i, m := range merges {
		pairs[i] = [2]string{m.left, m.right}
	}
	mark, space, one, zero := "▁", " ", 1, 0
	normalizer := &component{Type: "Sequence", Normalizers: []*component{{Type: "Replace", Pattern: &splitPattern{String: &space}, Content: &mark}}}
	decoder := &component{Type: "Sequence", Decoders: []*component{
		{Type: "Replace", Pattern: &splitPattern{String: &mark}, Content: &space}, {Type: "ByteFallback"}, {Type: "Fuse"},
	}}
	if prefixSpace {
		normalizer.Normalizers = slices.Insert(normalizer.Normalizers, 0, &component{Type: "Prepend", Prepend: &mark})
		decoder.Decoders = append(decoder.Decoders, &component{Type: "Strip", Content: &space, Start: &one, Stop: &zero})
	}
	doc := &document{Normalizer: normalizer, Decoder: decoder, Model: &bpeModel{ByteFallback: true, FuseUnk: true}}
	if unknown >= 0 && int(unknown) < len(pieces) {
		doc.Model.Unk = &pieces[unknown]
	}
	return assemble(pieces, added, begin, pairs, doc)
}

// assemble writes the file that says all this and reads it, so that there is one way in.
func assemble(spellings []string, added []Added, begin int32, merges [][2]string, doc *document) (*Tokenizer, error) {
	m := doc.Model
	doc.Version, m.Type, m.Vocab = "1.0", "BPE", make(map[string]int32, len(spellings))
	for id, s := range spellings {
		if s == "" {
			continue
		}
		if !utf8.ValidString(s) {
			return nil, fmt.Errorf("tokenizer: token %d, %q, is not UTF-8", id, s)
		}
		if other, again := m.Vocab[s]; again {
			return nil, fmt.Errorf("tokenizer: %q is token %d and token %d", s, other, id)
		}
		m.Vocab[s] = int32(id)
	}
	for _, a := range added {
		doc.AddedTokens = append(doc.AddedTokens, addedToken{ID: a.ID, Content: a.Content, SingleWord: a.SingleWord, LStrip: a.LStrip, RStrip: a.RStrip, Normalized: a.Normalized, Special: a.Special})
	}
	if begin >= 0 {
		if int(begin) >= len(spellings) {
			return nil, fmt.Errorf("tokenizer: token %d, which begins texts, is none", begin)
		}
		name := spellings[begin]
		doc.PostProcessor = &component{
			Type: "TemplateProcessing", Single: []templatePiece{{SpecialToken: &templateID{ID: name}}, {Sequence: &templateID{ID: "A"}}},
			SpecialTokens: map[string]templateSpecial{name: {ID: name, IDs: []int32{begin}, Tokens: []string{name}}},
		}
	}
	for _, pair := range merges {
		m.Merges = append(m.Merges, merge{left: pair[0], right: pair[1]})
	}
	text, err := json.Marshal(doc)
	if err == nil {
		return Parse(text)
	}
	return nil, fmt.Errorf("tokenizer: %w", err)
}
