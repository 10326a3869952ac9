package state

import (
	"slices"
	"strings"
	"testing"

	"clexlab/clex"
	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// trainedBy makes a training leave a result after so many steps.
func trainedBy(t *testing.T, s *State, steps int, network *clex.Network) []Effect {
	t.Helper()
	job := started(t, s.Update(TrainNow{})).Job
	s.Update(Trained{job, jobs.Trained{Step: steps, Loss: 3}})
	out := s.Update(Trained{job, jobs.Trained{Step: steps, Files: &jobs.Files{Config: "blob:c", Weights: "blob:w", Size: 7, Network: network, Recipe: "Field and weights trained so and so."}}})
	s.Update(JobDone{Job: job})
	return out
}

// retuned are the weights that the effects give the method, in their order.
func retuned(effects []Effect) (names []string) {
	for _, e := range effects {
		if e, ok := e.(TuneMethod); ok && e.Method == clex.TrainedHere {
			names = append(names, e.Weights.Name)
		}
	}
	return names
}

const firstTrained = "Trained here 1 · 60 steps of field and weights"

// What a training leaves is a method beside those of the model that it was trained from: it can be shown, write a text and be asked
// for facts, under a name that says which it is; a second one takes its place, what the first one read is forgotten, and the reader
// may have the first one back.
func TestTrainedIsAMethod(t *testing.T) {
	t.Parallel()
	s := schooled()
	s.Models = append(s.Models, offer("other"))
	s.Prompt = "The fox"
	s.Update(CompareTrained{})
	s.Update(ChooseSecond{clex.TrainedHere})
	if s.Offers(clex.TrainedHere) || s.WritesTrained() {
		t.Fatal("offered before anything was trained")
	}
	learnt := &clex.Network{Hidden: 3}
	if got := retuned(trainedBy(t, s, 60, learnt)); !slices.Equal(got, []string{firstTrained}) {
		t.Fatalf("the engine is given %q", got)
	}
	base := s.Current()
	w := base.Tuned[clex.TrainedHere]
	if base.ID != "small" || w.Config != "blob:c" || w.Weights != "blob:w" || w.Size != 7 || base.TrainedHere != learnt || base.Network == learnt {
		t.Errorf("%s has %+v, field %p", base.ID, w, base.TrainedHere)
	}
	if !s.Offers(clex.TrainedHere) || Offers(&s.Models[1], clex.TrainedHere) || s.Training.Result.Tuned[clex.TrainedHere].Name != "" {
		t.Error("offered by a model that it was not trained from, or not by its own")
	}
	if out := s.Update(CompareTrained{}); !slices.ContainsFunc(out, func(e Effect) bool {
		w, ok := e.(StartWriting)
		return ok && w.Pane == 1 && w.Method == clex.TrainedHere
	}) {
		t.Errorf("beside: %v", out)
	}
	a := s.author(1)
	if a.Label() != firstTrained || a.Recipe != "Field and weights trained so and so." {
		t.Errorf("its author is %+v", a)
	}
	if !slices.Contains(s.Shown, clex.TrainedHere) {
		t.Error("it writes and is not drawn")
	}
	s.Update(ProbeMethod{clex.TrainedHere, true})
	if !slices.Contains(s.Probe.Methods, clex.TrainedHere) {
		t.Error("the probe does not ask it")
	}
	s.Losses[clex.TrainedHere], s.Losses["clex"] = &scene.Loss{}, &scene.Loss{}
	s.Probe.Cells = []Cell{{Method: "clex"}, {Method: clex.TrainedHere}}
	subject := s.subjectID()
	if got := retuned(trainedBy(t, s, 20, nil)); !slices.Equal(got, []string{"Trained here 2 · 20 steps of field and weights"}) {
		t.Fatalf("then the engine is given %q", got)
	}
	if len(s.Losses) != 0 || s.subjectID() == subject || len(s.Probe.Cells) != 1 || s.Current().TrainedHere != nil {
		t.Errorf("of the first one stays: losses %v, cells %v", s.Losses, s.Probe.Cells)
	}
	if list := s.Trainings(); len(list) != 2 || s.TrainedHere().Origin.Number != 2 {
		t.Errorf("to choose from: %d, stands: %+v", len(list), s.TrainedHere().Origin)
	}
	if got := retuned(s.Update(ChooseTrained{"trained-here-1"})); !slices.Equal(got, []string{firstTrained}) || s.TrainedHere().Origin.Number != 1 {
		t.Errorf("chosen: %q", got)
	}
	if len(s.Update(ChooseTrained{"small"})) != 0 {
		t.Error("a model that was not trained here was chosen")
	}
	story := s.Story("", "")
	if s.Scene = scene.Trajectories; !strings.Contains(strings.Join(s.Story("", "").Caption, " "), firstTrained+" (Field and weights trained so and so)") || story.Weights[clex.TrainedHere] != firstTrained {
		t.Errorf("a picture says %q, weights %v", s.Story("", "").Caption, story.Weights)
	}
	s.Update(ChooseFirst{clex.TrainedHere})
	if e := s.exported(); e.Name != "trained-here-1" || e.Method != "clex" || e.Weights != "blob:w" || e.Tokenizer != "t" {
		t.Errorf("taken away as %+v", e)
	}
	// On another model it is not there, and the page says why.
	s.Update(ChooseModel{"other"})
	if s.Offers(clex.TrainedHere) || s.Active != "clex" || s.Beside != "" || slices.Contains(s.Shown, clex.TrainedHere) || s.Notices[len(s.Notices)-1].Key != "model-trained" {
		t.Errorf("on another model: first %q, second %q, shown %v, notices %+v", s.Active, s.Beside, s.Shown, s.Notices)
	}
}

// The link that is shared goes without it, and the address of this page with it.
func TestLinksLeaveOutWhatWasTrainedHere(t *testing.T) {
	t.Parallel()
	s := schooled()
	trainedBy(t, s, 60, nil)
	s.Update(ChooseSecond{clex.TrainedHere})
	if q := s.Settings.Query(); q.Get("vs") != clex.TrainedHere || !s.ShowsTrained() || !s.WritesTrained() {
		t.Errorf("the address is %v", q)
	}
	if link := s.Shared(); strings.Contains(link, clex.TrainedHere) {
		t.Errorf("the link is %s", link)
	}
	s.Update(ChooseFirst{clex.TrainedHere})
	if link := s.Shared(); strings.Contains(link, clex.TrainedHere) {
		t.Errorf("the link is %s", link)
	}
	if s.Beside != clex.TrainedHere || s.Active != clex.TrainedHere {
		t.Error("sharing changes the page")
	}
}

// A kept training is the method after a reload, as the address asks for it; deleted, it goes from all that is shown, and Undo brings
// it back to where it was. One of another model's, or of another shape, is none.
func TestKeptTrainingIsAMethod(t *testing.T) {
	t.Parallel()
	first := schooled()
	trainedBy(t, first, 60, nil)
	keep := first.Update(KeepTrained{})
	kept := keep[0].(KeepModel).Model
	if kept.Origin == nil || kept.Origin.Of != "small" || kept.Here {
		t.Fatalf("kept is %+v", kept.Origin)
	}
	if got := retuned(first.Update(ModelKept{keep[0].(KeepModel).Job, kept})); len(got) != 0 || len(first.Trainings()) != 1 {
		t.Errorf("keeping gives the engine %q, %d stand to choose from", got, len(first.Trainings()))
	}

	kept.Kept = true
	stray, other := kept, kept
	stray.ID, stray.Layers = "own-stray", 9
	stray.Origin = &jobs.Origin{Of: "small", Number: 7}
	other.ID, other.Origin = "own-other", &jobs.Origin{Of: "elsewhere", Number: 8}
	settings := Defaults()
	settings.Beside, settings.Shown = clex.TrainedHere, []string{"clex", clex.TrainedHere}
	s := New(settings)
	out := s.Update(ModelsListed{[]Model{schooled().Models[0], kept, stray, other}})
	if got := retuned(out); !slices.Equal(got, []string{firstTrained}) || s.Beside != clex.TrainedHere || !slices.Contains(s.Shown, clex.TrainedHere) || len(s.Notices) != 0 {
		t.Fatalf("after a reload: given %q, second %q, shown %v, notices %v", got, s.Beside, s.Shown, s.Notices)
	}
	if w := s.Current().Tuned[clex.TrainedHere]; w.Config != "blob:c" || w.Weights != "blob:w" {
		t.Errorf("its files are %+v", w)
	}
	s.Panes[1].Document = Document{Tokens: []Token{{}}, By: []By{{Author: s.author(1)}}}
	s.Update(ProbeMethod{clex.TrainedHere, true})
	if got := retuned(s.Update(DeleteKept{kept.ID})); !slices.Equal(got, []string{""}) || s.Offers(clex.TrainedHere) || s.ShowsTrained() || slices.Contains(s.Probe.Methods, clex.TrainedHere) {
		t.Errorf("deleted: given %q, shown %v, second %q, probe %v", got, s.Shown, s.Beside, s.Probe.Methods)
	}
	if by := s.Panes[1].Signature(); by != firstTrained {
		t.Errorf("the text that it wrote is signed %q", by)
	}
	if got := retuned(s.Update(TakeAction{deletedKey, "undelete"})); !slices.Equal(got, []string{firstTrained}) || s.Beside != clex.TrainedHere || !slices.Contains(s.Shown, clex.TrainedHere) || !slices.Contains(s.Probe.Methods, clex.TrainedHere) || len(s.Notices) != 0 {
		t.Errorf("undone: given %q, shown %v, second %q, probe %v, notices %v", got, s.Shown, s.Beside, s.Probe.Methods, s.Notices)
	}
	// A new one is not called as one that is kept.
	s.Engine.Ready = true
	trainedBy(t, &s, 5, nil)
	if m := s.TrainedHere(); m.Origin.Number != 9 || m.ID != "trained-here-9" {
		t.Errorf("the next one is %s, %+v", m.ID, m.Origin)
	}
}
