package state

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// run applies messages and returns the effects of the last one.
func run(s *State, messages ...Message) (last []Effect) {
	for _, m := range messages {
		last = s.Update(m)
	}
	return last
}

// find returns the first effect of type E.
func find[E Effect](effects []Effect) (e E, ok bool) {
	for _, x := range effects {
		if e, ok = x.(E); ok {
			return e, true
		}
	}
	return e, false
}

func opened(t *testing.T) *State {
	t.Helper()
	s := New(Defaults())
	run(&s, ModelsListed{[]Model{offer("small")}})
	s.Beside, s.Panes[1].Method = "", "" // most tests look at one text
	return &s
}

// offer is a model that was trained on windows of 256 tokens and tuned for sixteen of them.
func offer(id string) Model {
	m := Model{ID: id, Model: scene.Model{Name: id, Layers: 4, Heads: 4}}
	m.Rotary.Window = 256
	return m
}

func tokens(n int) []Token {
	out := make([]Token, n)
	for i := range out {
		out[i] = Token{ID: int32(i), Text: "x", NLL: 1, T: 1}
	}
	return out
}

// writing is a page whose first text has n tokens and still grows.
func writing(t *testing.T, n int) *State {
	t.Helper()
	s := opened(t)
	s.On = OnText
	e, ok := find[StartWriting](run(s, EngineReady{Backend: "CPU"}))
	if !ok {
		t.Fatal("nothing is written when the engine is ready")
	}
	run(s, PromptTokens{e.Job, tokens(5)}, TokensWritten{Job: e.Job, Tokens: tokens(n - 5)})
	return s
}

func TestFirstTextStartsByItselfOnce(t *testing.T) {
	t.Parallel()
	s := opened(t)
	e, ok := find[StartWriting](run(s, EngineReady{}))
	if !ok || e.Prompt != Defaults().Prompt || e.MaxLength != 1024 || e.Method != "clex" || !e.Auto {
		t.Fatalf("first text: %+v, %v", e, ok)
	}
	run(s, JobDone{Job: e.Job, StopReason: "length"})
	if _, again := find[StartWriting](run(s, EngineReady{})); again {
		t.Error("a second ready starts another text")
	}
}

func TestDragTurnsAutoOffAndReachesTheJob(t *testing.T) {
	t.Parallel()
	s := writing(t, 300)
	if s.T != 2 {
		t.Errorf("Auto at 300 tokens: t = %v, want ceil(300/256) = 2", s.T)
	}
	out := run(s, DragT{T: 3.456})
	if s.T != 3.46 || s.Auto {
		t.Errorf("t = %v, auto %v", s.T, s.Auto)
	}
	if r, ok := find[SetFactor](out); !ok || r.T != 3.46 || r.Auto || r.Job != s.Panes[0].Job {
		t.Errorf("SetFactor = %+v, %v", r, ok)
	}
	if m, ok := find[Measure](out); !ok || !m.Coarse {
		t.Errorf("while dragging: %+v, %v; want a coarse measure", m, ok)
	}
	if _, ok := find[SaveAddress](out); ok || s.Spoken == ValueText(3.46, 256) {
		t.Error("address and live region wait for the end of a drag")
	}
	out = run(s, DragT{T: 3.46, Done: true})
	if m, ok := find[Measure](out); !ok || m.Coarse {
		t.Errorf("after the drag: %+v, %v; want a fine measure", m, ok)
	}
	if s.Spoken != "t = 3.46, 886 tokens" {
		t.Errorf("spoken %q", s.Spoken)
	}
	run(s, SwitchAuto{true})
	if s.T != 2 {
		t.Errorf("Auto again: t = %v, want 2", s.T)
	}
}

