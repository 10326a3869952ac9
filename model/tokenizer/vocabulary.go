package tokenizer

import "fmt"

// Vocabulary is a byte-level vocabulary as other formats write it.
type Vocabulary struct {
	// Spellings are the tokens by id, bytes written as GPT-2's stand-ins; "" in gaps.
	Spellings []string
	// Merges are pairs of spellings by rank.
	Merges [][2]string
	// Pattern names the pre-tokeniser as the package comment does: "GPT-2", "Llama 3", "Qwen 2", "SmolLM".
	Pattern string
}

// Vocabulary returns what other formats need. An error says that they cannot have it: words are characters, are
// normalised first, or are cut in a way that has no name.
func (t *Tokenizer) Vocabulary() (*Vocabulary, error) {
	name := map[pattern]string{patternGPT2: "GPT-2", patternDigits: "SmolLM", patternLlama3: "Llama 3", patternQwen2: "Qwen 2"}[t.pattern]
	switch {
	case !t.byteLevel:
		return nil, fmt.Errorf("tokenizer: a vocabulary of characters, not of bytes")
	case len(t.normalizers) > 1 || len(t.normalizers) == 1 && t.parts.normalizer.Type != "NFC":
		return nil, fmt.Errorf("tokenizer: texts are normalised by more than NFC, which other programs leave out")
	case name == "":
		return nil, fmt.Errorf("tokenizer: words are cut in a way of this file's own")
	}
	v := &Vocabulary{Spellings: append([]string(nil), t.spellings...), Merges: make([][2]string, len(t.merges)), Pattern: name}
	for i, m := range t.merges {
		v.Merges[i] = [2]string{t.spellings[m.left()], t.spellings[m.right()]}
	}
	return v, nil
}
