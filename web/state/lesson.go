package state

import (
	"net/url"
	"slices"

	"clexlab/assets/lessons"
	"clexlab/viz/scene"
)

// Lessons is how far the reader is with the guided lessons.
type Lessons struct {
	// Finished are those that were read to their end.
	Finished []string
	// deeds is what the reader has done since the open step was opened, by the names that steps ask for.
	deeds map[string]bool
	// lent says that a step measures on the book where the reader had a text of their own measured.
	lent bool
}

// TurnPage opens a step of a lesson and sets the page up for it, Lesson "" is the list of lessons. FinishLesson
// leaves one that was read to its end.
type (
	TurnPage struct {
		Lesson string
		Page   int
	}
	FinishLesson struct{ Lesson string }
)

func (m TurnPage) apply(s *State) (out []Effect) {
	s.Lessons.deeds = nil
	was := s.On
	if l, ok := lessons.Find(m.Lesson); ok && m.Page >= 0 && m.Page < len(l.Steps) {
		if q, err := url.ParseQuery(l.Steps[m.Page].Set); err == nil && len(q) > 0 {
			out = SetUp{q}.apply(s)
		}
	}
	switch {
	case was == OnRead && s.On != OnRead:
		s.Lessons.lent = true
		s.notify(Notice{Key: lentKey, Level: Info, Title: "This lesson measures on " + s.SubjectWords() + ".",
			Text: "What you brought stays under “Measured on”. It is measured again when you go back to “All lessons”."})
	case m.Lesson == "" && s.Lessons.lent:
		s.dismiss(lentKey)
		if s.Lessons.lent = false; s.On == OnBook {
			out = append(out, ChooseSubject{OnRead}.apply(s)...)
		}
	}
	s.Lesson, s.Page = m.Lesson, max(0, m.Page)
	s.Open[GuidePanel] = true
	return append(out, SaveAddress{})
}

// lentKey is the notice's that says that a lesson measures on another text than the reader's.
const lentKey = "lesson-on"

func (m FinishLesson) apply(s *State) []Effect {
	if !slices.Contains(s.Lessons.Finished, m.Lesson) {
		s.Lessons.Finished = append(slices.Clip(s.Lessons.Finished), m.Lesson)
	}
	return TurnPage{}.apply(s)
}

// LessonDone reports whether what the open step asks for has happened.
func (s *State) LessonDone() bool {
	l, ok := lessons.Find(s.Lesson)
	return ok && len(l.Steps) > 0 && s.Lessons.deeds[l.Steps[min(s.Page, len(l.Steps)-1)].Done]
}

// noteDeed notes what the reader has done in the open step, after it has been applied.
func (s *State) noteDeed(m Message) {
	if s.Lesson == "" {
		return
	}
	did := func(deed string, yes bool) {
		if !yes {
			return
		}
		if s.Lessons.deeds == nil {
			s.Lessons.deeds = map[string]bool{}
		}
		s.Lessons.deeds[deed] = true
	}
	dragged := func(done bool) {
		did("t to 1", done && s.T <= 1.05) // a slider of 64 is hard to bring nearer
		did("t to 8 or more", done && s.T >= 8)
		did("t to 16 or more", done && s.T >= 16)
	}
	switch m := m.(type) {
	case DragT:
		dragged(m.Done)
	case StepT:
		dragged(m.Done)
	case SwitchAuto:
		did("auto", m.On)
	case CutAfter:
		did("cut", true)
	case PickToken:
		did("inspected", m.Held && m.Index >= 0)
	case KeyInText:
		did("inspected", s.Picked.Held && s.Picked.Index >= 0)
		did("cut", m.Key == "Delete" || m.Key == "Backspace")
	case ChooseScene:
		did(string(m.Scene), true)
	case PictureMessage:
		f, ok := m.Event.(*scene.Factor)
		dragged(ok && f.Phase == scene.LetGo)
	case SetSolver:
		did("solver", true)
	case RunProbe, WatchProbe:
		did("probed", s.Probe.Job != 0)
	case Trained:
		did("trained", m.Files != nil)
	case Write, Continue:
		did("asked", true)
	case JobDone:
		// What was under way when the step was opened is no deed of the reader's.
		asked := s.Lessons.deeds["asked"]
		did("written", asked)
		did("long", asked && s.TextLength() > 2*s.Window())
		did("compared", asked && s.Comparing() && !s.Busy())
	}
}
