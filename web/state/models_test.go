package state

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"clexlab/viz/scene"
)

func TestMissingModelIsSaid(t *testing.T) {
	t.Parallel()
	d := Defaults()
	d.Model = "giant"
	s := New(d)
	run(&s, ModelsListed{[]Model{offer("small")}})
	if s.Model != "" || len(s.Notices) != 1 || !strings.Contains(s.Notices[0].Text, "giant") {
		t.Errorf("model %q, notices %+v", s.Model, s.Notices)
	}
}

// TestModelWritesAsItsFileAsks: a brought model is read by the method and at the t of its file, a list is offered by no other model.
func TestModelWritesAsItsFileAsks(t *testing.T) {
	t.Parallel()
	listed, fixed, plain := offer("own-listed"), offer("own-fixed"), offer("own-plain")
	listed.Brought, listed.Method = true, "longrope"
	fixed.Brought, fixed.Method, fixed.AskedT, fixed.TMax = true, "ntk", 32, 16
	plain.Brought, plain.Method, plain.AskedT = true, "rope", 1
	shipped := offer("small")
	shipped.Method = "yarn" // it is nobody's own
	s := New(Defaults())
	run(&s, ModelsListed{[]Model{shipped, listed, fixed, plain}}, EngineReady{})
	if s.Active != "clex" || s.Offers("longrope") {
		t.Fatalf("%s writes a model that ships, a list is offered: %t", s.Active, s.Offers("longrope"))
	}
	if run(&s, ChooseFirst{"longrope"}); s.Active != "clex" {
		t.Error("a list that is not there is chosen")
	}
	begun, ok := find[StartWriting](run(&s, ChooseModel{"own-listed"}))
	if s.Active != "longrope" || s.Panes[0].Method != "longrope" || s.Beside != "rope" || !s.Auto || !slices.Contains(s.Shown, "longrope") || !ok || begun.Method != "longrope" {
		t.Errorf("%s and %s write, at t by length: %t; asked for %+v", s.Active, s.Beside, s.Auto, begun)
	}
	if link, _ := Parse(s.Query()); link.Active != "longrope" || link.Model != "own-listed" {
		t.Errorf("a link brings %s of %s", link.Active, link.Model)
	}
	s.Losses = map[string]*scene.Loss{"longrope": {T: 2}, "yarn": {T: 2}}
	if list, other := s.named("longrope"), s.named("yarn"); list != "File's list" || other != "YaRN at t = 2" {
		t.Errorf("measured under %q and %q", list, other)
	}
	s.Notices = nil
	run(&s, ChooseModel{"own-plain"})
	if s.Active != "clex" || slices.Contains(s.Shown, "longrope") || !s.Auto || len(s.Notices) != 1 || !strings.Contains(s.Notices[0].Title, "lists no frequencies") {
		t.Errorf("without the list %s writes, %v are shown, notices %+v", s.Active, s.Shown, s.Notices)
	}
	if run(&s, ChooseModel{"own-fixed"}); s.Active != "ntk" || s.Auto || s.T != 16 {
		t.Errorf("%s at t = %v, by length: %t", s.Active, s.T, s.Auto)
	}
	// The next model is not held at that t, but where the reader has moved it since.
	if run(&s, ChooseModel{"small"}); !s.Auto {
		t.Errorf("small is held at t = %v", s.T)
	}
	if run(&s, DragT{T: 3, Done: true}, ChooseModel{"own-fixed"}, ChooseModel{"small"}); s.Auto || s.T != 3 {
		t.Errorf("t = %v, by length: %t; the reader had put it to 3", s.T, s.Auto)
	}
	if run(&s, ChooseModel{"own-fixed"}, DragT{T: 5, Done: true}, ChooseModel{"small"}); s.Auto || s.T != 5 {
		t.Errorf("t = %v, by length: %t; the reader has put it to 5", s.T, s.Auto)
	}
	link := Defaults()
	link.Model, link.Auto, link.T = "own-fixed", false, 16
	s = New(link)
	if run(&s, ModelsListed{[]Model{shipped, fixed}}, ChooseModel{"small"}); !s.Auto {
		t.Errorf("after a reload small is held at t = %v", s.T)
	}
}

// TestAnotherModel: it writes the text anew, Undo brings the old one back, a head that
// it lacks is no longer enlarged, and what the old model answered is gone.
func TestAnotherModel(t *testing.T) {
	t.Parallel()
	s := New(Defaults())
	large := offer("large")
	large.Layers, large.Heads = 6, 5
	run(&s, ModelsListed{[]Model{large, offer("small")}})
	e, _ := find[StartWriting](run(&s, EngineReady{}))
	run(&s, PromptTokens{e.Job, tokens(5)}, Look{Select: scene.Select{Layer: 3, Head: 3}})
	s.Probe.Job, s.Probe.Cells, s.Probe.Runs, s.Probe.ToDo = 99, []Cell{{Method: "clex", Trials: 1}}, []Run{{Method: "clex"}}, 1

	out := run(&s, ChooseModel{"small"})
	load, begun := -1, -1
	for i, x := range out {
		switch x := x.(type) {
		case LoadModel:
			if x.ID == "small" {
				load = i
			}
		case StartWriting:
			begun = i
		}
	}
	if load < 0 || begun < load {
		t.Fatalf("effects %v: want the model asked for, then a text", out)
	}
	if s.Layer != 3 || s.Head != 3 || s.Probe.Job+len(s.Probe.Cells)+len(s.Probe.Runs)+s.Probe.ToDo != 0 || s.Panes[0].Phase != Waiting {
		t.Errorf("layer %d, head %d, probe %+v, phase %d", s.Layer, s.Head, s.Probe, s.Panes[0].Phase)
	}
	if run(&s, Undo{}); len(s.Panes[0].Tokens) != 5 {
		t.Errorf("%d tokens after Undo, the former model's text had 5", len(s.Panes[0].Tokens))
	}
	run(&s, ChooseModel{"large"}, Look{Select: scene.Select{Layer: 3, Head: 4}}, ChooseModel{"small"})
	if s.Layer != -1 || s.Head != -1 {
		t.Errorf("layer %d, head %d stay enlarged in a model of four heads", s.Layer, s.Head)
	}
}

