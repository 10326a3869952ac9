package tokenizer

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"strings"
)

// The regular expressions of the patterns as files spell them.
const (
	regexGPT2   = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	regexLlama3 = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	regexQwen2  = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

type document struct {
	Version       string         `json:"version"`
	Truncation    jsontext.Value `json:"truncation"` // of batches; not a matter of one text
	Padding       jsontext.Value `json:"padding"`
	AddedTokens   []addedToken   `json:"added_tokens"`
	Normalizer    *component     `json:"normalizer"`
	PreTokenizer  *component     `json:"pre_tokenizer"`
	PostProcessor *component     `json:"post_processor"`
	Decoder       *component     `json:"decoder"`
	Model         bpeModel       `json:"model"`
}

type addedToken struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// component is the union of the normalisers, pre-tokenisers, post-processors and decoders that are understood.
type component struct {
	Type string `json:"type"`

	Normalizers   []*component `json:"normalizers,omitempty"`
	Pretokenizers []*component `json:"pretokenizers,omitempty"`
	Processors    []*component `json:"processors,omitempty"`

	// ByteLevel
	AddPrefixSpace *bool `json:"add_prefix_space,omitempty"`
	TrimOffsets    *bool `json:"trim_offsets,omitempty"`
	UseRegex       *bool `json:"use_regex,omitempty"`
	// Digits
	IndividualDigits *bool `json:"individual_digits,omitempty"`
	// Split
	Pattern  *splitPattern `json:"pattern,omitempty"`
	Behavior string        `json:"behavior,omitempty"`
	Invert   *bool         `json:"invert,omitempty"`
	// TemplateProcessing
	Single        []templatePiece            `json:"single,omitempty"`
	Pair          jsontext.Value             `json:"pair,omitempty"`
	SpecialTokens map[string]templateSpecial `json:"special_tokens,omitempty"`
}

type splitPattern struct {
	String *string `json:"String,omitempty"`
	Regex  *string `json:"Regex,omitempty"`
}

type templatePiece struct {
	SpecialToken *templateID `json:"SpecialToken,omitempty"`
	Sequence     *templateID `json:"Sequence,omitempty"`
}

type templateID struct {
	ID     string `json:"id"`
	TypeID int    `json:"type_id"`
}

type templateSpecial struct {
	ID     string   `json:"id"`
	IDs    []int32  `json:"ids"`
	Tokens []string `json:"tokens"`
}

type bpeModel struct {
	Type         string           `json:"type"`
	Dropout      *float64         `json:"dropout"`
	Unk          *string          `json:"unk_token"`
	Prefix       *string          `json:"continuing_subword_prefix"`
	Suffix       *string          `json:"end_of_word_suffix"`
	FuseUnk      bool             `json:"fuse_unk"`
	ByteFallback bool             `json:"byte_fallback"`
	IgnoreMerges bool             `json:"ignore_merges"`
	Vocab        map[string]int32 `json:"vocab"`
	Merges       []jsontext.Value `json:"merges"`
}

// Parse reads a tokenizer.json. What it does not understand it refuses, with an
// error that names the field. Memory is bounded by a multiple of len(data).
func Parse(data []byte) (*Tokenizer, error) {
	var doc document
	if err := json.Unmarshal(data, &doc, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	t := &Tokenizer{unk: -1, spelled: map[int32]string{}}
	for _, read := range []func(*document) error{
		t.parseVersion, t.parseVocab, t.parseMerges, t.parseNormalizer, t.parsePreTokenizer, t.parseDecoder, t.parsePostProcessor,
	} {
		if err := read(&doc); err != nil {
			return nil, fmt.Errorf("tokenizer.json: %w", err)
		}
	}
	t.index()
	return t, nil
}

func (t *Tokenizer) parseVersion(doc *document) error {
	if doc.Version != "1.0" {
		return fmt.Errorf("version %q: only 1.0 is understood", doc.Version)
	}
	m := &doc.Model
	switch {
	case m.Type != "BPE" && m.Type != "":
		return fmt.Errorf("model.type %q: only BPE is understood", m.Type)
	case m.Dropout != nil && *m.Dropout != 0:
		return fmt.Errorf("model.dropout %v: only 0 is understood", *m.Dropout)
	case m.Prefix != nil && *m.Prefix != "":
		return fmt.Errorf("model.continuing_subword_prefix %q: not understood", *m.Prefix)
	case m.Suffix != nil && *m.Suffix != "":
		return fmt.Errorf("model.end_of_word_suffix %q: not understood", *m.Suffix)
	case m.ByteFallback:
		return fmt.Errorf("model.byte_fallback true: not byte-level BPE")
	case m.FuseUnk && m.Unk != nil:
		return fmt.Errorf("model.fuse_unk true: not understood together with unk_token")
	}
	return nil
}

// parseVocab fills tokens, base, added and unk from model.vocab and added_tokens.
func (t *Tokenizer) parseVocab(doc *document) error {
	size := len(doc.Model.Vocab)
	for i, a := range doc.AddedTokens {
		switch id, known := doc.Model.Vocab[a.Content]; {
		case a.Content == "":
			return fmt.Errorf("added_tokens[%d].content: empty", i)
		case a.SingleWord, a.LStrip, a.RStrip:
			return fmt.Errorf("added_tokens[%d] %q: single_word, lstrip and rstrip are not understood", i, a.Content)
		case known && id != a.ID:
			return fmt.Errorf("added_tokens[%d].id %d: model.vocab gives %q the id %d", i, a.ID, a.Content, id)
		case !known:
			size++
		}
		t.added = append(t.added, Added{a.ID, a.Content, a.Special, a.Normalized})
	}
	if size == 0 || size > MaxVocab {
		return fmt.Errorf("model.vocab: %d tokens: must be 1 … %d", size, MaxVocab)
	}
	t.tokens = make([][]byte, size)
	for spelling, id := range doc.Model.Vocab {
		if spelling == "" || id < 0 || int(id) >= size || t.tokens[id] != nil {
			return fmt.Errorf("model.vocab: %q has id %d: ids must run from 0 to %d without gap or repetition and tokens not be empty", spelling, id, size-1)
		}
		raw, ok := appendRaw(nil, spelling)
		if !ok {
			raw = []byte(spelling)
			t.spelled[id] = spelling
		}
		t.tokens[id] = raw
		t.base = max(t.base, int(id)+1)
	}
	seen := make(map[string]bool, len(t.added))
	for i, a := range t.added {
		_, known := doc.Model.Vocab[a.Content]
		if a.ID < 0 || int(a.ID) >= size || t.tokens[a.ID] != nil && !known || seen[a.Content] {
			return fmt.Errorf("added_tokens[%d]: %q has id %d: ids must run from 0 to %d without gap or repetition", i, a.Content, a.ID, size-1)
		}
		seen[a.Content] = true
		t.tokens[a.ID] = []byte(a.Content)
		t.spelled[a.ID] = a.Content
	}
	if unk := doc.Model.Unk; unk != nil {
		id, ok := doc.Model.Vocab[*unk]
		if !ok {
			return fmt.Errorf("model.unk_token %q: not in model.vocab", *unk)
		}
		t.unk = id
	}
	return nil
}

func (t *Tokenizer) parseMerges(doc *document) error {
	vocab := doc.Model.Vocab
	t.table = newMergeTable(len(doc.Model.Merges))
	for rank, raw := range doc.Model.Merges {
		var sides [2]string
		if len(raw) > 0 && raw[0] == '"' {
			var both string
			if err := json.Unmarshal(raw, &both); err != nil {
				return fmt.Errorf("model.merges[%d]: %w", rank, err)
			}
			left, right, ok := strings.Cut(both, " ")
			if !ok || strings.Contains(right, " ") {
				return fmt.Errorf("model.merges[%d] %q: must be two tokens with a space between", rank, both)
			}
			sides = [2]string{left, right}
		} else {
			var list []string
			if err := json.Unmarshal(raw, &list); err != nil || len(list) != 2 {
				return fmt.Errorf("model.merges[%d]: must be two tokens", rank)
			}
			sides = [2]string{list[0], list[1]}
		}
		for _, s := range []string{sides[0], sides[1], sides[0] + sides[1]} {
			if _, ok := vocab[s]; !ok {
				return fmt.Errorf("model.merges[%d] %q: %q is not in model.vocab", rank, sides, s)
			}
		}
		p := makePair(vocab[sides[0]], vocab[sides[1]])
		if !t.table.put(p, int32(rank), vocab[sides[0]+sides[1]]) {
			return fmt.Errorf("model.merges[%d] %q: a second time", rank, sides)
		}
		t.merges = append(t.merges, p)
	}
	t.wholeWords = doc.Model.IgnoreMerges
	return nil
}