// t stays within what the model goes to: t_max is the checkpoint's, not the page's.
func TestTStaysWithinTheModel(t *testing.T) {
	t.Parallel()
	far, near := offer("far"), offer("near")
	far.TMax, near.TMax = 64, 8
	s := New(Defaults())
	run(&s, ModelsListed{[]Model{far, near}})
	for in, want := range map[float64]float64{0: 1, -3: 1, 65: 64, math.Inf(1): 64, 2.004: 2, 40: 40, math.NaN(): 1} {
		if run(&s, DragT{T: in, Done: true}); s.T != want {
			t.Errorf("t = %v after it was drawn to %v, want %v", s.T, in, want)
		}
	}
	if got := s.Lengths(); !slices.Equal(got, []float64{1, 2, 4, 8, 16, 32, 64}) || s.MaxTokens() != 16384 {
		t.Errorf("lengths %v, at most %d tokens", got, s.MaxTokens())
	}
	run(&s, DragT{T: 40, Done: true}, SetWindows{64}, ChooseModel{"near"})
	if s.T != 8 || s.Windows != 8 || !slices.Equal(s.Lengths(), []float64{1, 2, 4, 8}) {
		t.Errorf("in a model that goes to 8: t = %v, %v windows, lengths %v", s.T, s.Windows, s.Lengths())
	}
	if n := s.Notices; len(n) == 0 || !strings.Contains(n[len(n)-1].Title, "8") {
		t.Errorf("it is not said: %+v", n)
	}
}

func TestAnswersToOldJobsAreDropped(t *testing.T) {
	t.Parallel()
	s := writing(t, 50)
	old := s.Panes[0].Job
	out := run(s, Stop{})
	if c, ok := find[CancelJob](out); !ok || c.Job != old {
		t.Fatalf("Stop: %v", out)
	}
	run(s, TokensWritten{Job: old, Tokens: tokens(10)}, JobFailed{Job: old, Text: "late"})
	if n := len(s.Panes[0].Tokens); n != 50 || s.Panes[0].Error != "" {
		t.Errorf("%d tokens, error %q after a late answer", n, s.Panes[0].Error)
	}
}

func TestCutUndoRedoContinue(t *testing.T) {
	t.Parallel()
	s := writing(t, 100)
	run(s, CutAfter{0, 39})
	if n := len(s.Panes[0].Tokens); n != 40 || s.Busy() {
		t.Fatalf("%d tokens after the cut, busy %v", n, s.Busy())
	}
	e, ok := find[StartWriting](run(s, Continue{}))
	if !ok || len(e.Tokens) != 40 {
		t.Fatalf("Continue: %+v", e)
	}
	run(s, TokensWritten{Job: e.Job, Tokens: []Token{{ID: 999, Text: "new"}}})
	run(s, Undo{}, Undo{})
	if p := s.Panes[0].Tokens; len(p) != 100 || p[40].ID == 999 {
		t.Errorf("after undo: %d tokens, token 40 is %d", len(p), p[40].ID)
	}
	run(s, Redo{}, Redo{})
	if p := s.Panes[0].Tokens; len(p) != 41 || p[40].ID != 999 {
		t.Errorf("after redo: %d tokens", len(p))
	}
}

func TestGeneratingAgainCanBeUndone(t *testing.T) {
	t.Parallel()
	s := writing(t, 80)
	run(s, Write{})
	if len(s.Panes[0].Tokens) != 0 {
		t.Fatal("a new text begins empty")
	}
	run(s, Undo{})
	if n := len(s.Panes[0].Tokens); n != 80 {
		t.Errorf("the old text has %d tokens after undo, want 80", n)
	}
}

func TestFailuresKeepTheText(t *testing.T) {
	t.Parallel()
	s := writing(t, 60)
	run(s, EngineFailed{Key: "worker", Title: "The worker stopped.", Text: "Start it again.", Action: "restart-engine"})
	p := s.Panes[0]
	if len(p.Tokens) != 60 || p.Phase != Rested || !strings.Contains(p.Error, "The worker stopped.") {
		t.Errorf("%d tokens, phase %v, error %q", len(p.Tokens), p.Phase, p.Error)
	}
	if len(s.Notices) != 1 || s.Notices[0].Action != "restart-engine" {
		t.Fatalf("notices %+v", s.Notices)
	}
	if _, ok := find[RestartEngine](run(s, TakeAction{"worker", "restart-engine"})); !ok || len(s.Notices) != 0 {
		t.Error("the notice's button does not restart the engine")
	}
}

