package state

import (
	"slices"
	"strings"
	"testing"

	"clexlab/wasm/wire/jobs"
)

// bring has a model's files described and opened.
func bring(s *State, name string) []Effect {
	run(s, FilesBrought{Name: name, Files: []jobs.File{{Name: "model.gguf", Address: "blob:" + name}}})
	m := offer(name).Model
	m.Rotary.Window = 2048
	run(s, FilesDescribed{s.Opening.Job, jobs.Described{Model: m, Parameters: 1e6}})
	return run(s, OpenModel{})
}

// A model that was brought and cannot be loaded, as its files are damaged or no memory holds it, leaves the page as it was: the
// model before, its texts with their history, length and methods, and a word why.
func TestModelThatCannotBeLoaded(t *testing.T) {
	t.Parallel()
	s := writing(t, 300)
	run(s, JobDone{Job: s.Panes[0].Job}, CutAfter{Pane: 0, Index: 199}, DragT{T: 3, Done: true})
	text, windows, methods, undo := s.Panes[0].Text(), s.Windows, slices.Clone(s.Shown), s.CanUndo()
	bring(s, "broken")
	if s.Current().Name != "broken · 1.0 M" || len(s.Panes[0].Tokens) != 0 {
		t.Fatalf("opened %q with %d tokens", s.Current().Name, len(s.Panes[0].Tokens))
	}
	epoch := s.Panes[0].Epoch
	out := run(s, EngineFailed{Key: "model", Title: "The model could not be loaded.", Text: "Try again.", Action: "retry-model", Why: "checkpoint: model.gguf: the file ends in its header"})
	if e, ok := find[LoadModel](out); !ok || e.ID != "small" || s.Current().ID != "small" {
		t.Errorf("after it %q is in use, loaded %+v", s.Current().ID, e)
	}
	if e, ok := find[ReleaseFiles](out); !ok || e.Files[0].Address != "blob:broken" {
		t.Error("its files are held on")
	}
	if got := s.Panes[0].Text(); got != text || s.Windows != windows || s.T != 3 || s.Auto || !slices.Equal(s.Shown, methods) || s.CanUndo() != undo || s.Panes[0].Epoch <= epoch {
		t.Errorf("%d bytes of text, want %d; %v windows, t = %v, methods %v", len(got), len(text), s.Windows, s.T, s.Shown)
	}
	if n := s.Notices; len(n) != 1 || n[0].Action != "" || n[0].Title != "“broken · 1.0 M” could not be opened." || !strings.HasSuffix(n[0].Text, "as they were. model.gguf: the file ends in its header.") {
		t.Errorf("notices %+v", n)
	}
	if slices.ContainsFunc(s.Models, func(m Model) bool { return m.Brought }) || s.Engine.Error != "" {
		t.Errorf("it is still on the list, or the engine has stopped: %q", s.Engine.Error)
	}
	if _, ok := find[StartWriting](run(s, EngineReady{})); ok {
		t.Error("the text is written anew")
	}
	run(s, Undo{})
	if got := len(s.Panes[0].Tokens); got != 300 {
		t.Errorf("Undo brings %d tokens back, want 300", got)
	}
	// Once it has been loaded a failure is of the engine.
	bring(s, "good")
	run(s, EngineReady{}, EngineFailed{Key: "model", Title: "The model could not be loaded.", Action: "retry-model"})
	if s.Current().ID != "own-good" || s.Engine.Error == "" {
		t.Errorf("a loaded model was left for %q", s.Current().ID)
	}
}

// A model that the browser keeps, or is to keep, stays on the list, where it can be deleted.
func TestKeptModelThatCannotBeLoaded(t *testing.T) {
	t.Parallel()
	s := writing(t, 300)
	run(s, FilesBrought{Name: "kept", Files: []jobs.File{{Name: "model.gguf", Address: "blob:kept"}}})
	run(s, FilesDescribed{s.Opening.Job, jobs.Described{Model: offer("kept").Model, Parameters: 1e6}}, EditOpening{Change: func(o *Opening) { o.Window, o.TMax, o.Keep = 256, 2, true }}, OpenModel{})
	out := run(s, EngineFailed{Key: "model", Why: "x"})
	if _, released := find[ReleaseFiles](out); released || s.Current().ID != "small" {
		t.Errorf("files released while they are copied: %t; in use %q", released, s.Current().ID)
	}
	m := s.Models[len(s.Models)-1]
	if run(s, ModelKept{s.Opening.Keeping, m}); len(s.KeptModels()) != 1 {
		t.Errorf("kept: %+v", s.KeptModels())
	}
}
