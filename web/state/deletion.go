package state

import (
	"slices"

	"clexlab/clex"
	"clexlab/wasm/wire/jobs"
)

// deletion is what the reader deleted and may have back: it leaves the browser when the notice that offers it is closed, or
// when something else is deleted. Exactly one of model and training is set, none where nothing waits.
type deletion struct {
	// model is the ID of a kept model.
	model string
	// shown is where the method stood that went with it.
	shown shownMethods
	// training is what the panel knew of a training that is kept.
	training *deletedTraining
}

type deletedTraining struct {
	kept   *jobs.KeptTraining
	states []int
	bytes  int64
	asked  *jobs.Train
}

// Undelete brings back what was deleted last, while its message stands.
type Undelete struct{}

func (Undelete) apply(s *State) []Effect {
	out := s.undelete()
	s.dismiss(deletedKey)
	return out
}

// deletedKey is the notice's that offers to undo a deletion.
const deletedKey = "deleted"

// delete lets something wait for its end, and ends what waited before.
func (s *State) delete(d deletion, title string) []Effect {
	out := s.endDeletion()
	s.deleted = d
	s.notify(Notice{Key: deletedKey, Level: Info, Title: title, Text: "It leaves this browser when this message is closed.", Action: "undelete"})
	return out
}

// endDeletion deletes for good what waited for it.
func (s *State) endDeletion() []Effect {
	d := s.deleted
	s.deleted = deletion{}
	switch {
	case d.model != "":
		if !s.atHand[d.model] {
			s.gone = append(s.gone, d.model)
			s.dropGone()
		}
		return []Effect{ForgetModel{d.model}}
	case d.training != nil:
		return []Effect{ForgetTraining{}}
	}
	return nil
}

// dropGone takes the models whose only files were deleted from those on offer; the one in use stays until another is chosen.
func (s *State) dropGone() {
	now := s.Current().ID
	dropped := func(id string) bool { return id != now && slices.Contains(s.gone, id) }
	s.Models = slices.DeleteFunc(slices.Clone(s.Models), func(m Model) bool { return dropped(m.ID) })
	s.gone = slices.DeleteFunc(s.gone, dropped)
}

// OwnModel reports whether the model in use is in this browser alone, and not the server's as well.
func (s *State) OwnModel() bool {
	m := s.Current()
	return m.Here || m.Kept || s.atHand[m.ID] || s.deleted.model != "" && s.deleted.model == m.ID || slices.Contains(s.gone, m.ID)
}

// undelete brings it back.
func (s *State) undelete() (out []Effect) {
	d := s.deleted
	s.deleted = deletion{}
	switch {
	case d.model != "":
		s.setKept(d.model, true)
		if out = s.offerTrained(); len(out) > 0 {
			s.showAgain(clex.TrainedHere, d.shown)
			s.dismiss("model-trained")
			out = append(append(out, ShowView{}, SaveAddress{}), s.measure(false)...)
		}
	case d.training != nil:
		t := &s.Training
		t.Kept, t.States, t.Bytes, t.Asked = d.training.kept, d.training.states, d.training.bytes, d.training.asked
	default:
		return nil
	}
	s.Spoken = "It is kept as before"
	return out
}

// DeletedModel is the name of the model whose deletion can be undone, "" for none.
func (s *State) DeletedModel() string {
	at := slices.IndexFunc(s.Models, func(x Model) bool { return x.ID == s.deleted.model })
	if s.deleted.model == "" || at < 0 {
		return ""
	}
	return s.Models[at].Name
}

// replacesDeleted is called when a training takes the place of a deleted one in the browser, or a model that was deleted is
// kept again.
func (s *State) replacesDeleted() {
	s.deleted = deletion{}
	s.dismiss(deletedKey)
}

// setKept says whether a model is kept in this browser, and returns which one it is, nil for none.
func (s *State) setKept(id string, kept bool) *Model {
	at := slices.IndexFunc(s.Models, func(x Model) bool { return x.ID == id && x.Kept != kept })
	if at < 0 {
		return nil
	}
	s.Models = slices.Clone(s.Models)
	s.Models[at].Kept = kept
	return &s.Models[at]
}
