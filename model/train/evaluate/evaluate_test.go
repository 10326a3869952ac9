package evaluate

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/train"
)

// TestWindowsEndSameEncodings: the same ends for every length, spread over all
// documents long enough, each with room for the longest.
func TestWindowsEndSameEncodings(t *testing.T) {
	documents := [][]int32{make([]int32, 1000), make([]int32, 90), make([]int32, 3000)}
	windows, err := Windows(documents, 40, 400)
	if err != nil {
		t.Fatal(err)
	}
	count := map[int]int{}
	for i, w := range windows {
		count[w.Document]++
		if w.End < 400 || w.End > len(documents[w.Document]) {
			t.Errorf("window %d ends at %d of document %d", i, w.End, w.Document)
		}
		if i > 0 && w == windows[i-1] {
			t.Errorf("window %d repeats %v", i, w)
		}
	}
	// Room is 601 and 2601 ends: near one to four.
	if len(windows) != 40 || count[1] != 0 || count[0] < 6 || count[0] > 9 {
		t.Errorf("%d windows, by document %v", len(windows), count)
	}
	if _, err := Windows(documents, 1, 4000); err == nil {
		t.Error("no document holds 4000 tokens: no error")
	}
}

// TestBootstrapInterval compares with the normal interval of a large sample.
func TestBootstrapInterval(t *testing.T) {
	const n, mean, deviation = 400, 3.0, 0.5
	rng := rand.New(rand.NewPCG(1, 1))
	sample := make([]float64, n)
	var sum float64
	for i := range sample {
		sample[i] = mean + deviation*rng.NormFloat64()
		sum += sample[i]
	}
	p := Bootstrap(sample, 1)
	half := 1.96 * deviation / math.Sqrt(n)
	if got := math.Log(p.Value); math.Abs(got-sum/n) > 1e-12 {
		t.Errorf("value is exp %v, want the mean %v", got, sum/n)
	}
	for _, c := range []struct{ got, want float64 }{{math.Log(p.Low), sum/n - half}, {math.Log(p.High), sum/n + half}} {
		if math.Abs(c.got-c.want) > 0.2*half {
			t.Errorf("interval end %v, want %v within a fifth of %v", c.got, c.want, half)
		}
	}
}

// TestKnownWords counts whole words by hand.
func TestKnownWords(t *testing.T) {
	known := func(w string) bool { return w == "the" || w == "fox's" || w == "tail" }
	// "ong" and "en" are cut ends; of the, fox's, tial, The, tail four are known.
	if got := knownWords("ong the fox's tial. The tail en", known); got != 0.8 {
		t.Errorf("%v of the words are known, want 0.8", got)
	}
	if got := knownWords("so few", known); got != 0 {
		t.Errorf("two cut words give %v, want 0", got)
	}
}

