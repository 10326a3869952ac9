package state

// spells reports whether a model cuts words into the same tokens as the one in use, so that it can go on from tokens of the
// other's: the models that ship do where they have as many, and a model that was trained here is cut like what it came from.
func (s *State) spells(id string) bool {
	now := s.Current()
	if id == now.ID {
		return true
	}
	for i := range s.Models {
		if m := &s.Models[i]; m.ID == id {
			return origin(m) == origin(now) || !m.Brought && !now.Brought && m.Vocab == now.Vocab
		}
	}
	return false
}

// origin is the model that one was trained from, itself where it came ready.
func origin(m *Model) string {
	if m.Origin != nil {
		return m.Origin.Of
	}
	return m.ID
}

// foreign names the model whose tokens stand in a pane and mean nothing to the one in use, "" where there is none. Undo brings such
// a text back, and so does a change of model without a prompt.
func (s *State) foreign(pane int) string {
	d := &s.Panes[pane].Document
	for _, b := range d.By {
		if b.From < len(d.Tokens) && !s.spells(b.Model) {
			return s.modelName(b.Model)
		}
	}
	return ""
}

// writesOn reports whether the model in use can go on from a pane's text, and says so where it cannot.
func (s *State) writesOn(pane int) bool {
	name := s.foreign(pane)
	if name != "" {
		s.Panes[pane].Error = "The tokens of this text are those of " + name + ": choose that model to go on with it, or Generate."
	}
	return name == ""
}

// modelName is a model's name, its ID where it is no longer here.
func (s *State) modelName(id string) string {
	for i := range s.Models {
		if s.Models[i].ID == id {
			return s.Models[i].Name
		}
	}
	return id
}

// TermsOf are the terms of a pane's text, with its model where that is not the one in use.
func (s *State) TermsOf(pane int) string {
	d := &s.Panes[pane].Document
	words := d.Terms()
	if len(d.By) == 0 || len(d.Tokens) == 0 || d.By[0].Model == s.Current().ID {
		return words
	}
	if words != "" {
		words = ", " + words
	}
	return "model " + s.modelName(d.By[0].Model) + words
}
