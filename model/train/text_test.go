package train

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"clexlab/model"
)

// TestFactsAgree: in every row a key is followed by one value only, whether the
// row is all facts or has them woven into prose, and only answers weigh more.
func TestFactsAgree(t *testing.T) {
	r, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		t.Fatal(err)
	}
	r.Model.Vocab, r.Model.Window = 1024, 128
	text := fillerTrainer(t, r).text
	rng := rand.New(rand.NewPCG(1, 1))
	mix := TextMix{Facts: 3, AnswerWeight: 4}
	for _, prose := range []int{0, 129} {
		for range 200 {
			tokens, weights := make([]int32, 129), make([]float32, 128)
			text.weave(tokens, weights, mix, prose, rng)
			said := map[int32]int32{}
			for i, id := range tokens {
				if !slices.Contains(text.Task.Answers(), id) || i == 0 {
					continue
				}
				key := tokens[i-1]
				if old, told := said[key]; told && old != id {
					t.Fatalf("token %d is %d, after the same key stood %d", i, id, old)
				} else if !told && weights[i-1] == 4 {
					t.Fatalf("token %d is asked for before it was told", i)
				}
				said[key] = id
			}
			for i, w := range weights {
				if w == 4 && !slices.Contains(text.Task.Answers(), tokens[i+1]) {
					t.Fatalf("token %d weighs 4 and is no answer", i+1)
				}
			}
			if len(said) == 0 {
				t.Fatal("a row without facts")
			}
			if mark := text.Task.AppendMark(nil)[0]; tokens[0] != mark || slices.Contains(tokens[1:], mark) {
				t.Fatal("a row of facts must hold the mark at its start and nowhere else")
			}
		}
	}
}