func TestSecondMethodStartsBeside(t *testing.T) {
	t.Parallel()
	s := writing(t, 40)
	e, ok := find[StartWriting](run(s, ChooseSecond{"rope"}))
	if !ok || e.Pane != 1 || e.Method != "rope" || e.Seed != s.Seed || e.Prompt != s.Prompt {
		t.Fatalf("second text: %+v, %v", e, ok)
	}
	if e.Job == s.Panes[0].Job || len(s.Columns()) != 2 {
		t.Error("the second text needs a job of its own")
	}
	out := run(s, ChooseSecond{""})
	if c, ok := find[CancelJob](out); !ok || c.Job != e.Job || s.Comparing() {
		t.Errorf("closing the second side: %v", out)
	}
}

func TestEmptyPromptIsRefusedWithWords(t *testing.T) {
	t.Parallel()
	s := opened(t)
	s.Prompt = " \n"
	if out := run(s, Write{}); len(out) != 0 || s.Panes[0].Error == "" {
		t.Errorf("effects %v, error %q", out, s.Panes[0].Error)
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	s := opened(t)
	run(s, ProbeLength{2, false}, ProbeLength{3, true}, ProbeDepths{3}, ProbeTrials{99}, ProbeMethod{"pi", true}, ProbeMethod{"nobody", true}, ProbeMethod{"rope", false})
	p := &s.Probe
	if !slices.Equal(p.Windows, []int{1, 4}) || p.Trials != MaxTrials || !slices.Equal(p.Methods, []string{"clex", "pi"}) {
		t.Fatalf("probe %+v", p)
	}
	e, ok := find[StartProbe](run(s, RunProbe{}))
	if !ok || len(e.Cells) != 2*2*3 || e.Cells[0].Tokens != 256 || e.Cells[1].Depth != 0.5 {
		t.Fatalf("StartProbe %+v", e)
	}
	if left := p.Left(256); left != 0 {
		t.Errorf("%v left before the first answer", left)
	}
	run(s, ProbeAnswered{Job: e.Job, Took: 2 * time.Second, Recalled: jobs.Recalled{Cell: Cell{Method: "clex", Tokens: 256, Depth: 0.5, Trials: 10, Right: 7}}})
	// 256 of 2·3·(256 + 1,024) tokens took 2 s.
	if left := p.Left(256); left != 58*time.Second {
		t.Errorf("%v left, want 58 s", left)
	}
	if c, ok := p.Answer("clex", 256, 0.5); !ok || c.Right != 7 {
		t.Errorf("answer %+v, %v", c, ok)
	}
	if c, ok := find[CancelJob](run(s, StopProbe{})); !ok || c.Job != e.Job || p.Job != 0 {
		t.Error("the probe cannot be cancelled")
	}
	run(s, ProbeAnswered{Job: e.Job, Recalled: jobs.Recalled{Cell: Cell{Method: "pi", Tokens: 256}}})
	if len(p.Cells) != 1 {
		t.Error("a late answer was taken")
	}
}

// The method that writes is drawn whatever is chosen, and cannot be switched off.
func TestWriterIsDrawn(t *testing.T) {
	t.Parallel()
	s := opened(t)
	run(s, ToggleMethod{Name: "clex"})
	if !s.Shows("clex") || s.Spoken == "" {
		t.Errorf("CLEX writes; shown %v, spoken %q", s.Shown, s.Spoken)
	}
	run(s, ChooseFirst{Name: "pi"}, ToggleMethod{Name: "clex"})
	if s.Shows("clex") || !s.Shows("pi") {
		t.Errorf("PI writes; shown %v", s.Shown)
	}
}

// A watched question goes to every chosen method and leaves the grid as it is.
func TestWatchProbe(t *testing.T) {
	t.Parallel()
	s := opened(t)
	run(s, ProbeLength{2, false}, ProbeDepths{3}, ProbeMethod{"pi", true}, ProbeMethod{"rope", false})
	p := &s.Probe
	p.Cells = []Cell{{Method: "clex", Tokens: 1024, Depth: 0.5, Trials: 10, Right: 7}}
	e, ok := find[StartProbe](run(s, WatchProbe{}))
	want := []Cell{{Method: "clex", Tokens: 1024, Depth: 0.5, Trials: 1}, {Method: "pi", Tokens: 1024, Depth: 0.5, Trials: 1}}
	if !ok || !e.Show || !slices.Equal(e.Cells, want) {
		t.Fatalf("StartProbe %+v, want %+v to watch", e, want)
	}
	run(s, ProbeAnswered{Job: e.Job, Recalled: jobs.Recalled{Cell: want[0], Said: " Hugo", Want: " Hugo", Shown: &Shown{Fact: "the miller Hugo."}}})
	run(s, ProbeAnswered{Job: e.Job, Recalled: jobs.Recalled{Cell: want[1], Said: " Ann", Want: " Hugo"}})
	run(s, JobDone{Job: e.Job})
	if len(p.Runs) != 2 || p.Runs[0].Fact != "the miller Hugo." || p.Runs[1].Said != " Ann" || p.Job != 0 {
		t.Errorf("runs %+v, job %d", p.Runs, p.Job)
	}
	if c, ok := p.Answer("clex", 1024, 0.5); !ok || c.Right != 7 || len(p.Cells) != 1 {
		t.Errorf("the grid became %+v", p.Cells)
	}
	if !strings.Contains(s.Spoken, "CLEX says Hugo, right; PI says Ann, wrong") {
		t.Errorf("spoken %q", s.Spoken)
	}
	e, _ = find[StartProbe](run(s, WatchProbe{Tokens: 256, Depth: 1}))
	if len(e.Cells) != 2 || e.Cells[1] != (Cell{Method: "pi", Tokens: 256, Depth: 1, Trials: 1}) || len(p.Runs) != 0 {
		t.Errorf("cells %+v, runs %+v", e.Cells, p.Runs)
	}
}

func TestApplyKeepsTheRest(t *testing.T) {
	t.Parallel()
	s := opened(t)
	s.Prompt, s.Seed = "My own words", 99
	run(s, DragT{T: 5, Done: true})
	q := map[string][]string{"scene": {"loss"}, "show": {"pi"}, "t": {"8"}}
	run(s, SetUp{q})
	if s.Scene != scene.Losses || s.T != 8 || s.Prompt != "My own words" || s.Seed != 99 || !slices.Equal(s.Shown, []string{"pi"}) {
		t.Errorf("%+v", s.Settings)
	}
	run(s, SetUp{map[string][]string{"t": {"auto"}}})
	if !s.Auto || s.T != 4 {
		t.Errorf("auto %v, t %v", s.Auto, s.T)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ got, want string }{
		{Count(0), "0"}, {Count(999), "999"}, {Count(1000), "1,000"}, {Count(-1234567), "-1,234,567"},
		{ValueText(4, 256), "t = 4, 1,024 tokens"}, {ValueText(2.5, 0), "t = 2.5"},
		{Tokens(1), "1 token"}, {Percent(0.0004), "< 0.1 %"}, {Percent(0.37), "37 %"}, {Percent(0.004), "0.4 %"}, {Percent(1), "100 %"},
		{Bytes(999), "999 B"}, {Bytes(3_500_000), "3.5 MB"}, {Visible(" fox\n"), "␣fox⏎"}, {Visible(""), "∅"},
		{Middle("abcdefghij", 5), "ab…ij"}, {Middle("abc", 5), "abc"},
		{LengthWords(1, 256), "the length it was trained on"}, {LengthWords(2.5, 256), "2.5 times the length it was trained on"},
	} {
		if row.got != row.want {
			t.Errorf("got %q, want %q", row.got, row.want)
		}
	}
}

func TestTint(t *testing.T) {
	t.Parallel()
	for nats, want := range map[float64]int{0: 0, 0.99: 0, 1: 1, 5.5: 5, 6: 6, 40: 6, -1: 0, math.Inf(1): 6} {
		if got := Tint(nats); got != want {
			t.Errorf("Tint(%v) = %d, want %d", nats, got, want)
		}
	}
	if Tint(math.NaN()) != 0 {
		t.Error("Tint(NaN) must be no tint")
	}
}
