package checkpoint

import (
	"fmt"
	"strings"

	"clexlab/model/tokenizer"
)

// Token types of llama.cpp's vocabularies.
const (
	tokenNormal      = 1
	tokenUnknown     = 2
	tokenControl     = 3
	tokenUserDefined = 4
	tokenUnused      = 5
	tokenByte        = 6
)

// preTokenizers are llama.cpp's names for the ways of cutting words that have scanners here.
var preTokenizers = map[string]string{"GPT-2": "gpt-2", "Llama 3": "llama-bpe", "Qwen 2": "qwen2", "SmolLM": "smollm"}

// ggufVocabulary is the tokenizer as llama.cpp has it, filled up to the model's rows.
func ggufVocabulary(tok *tokenizer.Tokenizer, rows int, ends []int32) ([]ggufValue, error) {
	if tok == nil {
		return nil, fmt.Errorf("there is no tokenizer")
	}
	v, err := tok.Vocabulary()
	if err != nil {
		return nil, err
	}
	if len(v.Spellings) > rows {
		return nil, fmt.Errorf("the tokenizer has %d ids, the model %d", len(v.Spellings), rows)
	}
	tokens, kinds := make([]string, rows), make([]int32, rows)
	for id := range tokens {
		if id < len(v.Spellings) && v.Spellings[id] != "" {
			tokens[id], kinds[id] = v.Spellings[id], tokenNormal
		} else {
			tokens[id], kinds[id] = fmt.Sprintf("[PAD%d]", id), tokenUnused
		}
		if v.Scores != nil && len(tokens[id]) == len("<0x00>") && strings.HasPrefix(tokens[id], "<0x") && strings.HasSuffix(tokens[id], ">") {
			kinds[id] = tokenByte
		}
	}
	for _, a := range tok.Added() {
		if kinds[a.ID] = tokenUserDefined; a.Special {
			kinds[a.ID] = tokenControl
		}
	}
	prefix, suffix := tok.Frame()
	if len(prefix) > 1 || len(suffix) > 0 {
		return nil, fmt.Errorf("texts are framed by %d and %d tokens: llama.cpp has one that begins them", len(prefix), len(suffix))
	}
	list := []ggufValue{{"tokenizer.ggml.tokens", tokens}, {"tokenizer.ggml.token_type", kinds}, {"tokenizer.ggml.add_bos_token", len(prefix) == 1}}
	if len(prefix) == 1 {
		list = append(list, ggufValue{"tokenizer.ggml.bos_token_id", uint32(prefix[0])})
	}
	if len(ends) > 0 {
		list = append(list, ggufValue{"tokenizer.ggml.eos_token_id", uint32(ends[0])})
	}
	if v.Scores != nil {
		return append(list, ggufPieces(v, kinds)...), nil
	}
	return ggufMerges(list, v)
}

// ggufMerges adds what a vocabulary of bytes has.
func ggufMerges(list []ggufValue, v *tokenizer.Vocabulary) ([]ggufValue, error) {
	pre, ok := preTokenizers[v.Pattern]
	if !ok {
		return nil, fmt.Errorf("llama.cpp has no name for this tokenizer's way of cutting words")
	}
	merges := make([]string, len(v.Merges))
	for i, m := range v.Merges {
		if strings.Contains(m[0]+m[1], " ") {
			return nil, fmt.Errorf("merge %d has a space in it: llama.cpp parts its halves by one", i)
		}
		merges[i] = m[0] + " " + m[1]
	}
	return append(list, ggufValue{"tokenizer.ggml.model", "gpt2"}, ggufValue{"tokenizer.ggml.pre", pre}, ggufValue{"tokenizer.ggml.merges", merges}), nil
}

// ggufPieces is what a vocabulary of SentencePiece's has beside its tokens, whose kinds it completes.
func ggufPieces(v *tokenizer.Vocabulary, kinds []int32) []ggufValue {
	scores := make([]float32, len(kinds))
	for id := range scores {
		if id < len(v.Scores) {
			scores[id] = float32(v.Scores[id])
		}
	}
	list := []ggufValue{{"tokenizer.ggml.model", "llama"}, {"tokenizer.ggml.scores", scores}, {"tokenizer.ggml.add_space_prefix", v.PrefixSpace}}
	if v.Unknown >= 0 {
		kinds[v.Unknown] = tokenUnknown
		list = append(list, ggufValue{"tokenizer.ggml.unknown_token_id", uint32(v.Unknown)})
	}
	return list
}
