package state

import (
	"net/url"
	"strings"
	"testing"

	"clexlab/wasm/wire/jobs"
)

// between is a page with a text by the first model and the second in use.
func between(t *testing.T, second Model) *State {
	t.Helper()
	s := opened(t)
	s.Models = append(s.Models, second)
	s.On = OnText
	e, _ := find[StartWriting](run(s, EngineReady{}))
	run(s, PromptTokens{e.Job, tokens(5)}, TokensWritten{Job: e.Job, Tokens: tokens(295)}, JobDone{Job: e.Job}, EditPrompt{""}, ChooseModel{second.ID}, EngineReady{})
	if len(s.Panes[0].Tokens) != 300 {
		t.Fatalf("%d tokens stand after a change of model without a prompt", len(s.Panes[0].Tokens))
	}
	return s
}

// The tokens of a model that cuts words otherwise are never given to another one.
func TestForeignTokensAreNotRead(t *testing.T) {
	t.Parallel()
	other := offer("own-other")
	other.Brought, other.Vocab = true, 32000
	s := between(t, other)
	for name, m := range map[string]Message{
		"Continue": Continue{}, "an alternative": Branch{0, 20, 7}, "the judge": SwitchTint{false}, "a question": PickToken{Pick{Pane: 0, Index: 9, Held: true}}, "another picture": ChooseScene{Scene: "loss"},
	} {
		for _, e := range run(s, m) {
			switch e.(type) {
			case StartWriting, Judge, Attend, Measure:
				t.Errorf("%s: %T of tokens that the model does not know", name, e)
			}
		}
	}
	if want := "those of small"; !strings.Contains(s.Panes[0].Error, want) {
		t.Errorf("the page says %q, want %q in it", s.Panes[0].Error, want)
	}
	if got := s.TermsOf(0); !strings.HasPrefix(got, "model small, ") {
		t.Errorf("the terms of a text by another model are %q", got)
	}
	run(s, ChooseModel{"small"}, EngineReady{})
	if e, ok := find[StartWriting](run(s, Continue{})); !ok || len(e.Tokens) != 300 {
		t.Errorf("its own model does not go on: %v, %q", ok, s.Panes[0].Error)
	}
}

// A model that cuts words alike goes on, and signs with its name.
func TestAnotherModelSigns(t *testing.T) {
	t.Parallel()
	s := between(t, offer("medium"))
	e, ok := find[StartWriting](run(s, Continue{}))
	if !ok {
		t.Fatalf("medium does not go on: %q", s.Panes[0].Error)
	}
	run(s, TokensWritten{Job: e.Job, Tokens: tokens(10)})
	if got, want := s.Panes[0].Signature(), "CLEX, then CLEX of medium from token 301"; got != want {
		t.Errorf("signature %q, want %q", got, want)
	}
}

// A step of a lesson that sets t while a text is written has it go on at that t; a probe that is refused is no deed.
func TestLessonReachesTheText(t *testing.T) {
	t.Parallel()
	s := writing(t, 20)
	e, ok := find[SetFactor](run(s, SetUp{url.Values{"t": {"8"}}}))
	if !ok || e.FactorRule != (jobs.FactorRule{T: 8}) || s.Panes[0].By[len(s.Panes[0].By)-1].FactorRule != e.FactorRule {
		t.Errorf("t is set to 8 while a text is written: %+v, %v", e, ok)
	}
	run(s, TurnPage{Lesson: "recall"})
	s.Probe.Windows = nil
	if run(s, RunProbe{}); s.LessonDone() {
		t.Error("a probe of no length counts")
	}
	if run(s, ProbeLength{1, true}, RunProbe{}); !s.LessonDone() {
		t.Error("a probe does not count")
	}
}
