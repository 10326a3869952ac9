package state

import "slices"

// former is what stood on the page when a model that somebody brought was opened, until that has shown that it can be loaded:
// the look at its files reads no weights.
type former struct {
	// opened is that model, "" for none.
	opened string
	Settings
	filed filedFactor
	panes [2]Pane
}

// remember keeps what stands, whose texts are at rest, for the case that the model cannot be loaded.
func (s *State) remember(opened string) {
	s.former = former{opened: opened, Settings: s.Settings, filed: s.filed, panes: s.Panes}
	s.former.Shown = slices.Clone(s.Shown)
	for i := range s.former.panes {
		d := &s.former.panes[i].Document
		d.text, d.past, d.future = d.clipped(), slices.Clone(d.past), slices.Clone(d.future)
	}
}

// unopened goes back to the model before, with its texts and their length, where the one that was opened could not be loaded.
func (s *State) unopened(why string) []Effect {
	was, failed := s.former, *s.Current()
	s.leaveProbe()
	s.Model, s.filed = was.Model, was.filed
	s.Active, s.Beside, s.Shown, s.T, s.Auto, s.Windows, s.Layer, s.Head = was.Active, was.Beside, was.Shown, was.T, was.Auto, was.Windows, was.Layer, was.Head
	var out []Effect
	if s.Opening.Keeping == 0 && !failed.Kept {
		// What is kept stays on the list, where it can be deleted.
		s.Models = slices.DeleteFunc(slices.Clone(s.Models), func(m Model) bool { return m.ID == failed.ID })
		out = append(out, ReleaseFiles{failed.Load.Files})
	}
	for i := range s.Panes {
		now, p := s.Panes[i].Document, was.panes[i]
		p.Revision, p.Epoch, p.judging = max(now.Revision, p.Revision), max(now.Epoch, p.Epoch), false
		p.changed()
		s.Panes[i] = p
	}
	s.Picked, s.former = NoPick, former{}
	s.Engine = Engine{}
	for _, key := range []string{"model-t", "model-methods", "model-list", "model-trained", "model"} {
		s.dismiss(key)
	}
	s.forgetModel()
	s.GPU = GPU{GPUAttempt: s.GPU.GPUAttempt + 1}
	s.notify(Notice{Key: "model", Level: Failure, Title: "“" + failed.Name + "” could not be opened.", Text: s.Current().Name + " is in use again, with the texts as they were. " + Sentence(why)})
	return append(out, LoadModel{s.Current().ID}, SaveAddress{}, ShowView{})
}
