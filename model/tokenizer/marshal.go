package tokenizer

import (
	"bytes"
	"encoding/json/v2"
	"fmt"
)

// MarshalJSON writes the tokenizer.json that [Parse] reads and the tokenizers
// library loads, with vocabulary and merges in order, one to a line.
func (t *Tokenizer) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	var failed error
	put := func(v any) {
		text, err := json.Marshal(v, json.Deterministic(true))
		if err != nil && failed == nil {
			failed = fmt.Errorf("tokenizer: %w", err)
		}
		b.Write(text)
	}
	field := func(name string, v any) {
		fmt.Fprintf(&b, ",\n  %q: ", name)
		put(v)
	}
	b.WriteString("{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null")
	added := make([]addedToken, len(t.added))
	for i, a := range t.added {
		added[i] = addedToken{ID: a.ID, Content: a.Content, Normalized: a.Normalized, Special: a.Special}
	}
	field("added_tokens", added)
	var normalizer *component
	if t.nfc {
		normalizer = &component{Type: "NFC"}
	}
	field("normalizer", normalizer)
	field("pre_tokenizer", t.pattern.component())
	field("post_processor", t.postProcessor())
	field("decoder", byteLevel(true))
	b.WriteString(",\n  \"model\": {\n    \"type\": \"BPE\",\n    \"dropout\": null,\n    \"unk_token\": ")
	var unk *string
	if t.unk >= 0 {
		s := t.spell(t.unk)
		unk = &s
	}
	put(unk)
	fmt.Fprintf(&b, ",\n    \"continuing_subword_prefix\": null,\n    \"end_of_word_suffix\": null,\n    \"fuse_unk\": false,\n"+
		"    \"byte_fallback\": false,\n    \"ignore_merges\": %v,\n    \"vocab\": {", t.wholeWords)
	for id := range t.base {
		separate(&b, id)
		put(t.spell(int32(id)))
		fmt.Fprintf(&b, ": %d", id)
	}
	b.WriteString("\n    },\n    \"merges\": [")
	for rank, p := range t.merges {
		separate(&b, rank)
		put(t.spell(p.left()) + " " + t.spell(p.right()))
	}
	b.WriteString("\n    ]\n  }\n}\n")
	return b.Bytes(), failed
}

// separate begins item i of a list.
func separate(b *bytes.Buffer, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
	b.WriteString("\n      ")
}

// spell is how the vocabulary writes a token.
func (t *Tokenizer) spell(id int32) string {
	if s, ok := t.spelled[id]; ok {
		return s
	}
	return string(appendSpelled(nil, t.tokens[id]))
}

func byteLevel(regex bool) *component {
	no, yes := false, true
	return &component{Type: "ByteLevel", AddPrefixSpace: &no, TrimOffsets: &yes, UseRegex: &regex}
}

func (p pattern) component() *component {
	yes, no := true, false
	split := func(regex string) *component {
		return &component{Type: "Sequence", Pretokenizers: []*component{
			{Type: "Split", Pattern: &splitPattern{Regex: &regex}, Behavior: "Isolated", Invert: &no},
			byteLevel(false),
		}}
	}
	switch p {
	case patternDigits:
		return &component{Type: "Sequence", Pretokenizers: []*component{{Type: "Digits", IndividualDigits: &yes}, byteLevel(true)}}
	case patternLlama3:
		return split(regexLlama3)
	case patternQwen2:
		return split(regexQwen2)
	}
	return byteLevel(true)
}

func (t *Tokenizer) postProcessor() *component {
	if len(t.prefix)+len(t.suffix) == 0 {
		return byteLevel(true)
	}
	c := &component{Type: "TemplateProcessing", SpecialTokens: map[string]templateSpecial{}}
	special := func(ids []int32) {
		for _, id := range ids {
			name := t.spell(id)
			c.SpecialTokens[name] = templateSpecial{ID: name, IDs: []int32{id}, Tokens: []string{name}}
			c.Single = append(c.Single, templatePiece{SpecialToken: &templateID{ID: name}})
		}
	}
	special(t.prefix)
	c.Single = append(c.Single, templatePiece{Sequence: &templateID{ID: "A"}})
	special(t.suffix)
	pair := []templatePiece{{Sequence: &templateID{ID: "A"}}, {Sequence: &templateID{ID: "B", TypeID: 1}}}
	c.Pair, _ = json.Marshal(pair)
	return c
}