// TestTrainingNeedsItsWeights: a way of training is on offer where its weights are. A
// link or another model that asks for it elsewhere goes on without, and says so.
func TestTrainingNeedsItsWeights(t *testing.T) {
	t.Parallel()
	models := []Model{offer("all"), offer("bare")}
	models[0].Tuned = map[string]Weights{"pose": {Name: "pose", Factor: 16}, "rope": {Name: "base"}}
	s := New(Defaults())
	run(&s, ModelsListed{models}, ToggleMethod{"pose"}, ToggleMethod{"longrecipe"}, ChooseSecond{"e2llm"},
		ProbeMethod{"clex", false}, ProbeMethod{"pose", true}, ProbeMethod{"e2llm", true})
	if !s.Shows("pose") || s.Shows("longrecipe") || s.Beside != "rope" || !slices.Equal(s.Probe.Methods, []string{"rope", "pose"}) {
		t.Errorf("shown %v, second %q, probe %v", s.Shown, s.Beside, s.Probe.Methods)
	}
	run(&s, ChooseFirst{"pose"}, ChooseModel{"bare"})
	if s.Shows("pose") || s.Active != "clex" || s.Panes[0].Method != "clex" || !slices.Equal(s.Probe.Methods, []string{"rope"}) {
		t.Errorf("on a model without PoSE's weights: shown %v, first %q, probe %v", s.Shown, s.Active, s.Probe.Methods)
	}
	if len(s.Notices) != 1 || !strings.Contains(s.Notices[0].Title, "PoSE") {
		t.Errorf("notices %+v", s.Notices)
	}

	s.Notices = nil
	run(&s, SetUp{url.Values{"show": {"clex,e2llm"}}})
	if !slices.Equal(s.Shown, []string{"clex"}) || len(s.Notices) != 1 || !strings.Contains(s.Notices[0].Title, "E2-LLM") {
		t.Errorf("after a lesson's step: shown %v, notices %+v", s.Shown, s.Notices)
	}

	linked := Defaults()
	linked.Model, linked.Beside, linked.Shown = "bare", "pose", []string{"clex", "pose", "e2llm"}
	s = New(linked)
	run(&s, ModelsListed{models})
	if s.Beside != "" || !slices.Equal(s.Shown, []string{"clex"}) || len(s.Notices) != 1 || !strings.Contains(s.Notices[0].Title, "PoSE, E2-LLM") {
		t.Errorf("after the link: second %q, shown %v, notices %+v", s.Beside, s.Shown, s.Notices)
	}
}

// What one model made of a text is not shown as another's: the same text is another subject then.
func TestFiguresAreTheModels(t *testing.T) {
	s := New(Defaults())
	s.Models = []Model{{ID: "a"}, {ID: "b"}}
	for i := range s.Models {
		s.Models[i].Rotary.Window = 256
	}
	before, _, _, _ := s.Subject()
	s.Losses["clex"] = &scene.Loss{Subject: before}
	s.Update(ChooseModel{ID: "b"})
	after, _, _, _ := s.Subject()
	if before == after || len(s.Losses) != 0 {
		t.Errorf("the book is subject %d under both models, losses %v", after, s.Losses)
	}
	s.Update(LossMeasured{&scene.Loss{Method: "clex", Subject: before}})
	if len(s.Losses) != 0 {
		t.Error("a late answer of the model before counts")
	}
}

// TestPartsOfALongWindow: a window that takes long to fill can be filled in part, and a short one cannot; a model that was
// brought begins with such a part, and what is measured on it says how much that is.
func TestPartsOfALongWindow(t *testing.T) {
	t.Parallel()
	long, short := offer("long"), offer("short")
	long.Rotary.Window, long.TMax, short.Rotary.Window = 2048, 4, 256
	s := New(Defaults())
	run(&s, ModelsListed{[]Model{short, long}})
	if l := s.Lengths(); l[0] != 1 || l[1] != 2 {
		t.Errorf("lengths of a window of 256: %v", l)
	}
	run(&s, ChooseModel{"long"}, SetWindows{0.25})
	if got := s.Lengths(); !slices.Equal(got, []float64{0.125, 0.25, 0.5, 1, 2, 4}) || !slices.Equal(s.WholeLengths(), []int{1, 2, 4}) {
		t.Errorf("lengths %v, whole ones %v", got, s.WholeLengths())
	}
	e, _ := find[StartWriting](run(&s, EngineReady{}, Write{}))
	if e.Write.MaxLength != 512 || s.T != 1 {
		t.Errorf("a text of %d tokens at t = %v, want 512 at 1", e.Write.MaxLength, s.T)
	}
	q, _ := url.ParseQuery(s.Query().Encode())
	if back, notes := Parse(q); back.Windows != 0.25 || len(notes) > 0 {
		t.Errorf("the address gives %v windows, %q", back.Windows, notes)
	}
	for _, m := range s.Compared() {
		s.Losses[m] = &scene.Loss{Subject: s.subjectID(), Method: m, NLL: slices.Repeat([]float32{2}, 512)}
	}
	if said := s.Headline(); !strings.Contains(said, "first 512 tokens") || !strings.Contains(said, "2.0 nats") {
		t.Errorf("it says %q", said)
	}
}
