package checkpoint

import (
	"fmt"
	"strings"

	"clexlab/model/tokenizer"
)

// cutAs are more of llama.cpp's names: its conversions of Phi 2, Pythia and others, which cut as GPT-2 does, have these.
var cutAs = map[string]string{"phi-2": "GPT-2", "olmo": "GPT-2", "mpt": "GPT-2"}

// tokenizer makes the file's tokenizer, and the tokens that end a text.
func (r *ggufReader) tokenizer() (tok *tokenizer.Tokenizer, ends []int32, err error) {
	tokens, ok := r.head.metadata["tokenizer.ggml.tokens"].([]string)
	if !ok {
		return nil, nil, fmt.Errorf("tokenizer.ggml.tokens: missing, or no list of texts")
	}
	kinds, _ := r.head.metadata["tokenizer.ggml.token_type"].([]float64)
	var added []tokenizer.Added
	unknown := int32(-1)
	for id, kind := range kinds[:min(len(kinds), len(tokens))] {
		a := tokenizer.Added{ID: int32(id), Content: tokens[id], Special: kind != tokenUserDefined}
		switch kind {
		case tokenUnused:
			tokens[id] = ""
		case tokenUnknown:
			unknown = int32(id)
			added = append(added, a)
		case tokenControl, tokenUserDefined:
			added = append(added, a)
		}
	}
	model := r.text("tokenizer.ggml.model")
	begin := int32(-1)
	if add, said := r.head.metadata["tokenizer.ggml.add_bos_token"].(bool); add || !said && model == "llama" {
		if id, ok := r.head.metadata["tokenizer.ggml.bos_token_id"].(uint64); ok && id < uint64(len(tokens)) {
			begin = int32(id)
		}
	}
	for _, key := range []string{"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"} {
		if id, ok := r.head.metadata[key].(uint64); ok && id < uint64(len(tokens)) {
			ends = append(ends, int32(id))
		}
	}
	switch model {
	case "gpt2":
		merges, _ := r.head.metadata["tokenizer.ggml.merges"].([]string)
		v := &tokenizer.Vocabulary{Spellings: tokens}
		for i, m := range merges {
			left, right, ok := strings.Cut(m, " ")
			if !ok {
				return nil, nil, fmt.Errorf("tokenizer.ggml.merges[%d]: %.40q: must be two tokens with a space between", i, m)
			}
			v.Merges = append(v.Merges, [2]string{left, right})
		}
		pre := r.text("tokenizer.ggml.pre")
		v.Pattern = cutAs[pre]
		for name, ggml := range preTokenizers {
			if pre == ggml {
				v.Pattern = name
			}
		}
		if v.Pattern == "" {
			return nil, nil, fmt.Errorf("tokenizer.ggml.pre: %q: only gpt-2, phi-2, olmo, mpt, llama-bpe, qwen2 and smollm are understood", pre)
		}
		tok, err = tokenizer.New(v, added, begin)
	case "llama":
		scores, _ := r.head.metadata["tokenizer.ggml.scores"].([]float64)
		prefix, said := r.head.metadata["tokenizer.ggml.add_space_prefix"].(bool)
		tok, err = tokenizer.NewSentencePiece(tokens, scores, added, unknown, begin, prefix || !said)
	default:
		return nil, nil, fmt.Errorf("tokenizer.ggml.model: %q: only gpt2 and llama are understood", model)
	}
	return tok, ends, err
}
