package state

import (
	"math"

	"clexlab/wasm/wire/jobs"
)

// DragT moves t; Done is its last message, when the hand lets go. Seq is that of a move
// in the picture, 0 of one in the page.
type DragT struct {
	T    float64
	Seq  uint32
	Done bool
}

// StepT moves t by so much, as keys and buttons do: by 1 to the next whole number, by -1 to the one before. Done is
// as in DragT, where By may be 0.
type StepT struct {
	By   float64
	Done bool
}

// LetGoOfT ends a drag of t that has not ended by itself: a hand that comes back to the value that it began at, or a key that
// is let go elsewhere, tells of no last move.
type LetGoOfT struct{}

// SwitchAuto lets t follow the length of the text, or stand.
type SwitchAuto struct{ On bool }

// SetFactor gives a running job another t.
type SetFactor struct {
	Job int
	jobs.FactorRule
}

func (e SetFactor) Do(_ PageEffects, x EngineEffects) { x.SetFactor(e) }

func (m DragT) apply(s *State) []Effect {
	if m.Seq > 0 {
		s.Seq = m.Seq
	}
	t := s.clampT(m.T)
	if t == s.T && !s.Auto && !(m.Done && s.Dragging) {
		return nil
	}
	s.T, s.Auto, s.Dragging = t, false, !m.Done
	s.View.Reading = "" // what the pointer reads is of another t
	out := append([]Effect{ShowView{}}, s.setFactor()...)
	out = append(out, s.measure(!m.Done)...)
	if m.Done {
		s.Spoken = ValueText(s.T, s.Window())
		out = append(out, SaveAddress{})
	}
	return out
}

func (m StepT) apply(s *State) []Effect {
	t := s.T + m.By
	switch m.By {
	case 1:
		t = math.Floor(s.T) + 1
	case -1:
		t = math.Ceil(s.T) - 1
	}
	return DragT{T: t, Done: m.Done}.apply(s)
}

func (LetGoOfT) apply(s *State) []Effect {
	if !s.Dragging {
		return nil
	}
	last := DragT{T: s.T, Done: true}
	out := last.apply(s)
	s.noteDeed(last)
	return out
}

func (m SwitchAuto) apply(s *State) []Effect {
	s.Auto = m.On
	if m.On {
		s.follow()
		s.Spoken = "Auto on: t follows the length of the text. " + ValueText(s.T, s.Window())
	} else {
		s.Spoken = "Auto off. " + ValueText(s.T, s.Window())
	}
	out := append(s.setFactor(), ShowView{})
	return append(append(out, s.measure(false)...), SaveAddress{})
}

// rule is how t is found now.
func (s *State) rule() jobs.FactorRule { return jobs.FactorRule{T: s.T, Auto: s.Auto} }

// setFactor passes t on to the texts that are being written.
func (s *State) setFactor() []Effect {
	var out []Effect
	for _, i := range s.Columns() {
		if p := &s.Panes[i]; p.Phase.Busy() && p.Job != 0 {
			p.follow(s.rule())
			out = append(out, SetFactor{p.Job, s.rule()})
		}
	}
	return out
}

// follow moves t, while Auto is on, to the length of the text that the picture speaks of, and
// reports whether it moved.
func (s *State) follow() bool {
	if !s.Auto {
		return false
	}
	t := s.rule().At(s.measuredLength(), s.Window(), s.MaxT())
	moved := t != s.T
	s.T = t
	return moved
}
