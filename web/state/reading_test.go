package state

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

func TestReadMyText(t *testing.T) {
	t.Parallel()
	s := opened(t)
	run(s, EngineReady{})
	run(s, LossMeasured{&scene.Loss{Method: "clex", Subject: 1, NLL: []float32{1}}})
	q, ok := find[Measure](run(s, ReadText{Name: "my.txt", Text: "It was\r\na dark night."}))
	if !ok || q.Text.Words != "It was\na dark night." || q.Text.MaxTokens != 4096 || len(q.Loss) != 5 || len(s.Losses) != 0 {
		t.Fatalf("asked %+v, losses %v", q, s.Losses)
	}
	id := q.Subject
	run(s, Spelled{Subject: id})
	m := Spelled{Subject: id}
	m.Tokens, m.Bytes, m.Of = []string{"It", " was"}, 6, 100
	run(s, m)
	if n := s.Notices; len(n) != 1 || !strings.Contains(n[0].Text, "cut after “It was”") || !strings.Contains(n[0].Text, "2 tokens") {
		t.Errorf("that the text is too long is not said: %+v", n)
	}
	if s.Query().Has("on") {
		t.Errorf("the link is %q: whoever opens it has not the text", s.Query().Encode())
	}
	if _, ok := find[StopMeasuring](run(s, StopReading{})); !ok {
		t.Error("reading cannot be stopped")
	}
	if again, _ := find[Measure](run(s, ReadText{Name: "", Text: "Another text of mine"})); again.Subject == id {
		t.Error("two texts have one number")
	}
	if out := run(s, ReadText{Name: "", Text: " \n"}); len(out) != 0 {
		t.Errorf("nothing to read: %v", out)
	}
}

// The interval holds the true difference about as often as it says, also where neighbours'
// losses go together.
func TestPairedIntervals(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	const true_, trials, n = 0.1, 400, 1024
	held := 0
	for range trials {
		s := opened(t)
		a, b := &scene.Loss{Method: "pi", Subject: 1}, &scene.Loss{Method: "rope", Subject: 1}
		drift := 0.0
		for range n {
			drift = 0.6*drift + random.NormFloat64()
			base := 3 + random.NormFloat64()
			a.NLL = append(a.NLL, float32(base+true_+0.3*drift))
			b.NLL = append(b.NLL, float32(base))
		}
		run(s, LossMeasured{a}, LossMeasured{b})
		mean, half, ok := Paired(s.Losses["pi"], s.Losses["rope"], 0, n)
		if !ok || math.IsNaN(half) {
			t.Fatal("no interval")
		}
		if math.Abs(mean-true_) <= half {
			held++
		}
	}
	if share := float64(held) / trials; share < 0.9 || share > 0.98 {
		t.Errorf("the 95 %% interval holds the difference %v of the time", share)
	}
	for freedom, want := range map[int]float64{3: 3.182, 4: 2.776, 10: 2.228, 63: 1.998} {
		if got := student(freedom); math.Abs(got-want) > 0.03 {
			t.Errorf("t of %d degrees of freedom: %v, tables say %v", freedom, got, want)
		}
	}
}

func TestStretches(t *testing.T) {
	t.Parallel()
	s := opened(t)
	s.Windows = 4
	var got []string
	for _, x := range Stretches(s.measuredLength(), s.Window()) {
		got = append(got, x.Label, Count(x.From), Count(x.To))
	}
	if want := "within the window 0 256 1× to 2× 256 512 2× to 4× 512 1,024"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", strings.Join(got, " "), want)
	}
}

// A share of a large file is of the file, not of the beginning that was taken.
func TestShareIsOfTheWholeFile(t *testing.T) {
	t.Parallel()
	s := New(Defaults())
	run(&s, ModelsListed{[]Model{offer("small")}}, EngineReady{Backend: "CPU"}, ReadText{Name: "long.txt", Text: "a b c d e f g h i j", Rest: 181})
	run(&s, Spelled{s.subjectID(), jobs.Spelled{Tokens: []string{"a", " b", " c", " d", " e"}, Bytes: 10, Of: 19}})
	if n := s.Notices; len(n) != 1 || !strings.Contains(n[0].Text, "5.0 % of it") && !strings.Contains(n[0].Text, "5 % of it") {
		t.Errorf("10 of 200 bytes: %+v", n)
	}
}
