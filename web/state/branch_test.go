package state

import (
	"math"
	"strings"
	"testing"

	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// An alternative takes the place of a token: what came after it goes, the writer goes on from there, the
// terms say who chose it, and Undo brings the old text back.
func TestBranch(t *testing.T) {
	t.Parallel()
	s := writing(t, 100)
	p := &s.Panes[0]
	p.Tokens[60].Alternatives = []Alternative{{ID: 55, Text: "x", P: 0.5}, {ID: 900, Text: " fox", P: 0.25}}
	for name, m := range map[string]Branch{"no alternative": {0, 60, 77}, "itself": {0, 60, 55}, "no such text": {1, 60, 900}, "past the end": {0, 100, 900}, "before": {0, -1, 900}} {
		other := writing(t, 100)
		other.Panes[0].Tokens[60].Alternatives = p.Tokens[60].Alternatives
		if _, ok := find[StartWriting](run(other, m)); ok || len(other.Panes[0].Tokens) != 100 {
			t.Errorf("%s: a text of %d tokens, writing %t", name, len(other.Panes[0].Tokens), ok)
		}
	}
	out := run(s, Branch{0, 60, 900})
	e, ok := find[StartWriting](out)
	if !ok || len(e.Tokens) != 61 || e.Tokens[60] != 900 || e.Prompt != "" || e.MaxLength != 1024 {
		t.Fatalf("written on from %d tokens to %d, %t", len(e.Tokens), e.MaxLength, ok)
	}
	if _, ok := find[CancelJob](out); !ok {
		t.Error("the job that wrote the old text goes on")
	}
	if k := p.Tokens[60]; k.Text != " fox" || math.Abs(k.NLL-math.Log(4)) > 1e-12 {
		t.Errorf("the token chosen is %+v, its chance was a quarter", k)
	}
	run(s, TokensWritten{Job: e.Job, Tokens: tokens(10)})
	if got, want := p.Terms(), "t = 1, chosen by the reader: token 61"; got != want {
		t.Errorf("terms %q, want %q", got, want)
	}
	if got := p.Signature(); got != "CLEX" || s.Repeats(0) {
		t.Errorf("signed %q, said to repeat itself: %t", got, s.Repeats(0))
	}
	run(s, Stop{})
	if got, want := p.Terms(), "t = 1, chosen by the reader: token 61"; got != want {
		t.Errorf("stopped: terms %q, want %q", got, want)
	}
	run(s, Undo{})
	if len(p.Tokens) != 100 || p.Tokens[60].ID != 55 || p.Terms() != "t = 1" {
		t.Errorf("after undo: %d tokens, token 60 is %d, terms %q", len(p.Tokens), p.Tokens[60].ID, p.Terms())
	}
	run(s, Redo{})
	if len(p.Tokens) != 71 || p.Tokens[60].ID != 900 {
		t.Errorf("after redo: %d tokens", len(p.Tokens))
	}
	run(s, CutAfter{0, 59})
	if got := p.Terms(); got != "t = 1" {
		t.Errorf("cut back before it: terms %q", got)
	}
}

// Undo takes back the latest change, of one text or of both.
func TestUndoTakesBackTheLatest(t *testing.T) {
	t.Parallel()
	s := writing(t, 100)
	e, _ := find[StartWriting](run(s, ChooseSecond{"rope"}))
	run(s, PromptTokens{e.Job, tokens(5)}, TokensWritten{Job: e.Job, Tokens: tokens(75)}, Stop{})
	run(s, CutAfter{1, 49}, CutAfter{0, 69})
	lengths := func() [2]int { return [2]int{len(s.Panes[0].Tokens), len(s.Panes[1].Tokens)} }
	for _, step := range []struct {
		m    Message
		want [2]int
	}{
		{Undo{}, [2]int{100, 50}}, {Undo{}, [2]int{100, 80}}, {Redo{}, [2]int{100, 50}}, {Redo{}, [2]int{70, 50}},
		{Write{}, [2]int{}}, {Undo{}, [2]int{70, 50}}, {Undo{}, [2]int{100, 50}},
	} {
		if run(s, step.m); lengths() != step.want {
			t.Fatalf("%T: %v tokens, want %v", step.m, lengths(), step.want)
		}
	}
}

// What Undo remembers is bounded in tokens, and its last step is there however long it is.
func TestHistoryIsBounded(t *testing.T) {
	t.Parallel()
	var d Document
	held := func() (n int) {
		for _, s := range d.past {
			n += len(s.Tokens)
		}
		return n
	}
	for range 60 {
		d.begin(Author{})
		d.Append(tokens(1024)...)
	}
	if n := held(); n > historyTokens+1024 || n < historyTokens/2 {
		t.Errorf("60 texts of 1,024 tokens: %d are remembered, want %d at most beside the last", n, historyTokens)
	}
	d.begin(Author{})
	d.Append(tokens(2 * historyTokens)...)
	for i := range 20 {
		d.CutAfter(2*historyTokens - 2 - i)
	}
	for range 20 {
		if !d.Undo() {
			t.Fatal("cuts of one long text take no room, and yet are not all remembered")
		}
	}
	d.begin(Author{})
	if !d.Undo() || len(d.Tokens) != 2*historyTokens {
		t.Errorf("the text before has %d tokens, want %d", len(d.Tokens), 2*historyTokens)
	}
}

// A token that is pointed at in the picture is lit in the text that the picture speaks of, and in no other.
func TestPointingLightsTheText(t *testing.T) {
	t.Parallel()
	s := writing(t, 100)
	over := func(token, key int) []Effect {
		return run(s, PictureMessage{&scene.Hover{Text: "x", Token: token, Key: key}})
	}
	over(40, 20)
	if s.View.Token != 40 || s.View.Key != 20 {
		t.Errorf("lit: %d and %d", s.View.Token, s.View.Key)
	}
	run(s, Stop{})
	if e, ok := find[Reveal](over(41, -1)); !ok || e.Index != 41 || s.View.Key != -1 {
		t.Errorf("%+v, key %d", e, s.View.Key)
	}
	if over(100, 3); s.View.Token != -1 || s.View.Key != -1 {
		t.Errorf("past the end %d and %d are lit", s.View.Token, s.View.Key)
	}
	over(40, 20)
	run(s, PictureMessage{scene.Say("")})
	if s.View.Token != -1 || s.View.Key != -1 {
		t.Error("the pointer has left, the light stays")
	}
	run(s, ChooseSubject{OnBook})
	if over(40, 20); s.View.Token != -1 {
		t.Error("a token of the book lights one of the text")
	}
}

// A token that is held is asked about once for each text, t, model and choice of heads; the words say whose attention it is.
func TestHeldTokenAttends(t *testing.T) {
	t.Parallel()
	s := writing(t, 100)
	run(s, Stop{})
	pick := func(index int, held bool) (Attend, bool) {
		return find[Attend](run(s, PickToken{Pick{Pane: 0, Index: index, Held: held}}))
	}
	if _, ok := pick(20, false); ok {
		t.Error("a token under the pointer is asked about")
	}
	e, ok := pick(40, true)
	if !ok || len(e.Tokens) != 41 || e.Length != 100 || e.Layer != 2 || e.Head != -1 || e.Method != "clex" || !e.Auto {
		t.Fatalf("held: %+v, %t", e, ok)
	}
	if _, again := find[Attend](run(s, EditPrompt{"x"})); again {
		t.Error("asked twice")
	}
	if s.AttendedWords() != "" {
		t.Errorf("nothing is known and it says %q", s.AttendedWords())
	}
	for _, keys := range [][]int{{-1, 0}, {41, 0}, {3}} {
		run(s, AttendedCome{jobs.Attended{T: 1, Keys: keys, Weights: []float64{0.5, 0.25}}})
		if s.AttendedWords() != "" {
			t.Errorf("an answer that names tokens %v is taken: %q", keys, s.AttendedWords())
		}
	}
	run(s, AttendedCome{jobs.Attended{T: 1, Keys: []int{40, 7, 3}, Weights: []float64{0.5, 0.25, 0.001}}})
	if got, want := s.AttendedWords(), "CLEX at t = 1: itself 50 %, “x” (8) 25 %"; got != want {
		t.Errorf("says %q, want %q", got, want)
	}
	run(s, AttendFailed{"of an earlier one"})
	if got, want := s.AttendedWords(), "CLEX at t = 1: itself 50 %, “x” (8) 25 %"; got != want {
		t.Errorf("says %q after a failure that comes late, want %q", got, want)
	}
	if i, keys, _ := s.ArcsOf(0); i != 40 || len(keys) != 3 {
		t.Errorf("arcs from %d to %v", i, keys)
	}
	if i, _, _ := s.ArcsOf(1); i != -1 {
		t.Error("arcs in the other text")
	}
	if e, ok := find[Attend](run(s, ChooseArcs{1, 3})); !ok || e.Layer != 1 || e.Head != 3 || s.ArcsNow().Label(s.Current()) != "layer 2, head 4" {
		t.Errorf("another head: %+v, %t", e, ok)
	}
	if e, ok := find[Attend](run(s, EngineReady{})); !ok || e.Layer != 1 || e.Head != 3 {
		t.Errorf("asked of new workers: %+v, %t", e, ok)
	}
	if run(s, AttendFailed{"no memory"}); !strings.Contains(s.AttendedWords(), "no memory") {
		t.Errorf("says %q of a failure", s.AttendedWords())
	}
	if _, ok := find[Attend](run(s, DragT{T: 3})); ok {
		t.Error("asked while t is dragged")
	}
	if e, ok := find[Attend](run(s, DragT{T: 3, Done: true})); !ok || e.T != 3 || e.Auto {
		t.Errorf("at another t: %+v, %t", e, ok)
	}
	run(s, CutAfter{0, 20})
	if i, _, _ := s.ArcsOf(0); i != -1 {
		t.Error("the token is gone and its arcs stay")
	}
	run(s, ChooseArcs{7, 0})
	if s.Arcs.Layer != 1 {
		t.Error("a layer that there is not was chosen")
	}
}