// numbered is a text of two books whose tokens tell their book and place; every tenth
// ends a sentence, and every hundredth holds a digit.
func numbered(t *testing.T, n int) *Text {
	t.Helper()
	books := [][]int32{make([]int32, n), make([]int32, n)}
	ends, digits := make([]bool, 2*n), make([]bool, 2*n)
	for i := range ends {
		books[i/n][i%n] = int32(i)
		ends[i], digits[i] = i%10 == 9, i%100 == 55
	}
	text, err := NewText(books, ends, digits, nil, 64)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestInterleaved: chunks of each piece come in turn, and each piece goes on where it stopped.
func TestInterleaved(t *testing.T) {
	text := numbered(t, 4000)
	rng := rand.New(rand.NewPCG(4, 4))
	for _, c := range []struct{ n, documents, chunk int }{{257, 3, 32}, {64, 2, 7}, {65, 4, 100}, {20, 3, 1}} {
		row := text.passage(rng, c.n, TextMix{Interleave: &Interleave{c.documents, c.chunk}})
		if len(row) != c.n {
			t.Fatalf("%+v: %d tokens", c, len(row))
		}
		next := make([]int32, c.documents)
		for i, id := range row {
			piece := i / c.chunk % c.documents
			if i >= c.chunk*c.documents && id != next[piece] || i%c.chunk > 0 && id != next[piece] {
				t.Fatalf("%+v: token %d is %d, piece %d went as far as %d", c, i, id, piece, next[piece])
			}
			next[piece] = id + 1
		}
	}
}

// TestThinned: whole sentences are missing, none that holds a digit, and of the others
// as many as asked for.
func TestThinned(t *testing.T) {
	// So long that two draws of prose hardly ever lie close to each other.
	const long = 400_000
	text := numbered(t, long)
	rng := rand.New(rand.NewPCG(4, 4))
	var kept, left float64
	for range 400 {
		row := text.passage(rng, 300, TextMix{DropProb: 0.4})
		if len(row) != 300 {
			t.Fatalf("%d tokens", len(row))
		}
		for i := 1; i < len(row); i++ {
			from, to := row[i-1], row[i]
			if to == from+1 {
				if to%10 == 0 {
					kept++
				}
				continue
			}
			if to < from || to/long != from/long || to-from > 290 {
				continue // the next piece of prose
			}
			if to%10 != 0 || from%10 != 9 {
				t.Fatalf("token %d follows %d: cut inside a sentence", to, from)
			}
			for s := from + 1; s < to; s += 10 {
				if s%100 == 50 {
					t.Fatalf("the sentence from %d, which holds a digit, was left out", s)
				}
				left++
			}
			kept++
		}
	}
	// A tenth of all sentences stay for their digit: 0.9·0.4 are left out.
	if share := left / (kept + left); math.Abs(share-0.36) > 0.02 {
		t.Errorf("%.3f of the sentences were left out, want 0.36", share)
	}
	if kept, sentences := text.Kept(); kept*10 != sentences || sentences*10 != len(text.Documents)*long {
		t.Errorf("%d of %d sentences always stay, want a tenth of those of 10 tokens each", kept, sentences)
	}
}

// TestImpactfulStay: sentences that hold an impactful token stay, as those with a digit do.
func TestImpactfulStay(t *testing.T) {
	const long = 400_000
	text := numbered(t, long)
	text.Impactful = make([]bool, len(text.Ends))
	for i := 33; i < len(text.Impactful); i += 100 {
		text.Impactful[i] = true
	}
	rng := rand.New(rand.NewPCG(4, 4))
	kept := map[int32]bool{}
	for range 300 {
		row := text.passage(rng, 300, TextMix{DropProb: 0.8})
		for i := 1; i < len(row); i++ {
			from, to := row[i-1], row[i]
			if to <= from+1 || to/long != from/long || to-from > 290 {
				continue
			}
			for s := from + 1; s < to; s += 10 {
				if s%100 == 30 || s%100 == 50 {
					t.Fatalf("the sentence from %d was left out, but holds an impactful token or a digit", s)
				}
				kept[s%100] = true
			}
		}
	}
	if len(kept) != 8 {
		t.Errorf("left out were sentences at %v, want eight of ten kinds", kept)
	}
}

// TestTables: a row opens with the mark and a table, and each question's answer stands in its table's row.
func TestTables(t *testing.T) {
	r, err := ParseRecipe([]byte(goodRecipe))
	if err != nil {
		t.Fatal(err)
	}
	r.Model.Vocab = 1024
	tr := fillerTrainer(t, r)
	rng := rand.New(rand.NewPCG(2, 2))
	tokens, weights := make([]int32, 121), make([]float32, 120)
	asked := 0
	for range 50 {
		tr.text.Row(tokens, weights, TextMix{Tables: 1, AnswerWeight: 4}, rng)
		if tokens[0] != tr.text.Task.AppendMark(nil)[0] {
			t.Fatal("a table without a mark")
		}
		for i, w := range weights {
			if w != 4 {
				continue
			}
			asked++
			key, answer := tokens[i], tokens[i+1]
			found := 0
			for j := 1; j < 60; j++ {
				if tokens[j] == key && tokens[j+1] == answer {
					found++
				}
			}
			if found == 0 {
				t.Fatalf("no row of the table says %d of %d: %v", answer, key, tokens)
			}
		}
	}
	if asked < 100 {
		t.Errorf("%d questions in 50 rows", asked)
	}
}

// TestImportInt8: int8 rows come in as what they stand for, half a step off at most.
func TestImportInt8(t *testing.T) {
	cfg := Shape{Vocab: 20, Dim: 12, HiddenDim: 16, Layers: 1, Heads: 2, KVHeads: 2, HeadDim: 6, Base: 10000, Window: 16, TiedHead: true}.Config()
	from, err := NewParameters(cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	exact := from.Weights().Layers[0].Up.F32
	w := model.Quantize(from.Weights())
	steps := w.Layers[0].Up.Scale
	to, err := NewParameters(cfg, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := to.Import(w); err != nil {
		t.Fatal(err)
	}
	got := to.Weights()
	for i, v := range got.Layers[0].Up.F32 {
		if d := v - exact[i]; d > 0.51*steps[i/cfg.Dim] || d < -0.51*steps[i/cfg.Dim] {
			t.Fatalf("value %d came in as %v, was %v in steps of %v", i, v, exact[i], steps[i/cfg.Dim])
		}
	}
	if err := to.Import(from.Weights()); err != nil || !slices.Equal(to.Flat, from.Flat) {
		t.Errorf("float32 weights changed on their way in, error %v", err)
	}
	w.Layers[0].Up.Rows, w.Layers[0].Up.I8 = 3, w.Layers[0].Up.I8[:36]
	if err := to.Import(w); err == nil {
		t.Error("a matrix of the wrong size: no error")
	}
}
