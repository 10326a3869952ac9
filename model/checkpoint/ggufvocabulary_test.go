package checkpoint

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/tokenizer"
)

// piecesModel is a model whose vocabulary is of SentencePiece's kind: letters, words of a few texts and all bytes.
func piecesModel(t testing.TB, prefixSpace bool, begin int32) (*Checkpoint, *tokenizer.Tokenizer) {
	t.Helper()
	pieces := []string{"<unk>", "<s>", "</s>"}
	for b := range 256 {
		pieces = append(pieces, fmt.Sprintf("<0x%02X>", b))
	}
	for _, word := range strings.Fields("▁the ▁little ▁fox ▁ran ▁ünder ▁▁▁▁ ing ed .\n,") {
		for _, r := range word {
			if !slices.Contains(pieces, string(r)) {
				pieces = append(pieces, string(r))
			}
		}
		for at := range word {
			if at > 0 && !slices.Contains(pieces, word[:at]) {
				pieces = append(pieces, word[:at])
			}
		}
		if !slices.Contains(pieces, word) {
			pieces = append(pieces, word)
		}
	}
	scores := make([]float64, len(pieces))
	for i := range scores {
		scores[i] = -float64(i)
	}
	added := []tokenizer.Added{{ID: 0, Content: "<unk>", Special: true}, {ID: 1, Content: "<s>", Special: true}, {ID: 2, Content: "</s>", Special: true}}
	tok, err := tokenizer.NewSentencePiece(pieces, scores, added, 0, begin, prefixSpace)
	if err != nil {
		t.Fatal(err)
	}
	cfg := model.Config{Architecture: model.LLaMA, Vocab: tok.Size() + 3, Dim: 64, HiddenDim: 72, Layers: 2, Heads: 4, KVHeads: 2, NormEps: 1e-5,
		Rotary: clex.Rotary{HeadDim: 16, Dims: 16, Base: 10000, Window: 32, Pairing: clex.HalfSplit}}
	return &Checkpoint{Config: cfg, Weights: model.RandomWeights(cfg, 3, 1.5, true), EndOfText: []int32{2}}, tok
}

// What is written of a vocabulary of pieces says all that llama.cpp asks of one, and is read as the same.
func TestGGUFOfPieces(t *testing.T) {
	for _, prefix := range []bool{true, false} {
		begin := int32(-1)
		if prefix {
			begin = 1
		}
		c, tok := piecesModel(t, prefix, begin)
		f := ggufOf(t, c, tok, "ntk", 2, F32)
		kinds := f.metadata["tokenizer.ggml.token_type"].([]any)
		for id, want := range map[int]int{0: tokenUnknown, 1: tokenControl, 2: tokenControl, 3: tokenByte, 258: tokenByte, 259: tokenNormal, len(kinds) - 1: tokenUnused} {
			if kinds[id] != want {
				t.Errorf("token %d is of type %v, want %d", id, kinds[id], want)
			}
		}
		for key, want := range map[string]any{
			"tokenizer.ggml.model": "llama", "tokenizer.ggml.add_space_prefix": prefix, "tokenizer.ggml.add_bos_token": prefix,
			"tokenizer.ggml.unknown_token_id": 0, "tokenizer.ggml.eos_token_id": 2, "tokenizer.ggml.merges": nil, "tokenizer.ggml.pre": nil,
		} {
			if f.metadata[key] != want {
				t.Errorf("%s is %v, want %v", key, f.metadata[key], want)
			}
		}
		if scores := f.metadata["tokenizer.ggml.scores"].([]any); len(scores) != c.Config.Vocab {
			t.Errorf("%d scores for %d tokens", len(scores), c.Config.Vocab)
		}
		var b bytes.Buffer
		s, err := clex.New("ntk", c.Config.Rotary, clex.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.WriteGGUF(&b, tok, s, 2, F32); err != nil {
			t.Fatal(err)
		}
		got, again, err := ReadGGUF(t.Context(), &b, int64(b.Len()), nil)
		if err != nil || !slices.Equal(got.EndOfText, c.EndOfText) {
			t.Fatalf("ends %v: %v", got, err)
		}
		for _, text := range []string{"the little fox", " the  little    fox ran", "", " ", "</s>the<s> fox", "日本 ünder\n\n\tthe\x00", "x\xff", "<0x41>"} {
			if a, b := tok.Encode(nil, text), again.Encode(nil, text); !slices.Equal(a, b) {
				t.Errorf("%q is %d, was %d", text, b, a)
			}
		}
		before, _ := tok.Frame()
		if after, _ := again.Frame(); !slices.Equal(before, after) {
			t.Errorf("texts begin with %d, began with %d", after, before)
		}
	}
}

// A vocabulary that a file of llama.cpp's cannot say is refused.
func TestGGUFVocabularyRefused(t *testing.T) {
	c, tok := piecesModel(t, true, -1)
	text, err := tok.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ from, to, want string }{
		{`"byte_fallback": true`, `"byte_fallback": false`, "every byte"},
		{`"post_processor": null`, `"post_processor": {"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}],
			"pair":[],"special_tokens":{"</s>":{"id":"</s>","ids":[2],"tokens":["</s>"]}}}`, "framed by 0 and 1"},
	} {
		changed := bytes.Replace(text, []byte(x.from), []byte(x.to), 1)
		if bytes.Equal(changed, text) {
			t.Fatalf("%s is not in the file", x.from)
		}
		tok, err := tokenizer.Parse(changed)
		if err != nil {
			t.Fatal(err)
		}
		s, err := clex.New("ntk", c.Config.Rotary, clex.Options{})
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, c.WriteGGUF(&bytes.Buffer{}, tok, s, 2, F32), "GGUF", x.want)
	}
}
