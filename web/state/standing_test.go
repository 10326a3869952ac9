package state

import (
	"slices"
	"strings"
	"testing"

	"clexlab/wasm/wire/jobs"
)

// Whoever lets go of a token, or clicks beside the words, points on as before; a key in a text without words holds nothing.
func TestPointingGoesOnAfterAHeldToken(t *testing.T) {
	t.Parallel()
	for name, letGo := range map[string]Message{
		"a click beside the words": PickToken{Pick{Pane: -1, Index: -1, Held: true}},
		"Escape":                   KeyInText{Pane: 0, Key: "Escape"},
	} {
		s := writing(t, 20)
		run(s, PickToken{Pick{Pane: 0, Index: 9, Held: true}}, letGo, PickToken{Pick{Pane: 0, Index: 12}})
		if s.Picked != (Pick{Pane: 0, Index: 12}) {
			t.Errorf("after %s the pointer picks %+v", name, s.Picked)
		}
	}
	for _, key := range []string{"ArrowRight", "ArrowLeft", "Home", "End", "Enter", " "} {
		s := opened(t)
		run(s, EngineReady{}, KeyInText{Pane: 0, Key: key})
		if s.Picked != NoPick {
			t.Errorf("%q in an empty text picks %+v", key, s.Picked)
		}
	}
}

// A text says how long it is to become as it was asked, whatever is chosen while it is written.
func TestTextGoesWhereItWasAsked(t *testing.T) {
	t.Parallel()
	s := writing(t, 20)
	run(s, SetWindows{16})
	if got := s.Panes[0].Aim; got != 1024 {
		t.Errorf("a text of four windows goes to %d once sixteen are chosen for the next", got)
	}
	run(s, SetWindows{1}, JobDone{Job: s.Panes[0].Job}, Continue{})
	run(s, TokensWritten{Job: s.Panes[0].Job, Tokens: tokens(300)}, JobDone{Job: s.Panes[0].Job})
	e, ok := find[StartWriting](run(s, Continue{}))
	if !ok || e.MaxLength != 320+256 || s.Panes[0].Aim != e.MaxLength {
		t.Errorf("a text that is longer than chosen is written on to %d and says %d", e.MaxLength, s.Panes[0].Aim)
	}
}

// A drag of t changes how t is found for a text that is being written, and nothing else of what it is written by.
func TestDragKeepsTheRestOfTheAuthor(t *testing.T) {
	t.Parallel()
	s := writing(t, 20)
	was := s.Panes[0].By[0].Author
	run(s, EditSampling{func(v *Sampling) { *v = Sampling{Temperature: 1.5, TopK: 3, TopP: 1, Seed: 99} }}, EditPrompt{"Another"}, SetWindows{16}, DragT{T: 3, Done: true})
	by := s.Panes[0].By
	want := was
	want.FactorRule = jobs.FactorRule{T: 3}
	if len(by) != 2 || by[1].Author != want {
		t.Errorf("written by %+v, want %+v", by[len(by)-1].Author, want)
	}
	if words := s.Written(0); strings.Contains(words, "99") {
		t.Errorf("the seed in the box is said to have drawn it: %s", words)
	}
}

// What a text's error asked for has been done, or does not apply to the text that stands now.
func TestErrorGoesWithItsCause(t *testing.T) {
	t.Parallel()
	s := opened(t)
	run(s, EngineReady{}, Stop{}, EditPrompt{" "}, Write{})
	if s.Panes[0].Error == "" {
		t.Fatal("an empty prompt is not refused")
	}
	run(s, EditPrompt{" \n"})
	if s.Panes[0].Error == "" {
		t.Error("a prompt of white space is taken for one")
	}
	run(s, EditPrompt{" A"})
	if s.Panes[0].Error != "" {
		t.Errorf("with a prompt the page still says %q", s.Panes[0].Error)
	}
	s = writing(t, s.MaxTokens())
	run(s, JobDone{Job: s.Panes[0].Job}, CutAfter{Pane: 0, Index: 99}, Undo{}, Continue{})
	if !strings.Contains(s.Panes[0].Error, "as long as it can get") {
		t.Fatalf("the longest text says %q", s.Panes[0].Error)
	}
	run(s, Redo{})
	if len(s.Panes[0].Tokens) != 100 || s.Panes[0].Error != "" {
		t.Errorf("a text of %d tokens says %q", len(s.Panes[0].Tokens), s.Panes[0].Error)
	}
}

// A method that comes back with a text has its figures at the t that stands, and is drawn.
func TestMethodThatComesBackIsMeasured(t *testing.T) {
	t.Parallel()
	s := opened(t)
	e, _ := find[StartWriting](run(s, EngineReady{}))
	run(s, PromptTokens{e.Job, tokens(5)}, TokensWritten{Job: e.Job, Tokens: tokens(50)}, JobDone{Job: e.Job}, ChooseFirst{"pi"}, ToggleMethod{"clex"}, DragT{T: 3, Done: true})
	m, ok := find[Measure](run(s, Undo{}))
	if !ok || !slices.Contains(m.Loss, "clex") || m.T != 3 {
		t.Errorf("CLEX is back and measured: %v, %+v", ok, m.Measure)
	}
	if !slices.Contains(s.Shown, "clex") {
		t.Errorf("CLEX writes and is not drawn: %v", s.Shown)
	}
	run(s, Write{}, Stop{})
	if m, ok := find[Measure](run(s, Undo{})); ok {
		t.Errorf("with the same methods the book is read anew: %+v", m.Measure)
	}
}

