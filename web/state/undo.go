package state

import (
	"math"
	"slices"
)

// Undo and Redo step through the changes of the texts on screen.
type (
	Undo struct{}
	Redo struct{}
)

// CanUndo and CanRedo say whether a text on screen has a step to take.
func (s *State) CanUndo() bool {
	return slices.ContainsFunc(s.Columns(), func(i int) bool { return s.Panes[i].CanUndo() })
}

// CanRedo is the same for Redo.
func (s *State) CanRedo() bool {
	return slices.ContainsFunc(s.Columns(), func(i int) bool { return s.Panes[i].CanRedo() })
}

func (Undo) apply(s *State) []Effect {
	turn := -1
	for _, i := range s.Columns() {
		if k, ok := s.Panes[i].undoes(); ok {
			turn = max(turn, k)
		}
	}
	return s.step(turn, (*Document).undoes, (*Document).Undo, "Undone")
}

func (Redo) apply(s *State) []Effect {
	turn := math.MaxInt
	for _, i := range s.Columns() {
		if k, ok := s.Panes[i].redoes(); ok {
			turn = min(turn, k)
		}
	}
	return s.step(turn, (*Document).redoes, (*Document).Redo, "Redone")
}

// step undoes or redoes the changes of a turn; the methods of the texts come back with them.
func (s *State) step(turn int, of func(*Document) (int, bool), do func(*Document) bool, word string) []Effect {
	var out []Effect
	changed, compared := false, s.Compared()
	for _, i := range s.Columns() {
		p := &s.Panes[i]
		if k, ok := of(&p.Document); !ok || k != turn {
			continue
		}
		out = append(out, s.halt(i)...)
		if !do(&p.Document) {
			continue
		}
		changed = true
		p.Phase, p.Error = Empty, ""
		if len(p.Tokens) > 0 {
			p.Phase = Rested
		}
		if w := p.Writers(); len(w) > 0 && s.Offers(w[len(w)-1]) {
			s.setMethod(i, w[len(w)-1])
			s.draw(w[len(w)-1])
		}
	}
	if !changed {
		return out
	}
	s.Picked = NoPick
	s.Spoken = word + ": " + Tokens(s.TextLength())
	out = append(out, s.textChanged()...)
	if s.measuredPane() < 0 && !slices.Equal(compared, s.Compared()) {
		out = append(out, s.measure(false)...)
	}
	return append(out, SaveAddress{})
}
