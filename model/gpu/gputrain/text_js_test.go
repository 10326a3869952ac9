//go:build js && wasm

package gputrain

import (
	"hash/fnv"
	"math/rand/v2"
	"testing"

	"clexlab/model/recall"
	"clexlab/model/train"
)

// words is a tokenizer of the first IDs of a vocabulary, a word a token: several words may share one.
func words(vocab int) recall.Encoder {
	return func(dst []int32, text string) []int32 {
		start := 0
		for i := 1; i <= len(text); i++ {
			if i == len(text) || text[i] == ' ' || text[i] == '.' {
				h := fnv.New32()
				h.Write([]byte(text[start:i]))
				dst = append(dst, int32(h.Sum32()%uint32(vocab)))
				start = i
			}
		}
		return dst
	}
}

// book is text in which what follows is half a matter of what came before, and the recall task.
func book(t testing.TB, r *train.Recipe) *train.Text {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	vocab := r.Model.Vocab
	document := make([]int32, 20*r.Model.Window)
	for i := range document {
		document[i] = int32(rng.IntN(vocab))
		if i > 0 && rng.IntN(2) == 0 {
			document[i] = (document[i-1]*7 + 3) % int32(vocab)
		}
	}
	task, err := recall.NewTask(words(vocab))
	if err != nil {
		t.Fatal(err)
	}
	ends := make([]bool, vocab)
	for i := range 9 {
		ends[i] = true
	}
	text, err := train.NewText([][]int32{document}, ends, make([]bool, vocab), task, r.Model.Window)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
