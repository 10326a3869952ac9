package tokenizer

import (
	"encoding/json/v2"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// randomPieces is a vocabulary of SentencePiece's kind over a, b and c, with all bytes, and its scores.
func randomPieces(random *rand.Rand) (pieces []string, scores []float64, added []Added) {
	pieces = []string{"<unk>", "<s>"}
	for b := range 256 {
		pieces = append(pieces, fmt.Sprintf("<0x%02X>", b))
	}
	first := len(pieces)
	pieces = append(pieces, "▁", "a", "b", "c")
	for len(pieces) < first+20 {
		p := ""
		for range 2 + random.IntN(3) {
			p += pieces[first+random.IntN(len(pieces)-first)]
		}
		if len(p) < 12 && !slices.Contains(pieces, p) {
			pieces = append(pieces, p)
		}
	}
	scores = make([]float64, len(pieces))
	for i, k := range random.Perm(len(pieces)) {
		scores[i] = -float64(k)
	}
	return pieces, scores, []Added{{ID: 0, Content: "<unk>", Special: true}, {ID: 1, Content: "<s>", Special: true}}
}

// The scores that are found for a tokenizer merge, by SentencePiece's own rule, what its merges do: whatever the scores were
// that it was made by.
func TestVocabularyHasScores(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	for round := range 100 {
		pieces, scores, added := randomPieces(random)
		prefix := round%2 == 0
		tok, err := NewSentencePiece(pieces, scores, added, 0, 1, prefix)
		if err != nil {
			t.Fatal(err)
		}
		v, err := tok.Vocabulary()
		if err != nil {
			t.Fatal(err)
		}
		if v.PrefixSpace != prefix || v.Unknown != 0 || !slices.Equal(v.Spellings, pieces) || v.Merges != nil {
			t.Fatalf("%+v", v)
		}
		for range 30 {
			text := ""
			for range 1 + random.IntN(12) {
				text += string("abc "[random.IntN(4)])
			}
			marked := strings.ReplaceAll(text, " ", "▁")
			if prefix {
				marked = "▁" + marked
			}
			if got, want := mergeByScores(v.Spellings, v.Scores, marked), tok.Encode(nil, text); !slices.Equal(got, want) {
				t.Fatalf("round %d: %q is %d by the scores found, %d by merges", round, text, got, want)
			}
		}
	}
}

// What scores cannot say is refused.
func TestVocabularyRefused(t *testing.T) {
	pieces, scores, added := randomPieces(rand.New(rand.NewPCG(1, 2)))
	pieces = append(pieces[:262], "aa", "ab", "aab", "ba")
	scores = scores[:len(pieces)]
	for i := range scores {
		scores[i] = -float64(i)
	}
	tok, err := NewSentencePiece(pieces, scores, added, 0, -1, true)
	if err != nil {
		t.Fatal(err)
	}
	text, err := tok.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tok.Vocabulary(); err != nil {
		t.Fatal(err)
	}
	metaspace := func(more string) string {
		return `"normalizer": null, "pre_tokenizer": {"type":"Metaspace","replacement":"▁",` + more + `},` + "\n  \"post"
	}
	for _, c := range []struct {
		name     string
		change   func(s string) string
		want     string // "" is none
		prefixed bool
	}{
		{"as it is", func(s string) string { return s }, "", true},
		{"Gemma's cut", func(s string) string {
			return strings.Replace(s, `"pre_tokenizer": null`, `"pre_tokenizer": {"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false}`, 1)
		}, "", true},
		{"another cut", func(s string) string {
			return strings.Replace(s, `"pre_tokenizer": null`, `"pre_tokenizer": {"type":"Split","pattern":{"String":"a"},"behavior":"Isolated","invert":false}`, 1)
		}, "of this file's own", false},
		{"lower case", func(s string) string {
			return strings.Replace(s, `"normalizers":[`, `"normalizers":[{"type":"Lowercase"},`, 1)
		}, "of this file's own", false},
		{"no bytes", func(s string) string {
			return strings.Replace(s, `"byte_fallback": true`, `"byte_fallback": false`, 1)
		}, "every byte", false},
		{"a byte less", func(s string) string { return strings.Replace(s, `"<0x0A>"`, `"<0x0AA>"`, 1) }, "every byte", false},
		{"whole words", func(s string) string {
			return strings.Replace(s, `"ignore_merges": false`, `"ignore_merges": true`, 1)
		}, "ignore_merges", false},
		{"a merge less", func(s string) string { return strings.Replace(s, "\n      \"aa b\",", "", 1) }, `"aa" and "b" do not merge`, false},
		{"merges in turns", func(s string) string {
			return strings.NewReplacer(`"aa b"`, `"b a"`, `"b a"`, `"aa b"`).Replace(s)
		}, "take turns", false},
		{"Metaspace", func(s string) string {
			a, b := strings.Index(s, `"normalizer"`), strings.Index(s, `"post`)
			return s[:a] + strings.TrimSuffix(metaspace(`"prepend_scheme":"first","split":false`), `"post`) + s[b:]
		}, "begins with one", false},
		{"Metaspace without a prefix", func(s string) string {
			a, b := strings.Index(s, `"normalizer"`), strings.Index(s, `"post`)
			return s[:a] + strings.TrimSuffix(metaspace(`"prepend_scheme":"never","split":false`), `"post`) + s[b:]
		}, "", false},
	} {
		changed := c.change(string(text))
		if changed == string(text) && c.name != "as it is" {
			t.Fatalf("%s: nothing was changed in %s", c.name, text[len(text)-600:])
		}
		tok, err := Parse([]byte(changed))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		v, err := tok.Vocabulary()
		if c.want == "" && (err != nil || v.PrefixSpace != c.prefixed) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			said, _ := json.Marshal(v)
			t.Errorf("%s: %v, %.80s, want %q", c.name, err, said, c.want)
		}
	}
}
