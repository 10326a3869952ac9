package evaluate

import (
	"math"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/train"
)

// Words are counted by hand. Without its ends the first text is a b c d a b c d e: of its six runs of four one, a b c d, stood before.
// The second has x x x x x, with one of two runs repeated, and no run of the first counts for it.
func TestWording(t *testing.T) {
	texts := []string{"cut A b, c d. A b c d e end", "cut x x x x x end"}
	got := WordingOf(texts, func(w string) bool { return w != "x" && w != "e" })
	if want := (Wording{Texts: 2, Words: 14, Known: round(8.0 / 14), Repeated: 0.25}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	// Runs of five: a b c d a has four words, b c d e x five, and the rest is no run.
	if got := distinctWords(strings.Fields("a b c d a b c d e x x x x x"), 5); got != 4.5 {
		t.Errorf("%v different words a run, want 4.5", got)
	}
	// A thousand words in turns of ten.
	long := "cut " + strings.Repeat("a b c d e f g h i j ", 100) + "end"
	if got := WordingOf([]string{long}, func(string) bool { return true }); got.Distinct != 10 || got.Words != 1000 || got.Repeated != round(987.0/997) {
		t.Errorf("%+v", got)
	}
}

func tinyReader(t *testing.T, uniform bool) *Reader {
	t.Helper()
	cfg := train.Shape{Vocab: 50, Dim: 16, HiddenDim: 24, Layers: 1, Heads: 2, KVHeads: 2, HeadDim: 8, Base: 10000, Window: 32}.Config()
	w := model.RandomWeights(cfg, 5, 1, false)
	if uniform {
		clear(w.Head.F32)
	}
	m, err := model.New(cfg, w)
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := clex.New("rope", cfg.Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(m, scheme, clex.LengthRule{}, 64)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func numbers(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32(i * i % 50)
	}
	return list
}

// Every token of a uniform model costs log₂ V bits, and any model's tokens cost what they cost read one window after another by hand.
func TestBitsPerByte(t *testing.T) {
	documents, bytes := [][]int32{numbers(100), numbers(20), {7}}, []int{300, 70, 3}
	got, err := tinyReader(t, true).BitsPerByte(t.Context(), documents, bytes, nil)
	if want := (99 + 19) * math.Log2(50) / 373; err != nil || math.Abs(got-want) > 1e-5 {
		t.Errorf("uniform: %v bits a byte, want %v; %v", got, want, err)
	}
	r := tinyReader(t, false)
	if got, err = r.BitsPerByte(t.Context(), documents[:1], bytes[:1], nil); err != nil {
		t.Fatal(err)
	}
	// Windows of 32 tokens end at 32, 48, 64, 80, 96 and 100.
	var nats float64
	for _, w := range [][3]int{{0, 32, 1}, {16, 48, 16}, {32, 64, 16}, {48, 80, 16}, {64, 96, 16}, {68, 100, 28}} {
		losses, err := r.Losses(t.Context(), documents[0][w[0]:w[1]], w[2])
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range losses {
			nats += float64(v)
		}
	}
	if want := nats / math.Ln2 / 300; math.Abs(got-want) > 1e-9 {
		t.Errorf("%v bits a byte, by hand %v", got, want)
	}
	for _, bad := range [][]int{{1}, {0, 0, 0}} {
		if _, err := r.BitsPerByte(t.Context(), documents, bad, nil); err == nil {
			t.Errorf("sizes %v: no error", bad)
		}
	}
}

// The texts begin with the prompt, are those of the seeds 1, 2 …, and are counted without the prompt.
func TestMeasureWriting(t *testing.T) {
	r := tinyReader(t, false)
	words := func(tokens []int32) string {
		var b strings.Builder
		for _, id := range tokens {
			b.WriteString(" " + string(rune('a'+id%26)))
		}
		return b.String()
	}
	plan := WritingPlan{
		Documents: map[string][][]int32{"test": {numbers(200)}}, Bytes: map[string][]int{"test": {400}},
		Prompt: []int32{1, 2, 3}, Texts: 3, Tokens: 32, Begun: 2, BegunWords: 10, Sampling: model.Sampling{Temperature: 1},
		Decode: words, Known: func(w string) bool { return w < "n" },
	}
	w, err := r.MeasureWriting(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	// 29 tokens are written, a word each, and the two at the ends do not count.
	if w.Own.Texts != 3 || w.Own.Words != 3*27 || w.Books["test"].Words != 3*27 || len(w.Begun) != 2 || w.BitsPerByte["test"] <= 0 {
		t.Errorf("%+v", w)
	}
	for i, text := range w.Begun {
		sampling := plan.Sampling
		sampling.Seed = uint64(i + 1)
		tokens, err := r.write(t.Context(), plan.Prompt, 32, sampling, nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.TrimSpace(words(tokens[:10])); text != want || !strings.HasPrefix(text, "b c d ") {
			t.Errorf("text %d begins %q, want %q", i, text, want)
		}
	}
	if w.Begun[0] == w.Begun[1] {
		t.Error("two seeds wrote the same")
	}
}
