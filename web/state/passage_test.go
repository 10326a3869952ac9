package state

import (
	"slices"
	"strings"
	"testing"

	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// twoTexts is a page at rest with two texts of n tokens that have their first same tokens in common.
func twoTexts(t *testing.T, n, same int) *State {
	t.Helper()
	s := New(Defaults())
	run(&s, ModelsListed{[]Model{offer("small")}}, EngineReady{Backend: "CPU"})
	other := tokens(n)
	for i := same; i < n; i++ {
		other[i].ID += 1000
	}
	run(&s, PromptTokens{s.Panes[0].Job, tokens(n)}, PromptTokens{s.Panes[1].Job, other}, Stop{})
	return &s
}

func spell(s *State, n int) {
	words := make([]string, n)
	for i := range words {
		words[i] = "w" + Count(i)
	}
	id, _, _, _ := s.Subject()
	run(s, Spelled{id, jobs.Spelled{Tokens: words, Bytes: n, Of: n}})
}

// A position of a figure is lit in the text that the figure was measured on, in what the other text has in
// common with it, and nowhere else.
func TestLightFallsOnWhatWasMeasured(t *testing.T) {
	t.Parallel()
	s := twoTexts(t, 100, 12)
	lit := func() [2]int {
		a, _ := s.Lit(0)
		b, _ := s.Lit(1)
		return [2]int{a, b}
	}
	for _, c := range []struct {
		on       Subject
		token    int
		lit      [2]int
		revealed []int
	}{
		{OnText, 5, [2]int{5, 5}, []int{0, 1}}, {OnText, 11, [2]int{11, 11}, []int{0, 1}}, {OnText, 12, [2]int{12, -1}, []int{0}},
		{OnSecond, 12, [2]int{-1, 12}, []int{1}}, {OnSecond, 3, [2]int{3, 3}, []int{0, 1}}, {OnBook, 3, [2]int{-1, -1}, nil},
	} {
		run(s, ChooseSubject{c.on})
		if c.on == OnBook {
			spell(s, 1024)
		}
		var revealed []int
		for _, e := range run(s, PictureMessage{&scene.Hover{Token: c.token, Key: -1}}) {
			if r, ok := e.(Reveal); ok && r.Index == c.token {
				revealed = append(revealed, r.Pane)
			}
		}
		if got := lit(); got != c.lit || !slices.Equal(revealed, c.revealed) {
			t.Errorf("on %q, token %d: lit %v in the texts and %v brought into sight, want %v and %v", c.on, c.token, got, revealed, c.lit, c.revealed)
		}
		if token, _ := s.LitNow(); token != c.token {
			t.Errorf("on %q: token %d is lit among the words, want %d", c.on, token, c.token)
		}
		run(s, PictureMessage{scene.Say("")})
	}
	// And back: what is pointed at in a text is a position of the figures where it was measured.
	for _, c := range []struct {
		on          Subject
		pane, index int
		want        int
	}{{OnText, 0, 50, 50}, {OnText, 1, 50, -1}, {OnText, 1, 7, 7}, {OnSecond, 1, 50, 50}, {OnSecond, 0, 50, -1}, {OnBook, 0, 50, -1}} {
		run(s, ChooseSubject{c.on}, PickToken{Pick{Pane: c.pane, Index: c.index}})
		if got := s.Pointed(); got != c.want {
			t.Errorf("on %q, token %d of text %d is position %d, want %d", c.on, c.index, c.pane, got, c.want)
		}
		run(s, PickToken{NoPick})
	}
}

// The words of the book follow the pointer in the picture, stay when it leaves, and point themselves.
func TestPassage(t *testing.T) {
	t.Parallel()
	s := twoTexts(t, 20, 20)
	if _, _, words := s.PassageAround(3); len(words) != 0 {
		t.Errorf("no words have come, and %q are shown", words)
	}
	spell(s, 1024)
	around := func() string { _, _, words := s.PassageAround(1); return strings.Join(words, " ") }
	if got, want := around(), "w255 w256 w257"; got != want {
		t.Errorf("at first %q, want the end of the trained window: %q", got, want)
	}
	run(s, SetWindows{1})
	if got, want := around(), "w127 w128 w129"; got != want {
		t.Errorf("in a text within the window %q, want its middle: %q", got, want)
	}
	run(s, SetWindows{4}, PictureMessage{&scene.Hover{Token: 700, Key: 3}}, PictureMessage{scene.Say("")})
	if got, want := around(), "w699 w700 w701"; got != want || s.Pointed() != -1 {
		t.Errorf("the pointer was on 700: %q, want %q; %d is pointed at", got, want, s.Pointed())
	}
	run(s, PointAt{701})
	if got := around(); got != "w699 w700 w701" || s.Pointed() != 701 {
		t.Errorf("words move under the pointer: %q, %d", got, s.Pointed())
	}
	id, _, _, _ := s.Subject()
	run(s, LossMeasured{&scene.Loss{Method: "clex", Subject: id, From: 1000, NLL: make([]float32, 24)}}, GoTo{1 << 20})
	if got, want := around(), "w1,022 w1,023"; got != want || s.Pointed() != 1023 {
		t.Errorf("past the end: %q, %d; want %q", got, s.Pointed(), want)
	}
	if want := "Token 1,024 “w1,023” of The Railway Children: CLEX 0.00 nats (perplexity 1)"; s.Spoken != want {
		t.Errorf("says %q, want %q", s.Spoken, want)
	}
	run(s, PointAt{-1}, ChooseSubject{OnText})
	if s.Passage != noPassage || s.Pointed() != -1 {
		t.Errorf("another text, and the place in the old one stays: %+v", s.Passage)
	}
}

// The words of the book are known under a second model as well.
func TestBookIsSpelledByEveryModel(t *testing.T) {
	t.Parallel()
	s := New(Defaults())
	run(&s, ModelsListed{[]Model{offer("small"), offer("other")}}, EngineReady{})
	spell(&s, 600)
	run(&s, ChooseModel{"other"}, EngineReady{})
	if len(s.Book.Tokens) != 0 {
		t.Fatal("the first model's tokens count for the second")
	}
	if spell(&s, 500); len(s.Book.Tokens) != 500 {
		t.Errorf("%d tokens of the book under the second model, want 500", len(s.Book.Tokens))
	}
}

// Figures of the second text are not figures of the first, and end with it.
func TestSecondTextIsMeasured(t *testing.T) {
	t.Parallel()
	s := twoTexts(t, 400, 12)
	run(s, ChooseSubject{OnText})
	first, _, _, _ := s.Subject()
	e, ok := find[Measure](run(s, ChooseSubject{OnSecond}))
	if !ok || e.Subject == first || len(e.Text.Tokens) != 400 || e.Text.Tokens[20].ID != 1020 || e.Text.Kind != OnSecond {
		t.Fatalf("asked about %+v", e.Text)
	}
	if want := "the text by Plain RoPE"; s.SubjectWords() != want {
		t.Errorf("figures are said to be of %q, want %q", s.SubjectWords(), want)
	}
	id, _, _, _ := s.Subject()
	for _, m := range []string{"clex", "rope"} {
		run(s, LossMeasured{&scene.Loss{Method: m, Subject: id, NLL: make([]float32, 400)}})
	}
	if want := " Plain RoPE wrote it, and expects its own words most; the book is no one’s."; !strings.Contains(s.Headline(), want) {
		t.Errorf("the sentence hides whose text it is: %q", s.Headline())
	}
	s.forgetMeasured()
	s.measured.subject = id
	if run(s, LossMeasured{&scene.Loss{Method: "clex", Subject: first}}); len(s.Losses) != 0 {
		t.Error("a figure of the first text is taken for one of the second")
	}
	if run(s, ChooseSecond{""}); s.On != OnText {
		t.Errorf("the second text is closed and measured on: %q", s.On)
	}
	if run(s, ChooseSubject{OnSecond}); s.On != OnText {
		t.Error("a text that there is not was chosen")
	}
}

// A token that is held is brought into sight, again when what is said of it takes more room; one
// under the pointer is left where it is.
func TestHeldTokenStaysInSight(t *testing.T) {
	t.Parallel()
	s := twoTexts(t, 100, 12)
	if _, ok := find[Reveal](run(s, PickToken{Pick{Pane: 1, Index: 90}})); ok {
		t.Error("the text moves under the pointer")
	}
	if e, ok := find[Reveal](run(s, PickToken{Pick{Pane: 1, Index: 90, Held: true}})); !ok || e != (Reveal{1, 90}) {
		t.Errorf("held: %+v, %t", e, ok)
	}
	if e, ok := find[Reveal](run(s, AttendedCome{jobs.Attended{T: 1, Keys: []int{3}, Weights: []float64{0.5}}})); !ok || e != (Reveal{1, 90}) {
		t.Errorf("when it is known what it looks at: %+v, %t", e, ok)
	}
}

// A drawer that closes gives the keyboard back to what opened it.
func TestClosedDrawerGivesFocusBack(t *testing.T) {
	t.Parallel()
	s := opened(t)
	for panel, id := range map[Panel]string{SharePanel: "share", ReadPanel: "read", ModelPanel: "models", MethodsPanel: "chips-more"} {
		if e, ok := find[Focus](run(s, TogglePanel{panel, true})); ok {
			t.Errorf("%s opens and the focus goes to %q", panel, e.ID)
		}
		if e, ok := find[Focus](run(s, TogglePanel{panel, false})); !ok || e.ID != id {
			t.Errorf("%s closes and the focus goes to %q, want %q", panel, e.ID, id)
		}
	}
	if run(s, TogglePanel{ModelPanel, true}, TogglePanel{SharePanel, true}, TogglePanel{TablePanel, true}, TogglePanel{ReadPanel, true}); s.Open[ModelPanel] || s.Open[TablePanel] || !s.Open[SharePanel] || !s.Open[ReadPanel] {
		t.Errorf("drawers lie over one another: %v", s.Open)
	}
	run(s, TogglePanel{SolverPanel, true}, TogglePanel{SharePanel, true})
	for _, want := range []string{"share", "solver"} {
		if e, ok := find[Focus](run(s, CloseDrawer{})); !ok || e.ID != want {
			t.Errorf("Escape closes and the focus goes to %q, want %q", e.ID, want)
		}
	}
	if e, ok := find[Focus](run(s, CloseDrawer{})); ok || !s.Open[GuidePanel] {
		t.Errorf("nothing is open, and Escape moves the focus to %q; guide: %t", e.ID, s.Open[GuidePanel])
	}
}

// What is read anew at each t that stands is tinted anew: the words of the measured text always, a text by its writer's own view
// where the figures are measured on it. The judge does not follow t, and another writer's losses tint nobody's text.
func TestTintFollowsT(t *testing.T) {
	t.Parallel()
	s := twoTexts(t, 100, 12)
	at := func(factor float64, nll float32) {
		losses := make([]float32, 99)
		for i := range losses {
			losses[i] = nll
		}
		id, revision, _, _ := s.Subject()
		run(s, LossMeasured{&scene.Loss{Method: "clex", T: factor, Subject: id, Revision: revision, From: 1, NLL: losses}})
	}
	run(s, ChooseSubject{OnText})
	for i := range s.Panes {
		s.Panes[i].Judged = make([]float32, 100)
	}
	for _, c := range []struct {
		t   float64
		nll float32
	}{{4, 1.5}, {32, 6}} {
		at(c.t, c.nll)
		if losses, by := s.PassageTints(20); len(losses) != 80 || losses[0] != c.nll || by != "CLEX at t = "+Factor(c.t) {
			t.Errorf("at t = %v the passage is tinted by %v of %q", c.t, losses, by)
		}
		if losses, _ := s.PassageTints(0); losses[0] != -1 {
			t.Errorf("the first token, which nothing was before, has a loss of %v", losses[0])
		}
		if losses, stored := s.Tints(0); stored || losses[5] != 0 {
			t.Error("the judge follows t")
		}
		s.OwnTint = true
		if losses, stored := s.Tints(0); stored || losses[5] != c.nll {
			t.Errorf("at t = %v CLEX's own view of its text is %v, stored %v", c.t, losses, stored)
		}
		if _, stored := s.Tints(1); !stored {
			t.Error("a text that was not read again has CLEX's losses")
		}
		s.OwnTint = false
	}
	s.Panes[0].By = append(s.Panes[0].By, By{From: 50, Author: Author{Model: s.Current().ID, Method: "yarn"}})
	s.OwnTint = true
	if _, stored := s.Tints(0); !stored {
		t.Error("what YaRN wrote is tinted by CLEX's losses")
	}
	run(s, ChooseSubject{OnBook})
	if losses, by := s.PassageTints(0); losses != nil || by != "" {
		t.Errorf("another text is tinted by losses of the last: %v of %q", losses, by)
	}
}
