package tokenizer

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// damaged stands where a copy of llama.cpp's files has lost a byte from 0x80 on that is no part of UTF-8.
const damaged = "\uFFFD"

// damagedFile is a GGUF file of a vocabulary whose copy went through a program for texts: its texts are whole, its numbers are
// not. They are taken from between what is left of the numbers.
type damagedFile []byte

// behind is what follows the key of a list, its type and that of its elements.
func (f damagedFile) behind(t *testing.T, key string) []byte {
	t.Helper()
	_, rest, ok := bytes.Cut(f, []byte(key))
	if !ok || len(rest) < 8 || rest[0] != 9 {
		t.Fatalf("%s: no list", key)
	}
	return rest[8:]
}

// length reads a number of eight bytes, -1 where one of them is lost.
func length(b []byte) (n int, rest []byte) {
	for i := range 8 {
		if after, lost := bytes.CutPrefix(b, []byte(damaged)); lost {
			n, b = -1, after
			continue
		}
		if n >= 0 {
			n |= int(b[0]) << (8 * i)
		}
		b = b[1:]
	}
	return n, b
}

// texts reads a list of texts, which ends where the next key begins. A text whose length is lost ends before the next length.
func (f damagedFile) texts(t *testing.T, key string) (list []string) {
	t.Helper()
	_, b := length(f.behind(t, key))
	for len(b) > 8 {
		var n int
		if n, b = length(b); n < 0 {
			at := bytes.Index(b, make([]byte, 7))
			for n = at - 1; b[n] >= 0x80; n-- { // the length is lost as well
			}
		}
		if n > len(b) {
			t.Fatalf("%s[%d]: %d bytes", key, len(list), n)
		}
		s := string(b[:n])
		if strings.HasPrefix(s, "tokenizer.ggml.") {
			return list
		}
		list, b = append(list, s), b[n:]
	}
	return list
}

// kinds reads n types of tokens, all of which are below 0x80.
func (f damagedFile) kinds(t *testing.T, n int) (list []int32) {
	t.Helper()
	_, b := length(f.behind(t, "tokenizer.ggml.token_type"))
	for i := range n {
		list = append(list, int32(binary.LittleEndian.Uint32(b[4*i:])))
	}
	return list
}

// scoresOf are those of Llama 2's pieces, which are lost but for their form: they stand in the order of their scores, but runs of
// spaces, of which four digits are left of -1e9, come behind all others.
func scoresOf(tokens []string) []float64 {
	scores := make([]float64, len(tokens))
	for id, s := range tokens {
		if scores[id] = -float64(id); len(s) > len("▁") && strings.Trim(s, "▁") == "" {
			scores[id] = -1e9
		}
	}
	return scores
}

// TestLlamaCppVectors: llama.cpp's own test vectors of its vocabularies, all whose texts are whole.
func TestLlamaCppVectors(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "models", "vocab")
	names, err := filepath.Glob(filepath.Join(folder, "*.gguf.out"))
	if err != nil || len(names) == 0 {
		t.Skipf("no vectors in %s", folder)
	}
	for _, name := range names {
		name := strings.TrimSuffix(name, ".out")
		t.Run(filepath.Base(name), func(t *testing.T) {
			read := func(name string) string {
				data, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				return string(data)
			}
			f := damagedFile(read(name))
			tokens := f.texts(t, "tokenizer.ggml.tokens")
			var added []Added
			for id, kind := range f.kinds(t, len(tokens)) {
				if kind == 2 || kind == 3 || kind == 4 {
					added = append(added, Added{ID: int32(id), Content: tokens[id], Special: kind != 4})
				}
			}
			var tok *Tokenizer
			if bytes.Contains(f, []byte("tokenizer.ggml.merges")) {
				v := &Vocabulary{Spellings: tokens, Pattern: "GPT-2"}
				for _, m := range f.texts(t, "tokenizer.ggml.merges") {
					left, right, _ := strings.Cut(m, " ")
					v.Merges = append(v.Merges, [2]string{left, right})
				}
				tok, err = New(v, added, -1)
			} else {
				tok, err = NewSentencePiece(tokens, scoresOf(tokens), added, 0, -1, true)
			}
			if err != nil {
				t.Fatal(err)
			}
			texts := strings.Split(read(name+".inp"), "\n__ggml_vocab_test__\n")
			lines := strings.Split(read(name+".out"), "\n")
			checked, left := 0, 0
			for i, text := range texts {
				if strings.Contains(text, damaged) {
					left++
					continue
				}
				var want []int32
				for _, field := range strings.Fields(lines[i]) {
					id, err := strconv.ParseInt(field, 10, 32)
					if err != nil {
						t.Fatal(err)
					}
					want = append(want, int32(id))
				}
				checked++
				if got := tok.Encode(nil, text); !slices.Equal(got, want) {
					t.Errorf("%q is %d, llama.cpp has %d", text, got, want)
				}
			}
			t.Logf("%d tokens: %d texts are the same, %d left out for damage", len(tokens), checked, left)
			if checked < 40 {
				t.Errorf("%d texts of %d lines", len(texts), len(lines))
			}
		})
	}
}
