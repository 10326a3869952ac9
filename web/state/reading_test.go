package state

import (
	"math"
	"math/rand/v2"
	"slices"
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

// A text is read in any script, also where no space parts its words; what is no text is refused by its file's name and leaves
// what is measured.
func TestWhatIsRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		refused    string
	}{
		{"", "从前有一个小女孩，她住在森林旁边的一间小房子里。", ""},
		{"", "กาลครั้งหนึ่งนานมาแล้ว", ""},
		{"a.txt", "\uFEFFTwo words", ""},
		{"", "one", "Paste a text"},
		{"", "\n", "Paste a text"},
		{"b.txt", "", "“b.txt” holds less"},
		{"utf16.txt", "\xff\xfeO\x00n\x00c\x00e\x00 \x00u\x00p\x00o\x00n\x00", "“utf16.txt” is no text in UTF-8"},
		{"picture.txt", "\x89PNG\r\n\x1a\n\x00\x00 \x02\x80\x90", "“picture.txt” is no text in UTF-8"},
	} {
		s := opened(t)
		run(s, EngineReady{})
		q, asked := find[Measure](run(s, ReadText{Name: c.name, Text: c.text}))
		if asked != (c.refused == "") {
			t.Errorf("%q %q is read: %t", c.name, c.text, asked)
		}
		if n := s.Notices; c.refused != "" && (len(n) != 1 || !strings.Contains(n[0].Text, c.refused) || s.On != OnBook) {
			t.Errorf("%q %q: %+v, measured on %q", c.name, c.text, n, s.On)
		}
		if strings.HasPrefix(q.Text.Words, "\uFEFF") {
			t.Errorf("the mark of byte order is read: %q", q.Text.Words)
		}
	}
}

// A caption says once that a text was brought.
func TestCaptionOfATextBrought(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"": "a text brought by the reader", "my.txt": "“my.txt”, a text brought by the reader"} {
		s := opened(t)
		run(s, ReadText{Name: name, Text: "It was a dark night."})
		if got := s.Story("", "").Text; got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// A step of a lesson leaves a brought text measured, or says that it does not and gives it back.
func TestLessonGivesTheTextBack(t *testing.T) {
	t.Parallel()
	said := func(s *State) bool {
		return slices.ContainsFunc(s.Notices, func(n Notice) bool { return n.Key == lentKey })
	}
	s := opened(t)
	run(s, EngineReady{})
	run(s, ReadText{Name: "my.txt", Text: "It was a dark night."})
	run(s, SetUp{map[string][]string{"t": {"8"}}})
	if s.On != OnRead {
		t.Errorf("a step that says nothing of the text measures on %q", s.On)
	}
	run(s, TurnPage{Lesson: "length"})
	if s.On != OnBook || !said(s) {
		t.Errorf("measured on %q, said: %v", s.On, s.Notices)
	}
	run(s, TurnPage{Lesson: "length", Page: 1})
	run(s, ChooseScene{Scene: scene.Overview})
	if q, ok := find[Measure](run(s, FinishLesson{"length"})); !ok || s.On != OnRead || q.Text.Kind != OnRead || said(s) {
		t.Errorf("after the lesson measured on %q, asked %+v, said %v", s.On, q.Text, s.Notices)
	}
	run(s, TurnPage{Lesson: "length"})
	run(s, ChooseSubject{OnText})
	if run(s, TurnPage{}); s.On != OnText {
		t.Errorf("the reader's own choice became %q", s.On)
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

// long is a page that reads a text: CLEX has read it at t = 4, plain RoPE reads it, and t has been dragged to 8 since.
func long(t *testing.T) *State {
	t.Helper()
	s := opened(t)
	run(s, EngineReady{}, DragT{T: 4, Done: true}, ReadText{Name: "my.txt", Text: "It was a dark night."})
	run(s, LossMeasured{&scene.Loss{Method: "clex", Subject: s.subjectID(), T: 4, NLL: []float32{1}}}, progress("rope"))
	return s
}

func progress(method string) ReadingProgress {
	return ReadingProgress{jobs.Progress{Method: method, Done: 1, Total: 2}}
}

// What says who reads ends with the reading, however that ends, and what was on its way then does not bring it back.
func TestReadingEnds(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]Message{
		"cancelled": StopReading{}, "another text": ReadText{Text: "Another text of mine"}, "another t": DragT{T: 8, Done: true},
		"another model": ChooseModel{"medium"}, "the book": ChooseSubject{OnBook}, "an engine that died": EngineFailed{Key: "worker", Title: "The engine stopped."},
	} {
		s := long(t)
		s.Models = append(s.Models, offer("medium"))
		if who, _ := s.ReadingNow(); who != "rope" {
			t.Fatalf("%q reads", who)
		}
		run(s, m)
		if who, _ := s.ReadingNow(); who != "" {
			t.Errorf("%s: %s still reads", name, who)
		}
		if run(s, progress("rope")); name == "cancelled" {
			if who, _ := s.ReadingNow(); who != "" {
				t.Errorf("%s: a late word has %s read again", name, who)
			}
		}
	}
}

// Where a text was cut for one model is nothing to the next.
func TestCutIsOfOneModel(t *testing.T) {
	t.Parallel()
	s := long(t)
	s.Models = append(s.Models, offer("medium"))
	run(s, Spelled{s.subjectID(), jobs.Spelled{Tokens: []string{"It"}, Bytes: 2, Of: 100}})
	if len(s.Notices) != 1 {
		t.Fatalf("notices %+v", s.Notices)
	}
	if run(s, ChooseModel{"medium"}); len(s.Notices) != 0 {
		t.Errorf("under the next model stands %+v", s.Notices)
	}
}

// The caption of a picture of half a measurement says which methods are not in it.
func TestCaptionOfHalfAReading(t *testing.T) {
	t.Parallel()
	s := long(t)
	run(s, DragT{T: 8, Done: true})
	c := s.Story("", "").Caption
	if want := "CLEX read at t = 4, Plain RoPE (not measured), PI (not measured)"; !strings.HasPrefix(c[len(c)-1], want) {
		t.Errorf("%q, want %q", c[len(c)-1], want)
	}
}

// A method that is no longer drawn ends no reading of others, and brings none back that was cancelled; one that is read or is to be
// read is.
func TestMethodIsTakenFromAReading(t *testing.T) {
	t.Parallel()
	asked := func(s *State, m string) bool {
		_, ok := find[Measure](run(s, ToggleMethod{m}))
		return ok
	}
	s := long(t)
	run(s, LossMeasured{&scene.Loss{Method: "yarn", Subject: s.subjectID(), T: 4, NLL: []float32{1}}}, progress("rope"))
	if asked(s, "yarn") {
		t.Error("what has read the text is taken away, and the reading begins anew")
	}
	if !asked(s, "pi") {
		t.Error("PI is to read, and nobody told the engine that it is not")
	}
	run(s, progress("rope"), StopReading{})
	if asked(s, "ntk") {
		t.Error("the reading was cancelled and goes on when a method is taken away")
	}
	if !asked(s, "ntk") {
		t.Error("a method that is drawn is not read")
	}
}
