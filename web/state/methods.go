package state

import "slices"

// ToggleMethod draws a method in the pictures, or no longer. ChooseFirst and ChooseSecond say
// which methods write the two texts; ChooseSecond with "" closes the second.
type (
	ToggleMethod struct{ Name string }
	ChooseFirst  struct{ Name string }
	ChooseSecond struct{ Name string }
)

func (m ToggleMethod) apply(s *State) []Effect {
	if !s.Offers(m.Name) {
		return nil
	}
	if (m.Name == s.Active || m.Name == s.Beside) && slices.Contains(s.Shown, m.Name) {
		s.Spoken = "A method that writes a text stays in the picture"
		return nil
	}
	out := []Effect{ShowView{}, SaveAddress{}}
	if s.Shown = toggled(s.Shown, m.Name); !slices.Contains(s.Shown, m.Name) && (s.measured.reading == "" || s.Losses[m.Name] != nil) {
		return out // nothing more is to be known, and what was cancelled stays so
	}
	return append(out, s.measure(false)...)
}

func (m ChooseFirst) apply(s *State) []Effect  { return s.chooseMethod(0, m.Name) }
func (m ChooseSecond) apply(s *State) []Effect { return s.chooseMethod(1, m.Name) }

// chooseMethod has another method write a pane's text, from the prompt: no text ever stands
// under a name that did not write it.
func (s *State) chooseMethod(pane int, name string) []Effect {
	if name != "" && !s.Offers(name) || pane == 0 && name == "" {
		return nil
	}
	out := s.halt(pane)
	s.setMethod(pane, name)
	if name != "" {
		s.draw(name)
	}
	if name != "" && s.Engine.Ready && s.promptGiven(pane) {
		out = append(out, s.start(pane, false)...)
	} else {
		s.Panes[pane].clear()
	}
	s.Picked = NoPick
	s.follow()
	out = append(out, ShowView{}, SaveAddress{})
	return append(out, s.measure(false)...)
}

// draw has a method in the pictures.
func (s *State) draw(name string) {
	if !slices.Contains(s.Shown, name) {
		s.Shown = toggled(s.Shown, name)
	}
}

// setMethod notes which method writes a pane.
func (s *State) setMethod(pane int, name string) {
	s.Panes[pane].Method = name
	if pane == 0 {
		s.Active = name
	} else {
		s.Beside = name
		if name == "" && s.On == OnSecond {
			s.On = OnText // the second text is closed
		}
	}
}