// Escape closes what was opened last of what is to be seen.
func TestEscapeClosesWhatIsSeen(t *testing.T) {
	t.Parallel()
	open := func(p Panel) Message { return TogglePanel{Panel: p, Open: true} }
	for _, row := range []struct {
		name     string
		messages []Message
		want     Panel
	}{
		{"the sampling of a text that is out of sight", []Message{open(SamplingPanel), ChooseTab{"train"}, open(SharePanel)}, SharePanel},
		{"the sampling behind a dialog", []Message{open(SamplingPanel), open(SharePanel)}, SharePanel},
		{"the sampling over a table", []Message{open(TablePanel), open(SamplingPanel)}, SamplingPanel},
		{"the chips of another picture", []Message{ChooseScene{Scene: "trajectories"}, open(MethodsPanel), ChooseScene{Scene: "overview"}, open(SolverPanel)}, SolverPanel},
		{"one that was opened twice", []Message{open(SharePanel), open(TablePanel), open(SharePanel)}, SharePanel},
	} {
		s := opened(t)
		run(s, row.messages...)
		f, ok := find[Focus](run(s, CloseDrawer{}))
		if !ok || f.ID != row.want.button() || s.Open[row.want] {
			t.Errorf("%s: Escape closes %q, want %q", row.name, f.ID, row.want.button())
		}
	}
}

// A length that was too short for its prompt is not spoken of once another is chosen.
func TestLengthTakesItsErrorAway(t *testing.T) {
	t.Parallel()
	s := opened(t)
	e, _ := find[StartWriting](run(s, EngineReady{}))
	if run(s, JobFailed{Job: e.Job, Text: "the text has 3151 tokens already"}); s.Panes[0].Error != "The text has 3151 tokens already" {
		t.Errorf("the page says %q", s.Panes[0].Error)
	}
	if run(s, SetWindows{16}); s.Panes[0].Error != "" {
		t.Errorf("with a longer text the page says %q", s.Panes[0].Error)
	}
}

// Two edits of one frame, of which the second does not know the first, add up.
func TestEditsOfSamplingAddUp(t *testing.T) {
	t.Parallel()
	s := opened(t)
	run(s, EditSampling{func(v *Sampling) { v.Temperature = 9 }}, EditSampling{func(v *Sampling) { v.TopK = -1 }})
	if want := (Sampling{Temperature: MaxTemperature, TopK: 0, TopP: 0.95, Seed: 7}); s.Sampling != want {
		t.Errorf("sampling %+v, want %+v", s.Sampling, want)
	}
}

// A training goes back on the model that it began with, and on what was made of it.
func TestGoesBackOnItsModel(t *testing.T) {
	t.Parallel()
	s := schooled()
	job := started(t, s.Update(TrainNow{})).Job
	run(s, Trained{job, jobs.Trained{Step: 2, Loss: 3, States: []int{0, 2}}}, JobDone{Job: job})
	s.Models[0].Name = "small"
	m := *s.Current()
	m.ID, m.Name = "medium", "medium"
	s.Models = append(s.Models, m)
	run(s, ChooseModel{"medium"}, EngineReady{})
	if s.TrainedElsewhere() != "small" {
		t.Errorf("beside medium the training is said to be of %q, want small", s.TrainedElsewhere())
	}
	if _, ok := find[StartTraining](run(s, GoBack{2})); ok || !strings.Contains(s.Training.Error, "began with the model") {
		t.Errorf("medium goes back to a state of small's: %t, %q", ok, s.Training.Error)
	}
	run(s, ChooseModel{s.Training.Asked.Model})
	if s.TrainedElsewhere() != "" {
		t.Errorf("beside its own model the training is said to be of %q", s.TrainedElsewhere())
	}
	if _, ok := find[StartTraining](run(s, GoBack{2})); ok {
		t.Error("a model that is loading trains")
	}
	if _, ok := find[StartTraining](run(s, EngineReady{}, GoBack{2})); !ok || s.Training.Error != "" {
		t.Errorf("small does not go back to its own: %q", s.Training.Error)
	}
}

// Two edits of one frame, of which the second does not know the first, add up.
func TestEditsAddUp(t *testing.T) {
	t.Parallel()
	s := opened(t)
	run(s, EditExport{Format: jobs.CLEXFolder}, EditExport{Precision: "f32"})
	if s.Export.Format != jobs.CLEXFolder || s.Export.Precision != "f32" {
		t.Errorf("exports %s in %s, want %s in f32", s.Export.Format, s.Export.Precision, jobs.CLEXFolder)
	}
	if run(s, EditExport{Format: jobs.GGUF, Precision: "q8_0"}, EditExport{Format: jobs.HuggingFace}); s.Export.Precision != "f16" {
		t.Errorf("a folder is exported in %s, which it has not", s.Export.Precision)
	}
	run(s, EditOpening{func(o *Opening) { o.Window = 512 }}, EditOpening{func(o *Opening) { o.TMax = 8 }}, EditOpening{func(o *Opening) { o.Keep = true }})
	if o := s.Opening; o.Window != 512 || o.TMax != 8 || !o.Keep {
		t.Errorf("a model is to be opened with window %d, t to %v, kept %v; want 512, 8, true", o.Window, o.TMax, o.Keep)
	}
	run(s, SetSolver{Solver: "euler"}, SetSolver{Step: 0.5}, SetSolver{Tol: 1e-3})
	if s.Solver != "euler" || s.Step != 0.5 || s.Tol != 1e-3 {
		t.Errorf("solver %s, step %v, tolerance %v; want euler, 0.5, 0.001", s.Solver, s.Step, s.Tol)
	}
	run(s, EditLook{func(l *Look) { l.Field = true }}, EditLook{func(l *Look) { l.Pair = 3 }})
	if !s.Field || s.Pair != 3 {
		t.Errorf("field drawn %v, pair %d; want true, 3", s.Field, s.Pair)
	}
}
