package tokenizer

import (
	"strings"
	"testing"
)

// benchText is about 100 kB of prose, with a document boundary per story.
func benchText(b *testing.B) (*Tokenizer, string) {
	_, story := readGolden(b)
	text := strings.Repeat(story+"<|endoftext|>", 100_000/len(story))
	return storyTokenizer(b), text
}

func BenchmarkEncode(b *testing.B) {
	tok, text := benchText(b)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var ids []int32
	for b.Loop() {
		ids = tok.Encode(ids[:0], text)
	}
}

// A chat message: too short for the cache of words to help.
func BenchmarkEncodeShort(b *testing.B) {
	tok, text := benchText(b)
	text = text[:200]
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var ids []int32
	for b.Loop() {
		ids = tok.Encode(ids[:0], text)
	}
}

func BenchmarkDecode(b *testing.B) {
	tok, text := benchText(b)
	ids := tok.Encode(nil, text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var raw []byte
	for b.Loop() {
		raw = tok.Decode(raw[:0], ids)
	}
}

func BenchmarkParse(b *testing.B) {
	data, err := storyTokenizer(b).MarshalJSON()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}