// TestLongSample: a text is as long as asked for, judged piece by piece, and the judge's
// loss is the closed form where it is a uniform model.
func TestLongSample(t *testing.T) {
	cfg := train.Shape{Vocab: 50, Dim: 16, HiddenDim: 24, Layers: 1, Heads: 2, KVHeads: 2, HeadDim: 8, Base: 10000, Window: 32}.Config()
	reader := func(uniform bool) *Reader {
		p, err := train.NewParameters(cfg, 1)
		if err != nil {
			t.Fatal(err)
		}
		w := p.Weights()
		if uniform {
			clear(w.Head.F32)
		}
		m, err := model.New(cfg, w)
		if err != nil {
			t.Fatal(err)
		}
		scheme, err := clex.New("ntk", cfg.Rotary, clex.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(m, scheme, clex.LengthRule{}, 200)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	plan := LongSamplePlan{
		Prompt: []int32{1, 2, 3}, Tokens: 100, Sampling: model.Sampling{Temperature: 1, Seed: 1}, Judge: reader(true),
		Decode: func(tokens []int32) string { return strings.Repeat("a b ", len(tokens)) },
		Known:  func(w string) bool { return w == "a" },
	}
	sample, err := reader(false).WriteLong(context.Background(), plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(sample.Loss) != 3 || len(sample.Words) != 3 || sample.Ending != strings.Repeat("a b ", 80) {
		t.Fatalf("%d pieces, ending of %d bytes", len(sample.Loss), len(sample.Ending))
	}
	for i, v := range sample.Loss {
		if math.Abs(v-math.Log(50)) > 1e-4 {
			t.Errorf("piece %d has a loss of %v, want ln 50", i, v)
		}
		if math.Abs(sample.Words[i]-0.5) > 0.02 {
			t.Errorf("half of the words of piece %d are known, got %v", i, sample.Words[i])
		}
	}
}

// TestUniformModel: with a zero head every token costs ln V, at any length and scheme.
func TestUniformModel(t *testing.T) {
	cfg := train.Shape{Vocab: 50, Dim: 16, HiddenDim: 24, Layers: 1, Heads: 2, KVHeads: 2, HeadDim: 8, Base: 10000, Window: 32}.Config()
	p, err := train.NewParameters(cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	w := p.Weights()
	clear(w.Head.F32)
	m, err := model.New(cfg, w)
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := clex.New("ntk", cfg.Rotary, clex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	documents := [][]int32{make([]int32, 2000)}
	for i := range documents[0] {
		documents[0][i] = int32(i % 50)
	}
	r, err := NewReader(m, scheme, clex.LengthRule{Kind: clex.ContinuousRule}, 300)
	if err != nil {
		t.Fatal(err)
	}
	readAt := func(n int) bool {
		var want clex.Encoding
		if err := scheme.Encode(&want, float64(n)/32, n); err != nil {
			t.Fatal(err)
		}
		return r.sequence.Encoding().Equal(&want)
	}
	windows, err := Windows(documents, 5, 300)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{160, 300} {
		means, position, err := r.WindowLosses(context.Background(), documents, windows, n, 3, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range append(means, position...) {
			if math.Abs(v-math.Log(50)) > 1e-5 {
				t.Fatalf("length %d: loss %v, want ln 50", n, v)
			}
		}
		if len(position) != n-1 || !readAt(n) {
			t.Errorf("length %d: %d positions, read in %+v", n, len(position), r.sequence.Encoding())
		}
	}
	if right, probability, err := r.Answer(context.Background(), documents[0][:40], 7); err != nil || right || math.Abs(probability-0.02) > 1e-6 {
		t.Errorf("answer %v with probability %v, error %v: want 1/50", right, probability, err)
	}
	if !readAt(40) {
		t.Errorf("the question after 40 tokens was read in %+v", r.sequence.Encoding())
	}
}

// NTK-aware scaling and its dynamic form are one where t is the length over the window, and nowhere else.
func TestSameEncodings(t *testing.T) {
	rotary := clex.Rotary{HeadDim: 8, Dims: 8, Base: 10000, Window: 256, Pairing: clex.HalfSplit}
	scheme := func(name string) clex.Scheme {
		// Dynamic NTK that grows by 1 is NTK-aware scaling at t·L.
		s, err := clex.New(name, rotary, clex.Options{Factor: 1})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	rule := clex.LengthRule{}
	for _, c := range []struct {
		scheme  string
		lengths []int
		want    bool
	}{
		{"dynamic", []int{256, 512, 4096}, true},
		{"dynamic", []int{256, 300}, true}, // one encoding serves a whole window
		{"yarn", []int{256, 512}, false},
		{"pi", []int{256}, true},
		{"pi", []int{512}, false},
		{"string", []int{512}, false},
	} {
		if got, err := SameEncodings(scheme("ntk"), scheme(c.scheme), rule, c.lengths); err != nil || got != c.want {
			t.Errorf("ntk and %s at %v: %t, %v", c.scheme, c.lengths, got, err)
		}
	}
}

// Two rows that differ by a hundredth on windows that differ by much more: the paired interval is of the
// hundredth, that of each row alone is far wider.
func TestPaired(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	a, b := make([]float64, 100), make([]float64, 100)
	for i := range a {
		hard := 3 + rng.NormFloat64()
		b[i] = hard
		a[i] = hard + 0.01 + 0.005*rng.NormFloat64()
	}
	x, y := &Measurement{Lengths: []int{256}, Losses: [][]float64{a}}, &Measurement{Lengths: []int{256}, Losses: [][]float64{b}}
	p, err := x.Paired(y, 256)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(math.Log(p.Value)-0.01) > 0.002 || math.Log(p.High)-math.Log(p.Low) > 0.004 || p.Low <= 1 {
		t.Errorf("paired: %+v", p)
	}
	if alone := Bootstrap(a, 1); alone.High/alone.Low < 1.2 {
		t.Errorf("alone: %+v", alone)
	}
	if _, err := x.Paired(y, 512); err == nil {
		t.Error("a length that was not measured: no error")
	}
	y.Losses[0] = b[:50]
	if _, err := x.Paired(y, 256); err == nil {
		t.Error("other windows: no error")
	}
}

// Losses stand in the order of Windows at every length, though some of them are read first.
func TestMeasureKeepsTheOrderOfWindows(t *testing.T) {
	cfg := train.Shape{Vocab: 50, Dim: 16, HiddenDim: 24, Layers: 1, Heads: 2, KVHeads: 2, HeadDim: 8, Base: 10000, Window: 32}.Config()
	p, err := train.NewParameters(cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(cfg, p.Weights())
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
	rng := rand.New(rand.NewPCG(1, 7))
	documents := [][]int32{make([]int32, 500)}
	for i := range documents[0] {
		documents[0][i] = rng.Int32N(50)
	}
	plan := Plan{Lengths: []int{16, 32, 64}, Documents: documents, Windows: 45, LongWindows: 9, Long: 32}
	got, err := r.Measure(context.Background(), plan)
	if err != nil {
		t.Fatal(err)
	}
	windows, err := Windows(documents, 45, 64)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range plan.Lengths {
		step := 45 / len(got.Losses[i])
		for k, loss := range got.Losses[i] {
			w := windows[k*step]
			want, err := r.Losses(context.Background(), documents[0][w.End-n:w.End], 1)
			if err != nil {
				t.Fatal(err)
			}
			var mean float64
			for _, v := range want {
				mean += float64(v) / float64(len(want))
			}
			if math.Abs(loss-mean) > 1e-4 {
				t.Errorf("%d tokens: window %d has %v, its tokens %v", n, k, loss, mean)
			}
		}
	}
}

// A row that costs a tenth of a nat more on the same endings grows by e^0.1, whatever the endings that only the
// shorter length was read on.
func TestGrowth(t *testing.T) {
	short, long := make([]float64, 20), make([]float64, 5)
	for i := range short {
		short[i] = float64(i % 7)
	}
	for i := range long {
		long[i] = short[4*i] + 0.1
	}
	m := &Measurement{Lengths: []int{256, 1024}, Losses: [][]float64{short, long}}
	p, err := m.Growth(1024)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []float64{p.Value, p.Low, p.High} {
		if math.Abs(v-math.Exp(0.1)) > 1e-9 {
			t.Errorf("growth %+v, want e^0.1 without a spread", p)
		}
	}
	if _, err := m.Growth(512); err == nil {
		t.Error("a length that was not measured: no error")
	}
	m.Losses[0] = short[:4]
	if _, err := m.Growth(1024); err == nil {
		t.Error("more windows of the longer length: no error")
	}
}

// What texts open with stands at the beginning of every window, in place of what stood there, and changes what is measured.
func TestOpening(t *testing.T) {
	cfg := train.Shape{Vocab: 50, Dim: 16, HiddenDim: 24, Layers: 1, Heads: 2, KVHeads: 2, HeadDim: 8, Base: 10000, Window: 64}.Config()
	m, err := model.New(cfg, model.RandomWeights(cfg, 5, 1, false))
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
	document := make([]int32, 100)
	for i := range document {
		document[i] = int32(i * 7 % 50)
	}
	losses := func() []float64 {
		_, position, err := r.WindowLosses(t.Context(), [][]int32{document}, []Window{{0, 90}}, 40, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		return position
	}
	before := losses()
	r.Opening = []int32{3, 4}
	after := losses()
	want, err := r.Losses(t.Context(), append([]int32{3, 4}, document[52:90]...), 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range want {
		if math.Abs(float64(v)-after[i]) > 1e-9 {
			t.Errorf("position %d: %v, want %v", i, after[i], v)
		}
	}
	if math.Abs(after[5]-before[5]) < 1e-4 {
		t.Errorf("position 5 is %v with and without an opening", after[5])
	}
}
