package tokenizer

import (
	"bytes"
	"strings"
	"testing"
)

func TestTrainRefuses(t *testing.T) {
	for _, c := range []struct {
		name, text string
		vocab      int
		special    []string
		want       string
	}{
		{"a vocabulary without room for bytes", "text", 255, nil, "vocabulary of 255"},
		{"a vocabulary without room for special tokens", "text", 256, []string{"<s>"}, "vocabulary of 256"},
		{"a vocabulary that is too large", "text", MaxVocab + 1, nil, "vocabulary of"},
		{"no text", "", 300, nil, "no text"},
		{"nothing but special tokens", "<s><s>", 300, []string{"<s>"}, "no text"},
		{"an empty special token", "text", 300, []string{""}, "special token 0"},
		{"a special token twice", "text", 300, []string{"<s>", "<s>"}, "special token 1"},
		{"a special token that is not UTF-8", "text", 300, []string{"<s>", "\xff"}, "special token 1"},
		{"a special token that is a byte", "text", 300, []string{"a"}, "special token 0"},
	} {
		if _, err := Train(c.text, c.vocab, c.special...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestTrainIsDeterministic(t *testing.T) {
	_, story := readGolden(t)
	var first []byte
	for range 5 {
		tok, err := Train(story, 450, "<|endoftext|>")
		if err != nil {
			t.Fatal(err)
		}
		data, err := tok.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = data
		}
		if !bytes.Equal(data, first) {
			t.Fatal("the same text gave two vocabularies")
		}
	}
}

func TestTrainCountsNothingAcrossSpecialTokens(t *testing.T) {
	tok, err := Train(strings.Repeat("x<|end|>y", 50), 300, "<|end|>")
	if err != nil {
		t.Fatal(err)
	}
	// "yx" stands side by side in the repetition, "x" and "y" never do.
	if _, ok := tok.ID("xy"); ok {
		t.Error("a pair was learned across a special token")
	}
	if _, ok := tok.ID("en"); ok {
		t.Error("the spelling of a special token was learned")
	}
	if _, ok := tok.ID("yx"); !ok {
		t.Error("the pair that repeats was not learned")
	}
}

func TestTrainStopsWhenNoPairIsLeft(t *testing.T) {
	tok, err := Train("abc abc", 1000)
	if err != nil {
		t.Fatal(err)
	}
	// "abc" takes two merges, " abc" one more.
	if want := 256 + 3; tok.Size() != want {
		t.Errorf("%d tokens, want %d", tok.Size(), want)
	}
}
