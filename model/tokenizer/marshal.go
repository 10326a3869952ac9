package tokenizer

import (
	"bytes"
	"encoding/json/v2"
	"fmt"
	"strings"
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
		added[i] = addedToken{ID: a.ID, Content: a.Content, Normalized: a.Normalized, Special: a.Special, SingleWord: a.SingleWord, LStrip: a.LStrip, RStrip: a.RStrip}
	}
	field("added_tokens", added)
	field("normalizer", t.parts.normalizer)
	field("pre_tokenizer", t.parts.preTokenizer)
	field("post_processor", t.parts.postProcessor)
	field("decoder", t.parts.decoder)
	b.WriteString(",\n  \"model\": {\n    \"type\": \"BPE\",\n    \"dropout\": null,\n    \"unk_token\": ")
	var unk *string
	if t.unk >= 0 {
		s := t.spell(t.unk)
		unk = &s
	}
	put(unk)
	fmt.Fprintf(&b, ",\n    \"continuing_subword_prefix\": null,\n    \"end_of_word_suffix\": null,\n    \"fuse_unk\": %v,\n"+
		"    \"byte_fallback\": %v,\n    \"ignore_merges\": %v,\n    \"vocab\": {", t.fuseUnk, t.byteFallback, t.wholeWords)
	written := 0
	for id, in := range t.inVocab {
		if !in {
			continue
		}
		separate(&b, written)
		put(t.spell(int32(id)))
		fmt.Fprintf(&b, ": %d", id)
		written++
	}
	b.WriteString("\n    },\n    \"merges\": [")
	for rank, p := range t.merges {
		separate(&b, rank)
		left, right := t.spell(p.left()), t.spell(p.right())
		if strings.Contains(left+right, " ") {
			put([]string{left, right})
			continue
		}
		put(left + " " + right)
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
func (t *Tokenizer) spell(id int32) string { return t.spellings[id] }

func byteLevel(regex bool) *component {
	no, yes := false, true
	return &component{Type: "ByteLevel", AddPrefixSpace: &no, TrimOffsets: &yes, UseRegex: &regex}
}
