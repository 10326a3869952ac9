package tokenizer

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRoundTripOnAnyBytes(t *testing.T) {
	tok := storyTokenizer(t)
	if !tok.Complete() {
		t.Fatal("a trained vocabulary must hold every byte")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		text := make([]byte, rng.IntN(200))
		for i := range text {
			text[i] = byte(rng.Uint32())
		}
		if got := tok.Decode(nil, tok.Encode(nil, string(text))); !bytes.Equal(got, text) {
			t.Fatalf("%q comes back as %q", text, got)
		}
	}
}

func TestStreamNeverSplitsARune(t *testing.T) {
	tok := storyTokenizer(t)
	const text = "Der Müller 🙂 said 猫は川を渡った — «да», \U0010ffff and e\u0301."
	// Byte by byte is the worst case: no merge completes a rune.
	var single []int32
	for _, b := range []byte(text) {
		single = append(single, tok.bytes[b])
	}
	for _, ids := range [][]int32{tok.Encode(nil, text), single} {
		s := tok.Stream()
		var all strings.Builder
		for _, id := range ids {
			part := s.Decode(id)
			if !utf8.ValidString(part) {
				t.Fatalf("part %q is no valid UTF-8", part)
			}
			all.WriteString(part)
		}
		if rest := s.Flush(); rest != "" {
			t.Errorf("%q is left over", rest)
		}
		if all.String() != text {
			t.Errorf("stream gives %q, want %q", all.String(), text)
		}
	}
}

func TestStreamHoldsBackOnlyWhatMayBecomeARune(t *testing.T) {
	tok := storyTokenizer(t)
	for _, c := range []struct {
		bytes string
		want  []string // after each byte
		flush string
	}{
		{"ab", []string{"a", "b"}, ""},
		{"é", []string{"", "é"}, ""},
		{"🙂", []string{"", "", "", "🙂"}, ""},
		{"\xf0\x9f\x99", []string{"", "", ""}, "\xf0\x9f\x99"},
		{"\xff", []string{"\xff"}, ""},
		{"\x80\x80", []string{"\x80", "\x80"}, ""},
		{"\xe7a", []string{"", "\xe7a"}, ""},
		{"\xc0\x80", []string{"\xc0", "\x80"}, ""}, // overlong: never a rune
		{"\xed\xa0\x80", []string{"", "\xed\xa0", "\x80"}, ""},
		{"\xf0\x9f\xf0\x9f\x99\x82", []string{"", "", "\xf0\x9f", "", "", "🙂"}, ""},
	} {
		s := tok.Stream()
		for i := range len(c.bytes) {
			if got := s.Decode(tok.bytes[c.bytes[i]]); got != c.want[i] {
				t.Errorf("%q: after byte %d comes %q, want %q", c.bytes, i, got, c.want[i])
			}
		}
		if got := s.Flush(); got != c.flush {
			t.Errorf("%q: %q is left, want %q", c.bytes, got, c.flush)
		}
	}
}

func TestAddedTokens(t *testing.T) {
	tok, err := Train("aa bb aa bb", 270, "<s>", "<s><s>", "<pad>")
	if err != nil {
		t.Fatal(err)
	}
	a, _ := tok.ID("a")
	for _, c := range []struct {
		text string
		want []int32
	}{
		{"<s>", []int32{0}},
		{"<s><s>", []int32{1}}, // the longest wins
		{"<s><s><s>", []int32{1, 0}},
		{"a<s>a", []int32{a, 0, a}},
		{"<pad><s>", []int32{2, 0}},
	} {
		if got := tok.Encode(nil, c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q is %d, want %d", c.text, got, c.want)
		}
	}
	if got := tok.Encode(nil, "<s"); len(got) != 2 {
		t.Errorf("half a special token is %d, want two bytes", got)
	}
	for id := range int32(tok.Size()) {
		if tok.Special(id) != (id < 3) {
			t.Errorf("Special(%d) is %v", id, tok.Special(id))
		}
	}
}

func TestIDsOutsideTheVocabularyStandForNothing(t *testing.T) {
	tok := storyTokenizer(t)
	a, _ := tok.ID("a")
	if got := tok.Decode(nil, []int32{a, -1, int32(tok.Size()), 1 << 30, a}); string(got) != "aa" {
		t.Errorf("got %q, want aa", got)
	}
	if tok.Special(-1) || tok.Token(1<<30) != nil {
		t.Error("an id outside the vocabulary has a token")
	}
}

func FuzzEncode(f *testing.F) {
	tok := storyTokenizer(f)
	for _, s := range []string{"", "Hello, world!", "a<|endoftext|>b", "\xff\xfe<|endoftext|", " \n\t ", "'s'S'LL", strings.Repeat("waited ", 20), "12345é"} {
		for p := range uint8(4) {
			f.Add(s, p)
		}
	}
	f.Fuzz(func(t *testing.T, text string, p uint8) {
		tok := *tok
		tok.pattern = pattern(p % 4)
		ids := tok.Encode(nil, text)
		if got := string(tok.Decode(nil, ids)); got != text {
			t.Fatalf("%q comes back as %q", text, got)
		}
		s := tok.Stream()
		var all strings.Builder
		for _, id := range ids {
			part := s.Decode(id)
			if utf8.ValidString(text) && !utf8.ValidString(part) {
				t.Fatalf("%q: part %q splits a rune", text, part)
			}
			all.WriteString(part)
		}
		all.WriteString(s.Flush())
		if all.String() != text {
			t.Fatalf("%q streams back as %q", text, all.String())
		}
	})
}
