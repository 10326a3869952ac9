package tokenizer

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A vocabulary taken apart and put together again is the one it was.
func TestNewFromVocabulary(t *testing.T) {
	tok := storyTokenizer(t)
	v, err := tok.Vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	again, err := New(v, tok.Added(), 0)
	if err != nil {
		t.Fatal(err)
	}
	g, _ := readGolden(t)
	for _, c := range g.Cases {
		if got, want := again.Encode(nil, c.Text), tok.Encode(nil, c.Text); !slices.Equal(got, want) {
			t.Errorf("%q is %d, was %d", c.Text, got, want)
		}
	}
	if prefix, suffix := again.Frame(); !slices.Equal(prefix, []int32{0}) || suffix != nil {
		t.Errorf("frame %d %d", prefix, suffix)
	}
	if _, err := New(&Vocabulary{Pattern: "T5"}, nil, -1); err == nil {
		t.Error("an unknown way of cutting is taken")
	}
	if _, err := New(&Vocabulary{Pattern: "GPT-2", Spellings: []string{"a", "a"}}, nil, -1); err == nil {
		t.Error("a token twice is taken")
	}
}

// mergeByScores is SentencePiece's own rule, written down: of all neighbours whose texts together are a piece, those with the
// best score merge, the leftmost first.
func mergeByScores(pieces []string, scores []float64, text string) (out []int32) {
	id := func(s string) int { return slices.Index(pieces, s) }
	var parts []string
	for _, r := range text {
		parts = append(parts, string(r))
	}
	for {
		best := -1
		for i := range len(parts) - 1 {
			if k := id(parts[i] + parts[i+1]); k >= 0 && (best < 0 || scores[k] > scores[id(parts[best]+parts[best+1])]) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		parts = slices.Concat(parts[:best], []string{parts[best] + parts[best+1]}, parts[best+2:])
	}
	for _, p := range parts {
		out = append(out, int32(id(p)))
	}
	return out
}

func TestSentencePieceByScores(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	for round := range 200 {
		pieces := []string{"<unk>", "<s>", "▁", "a", "b", "c"}
		for len(pieces) < 20 {
			p := ""
			for range 2 + random.IntN(4) {
				p += pieces[2+random.IntN(len(pieces)-2)]
			}
			if len(p) < 12 && !slices.Contains(pieces, p) {
				pieces = append(pieces, p)
			}
		}
		scores := make([]float64, len(pieces))
		for i, k := range random.Perm(len(pieces)) {
			scores[i] = -float64(k)
		}
		added := []Added{{ID: 0, Content: "<unk>", Special: true}, {ID: 1, Content: "<s>", Special: true}}
		tok, err := NewSentencePiece(pieces, scores, added, 0, 1, true)
		if err != nil {
			t.Fatal(err)
		}
		for range 30 {
			text := ""
			for range random.IntN(12) {
				text += string("abc "[random.IntN(4)])
			}
			want := []int32(nil)
			if text != "" {
				want = mergeByScores(pieces, scores, strings.ReplaceAll(" "+text, " ", "▁"))
			}
			got := tok.Encode(nil, text)
			if !slices.Equal(got, want) {
				t.Fatalf("round %d: %q is %d, want %d, of %q by %v", round, text, got, want, pieces, scores)
			}
			if back := string(tok.Decode(nil, got)); back != text {
				t.Fatalf("round %d: %q comes back as %q", round, text, back)
			}
		}
		if prefix, _ := tok.Frame(); !slices.Equal(prefix, []int32{1}) {
			t.Fatalf("frame %d", prefix)
		}
	}
	if _, err := NewSentencePiece([]string{"a"}, nil, nil, -1, -1, true); err == nil {
		t.Error("pieces without scores are taken")
	}
}
