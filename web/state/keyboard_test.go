package state

import (
	"net/url"
	"testing"

	"clexlab/viz/scene"
)

// Keys come faster than frames: each one goes on from where the one before has led.
func TestKeysAddUp(t *testing.T) {
	t.Parallel()
	s := New(Defaults())
	for _, c := range []struct {
		m    StepT
		want float64
	}{{StepT{By: 0.1}, 1.1}, {StepT{By: 0.1}, 1.2}, {StepT{By: 1}, 2}, {StepT{By: 1}, 3}, {StepT{By: -0.01}, 2.99}, {StepT{By: -1}, 2}, {StepT{By: -1, Done: true}, 1}, {StepT{By: -1}, 1}} {
		s.Update(c.m)
		if s.T != c.want || s.Dragging == c.m.Done && s.T > 1 {
			t.Errorf("t = %v after %+v, want %v", s.T, c.m, c.want)
		}
	}
	s.Panes[0].Append(make([]Token, 5)...)
	for _, c := range []struct {
		key   string
		index int
	}{{"ArrowRight", 4}, {"Home", 0}, {"ArrowRight", 1}, {"ArrowRight", 2}, {"ArrowLeft", 1}, {"End", 4}, {"Enter", 4}} {
		s.Update(KeyInText{0, c.key})
		if s.Picked != (Pick{0, c.index, true}) {
			t.Errorf("%+v after %s, want token %d held", s.Picked, c.key, c.index)
		}
	}
	s.Update(PickToken{Pick{Pane: 0, Index: 2}})
	if s.Picked.Index != 4 {
		t.Error("pointing moves a token that is held")
	}
	s.Update(KeyInText{0, "Home"})
	s.Update(KeyInText{0, "Delete"})
	if n := len(s.Panes[0].Tokens); n != 1 {
		t.Errorf("%d tokens after going back to the first", n)
	}
	s.Update(KeyInText{0, "Escape"})
	if s.Picked.Pane != -1 {
		t.Errorf("Escape leaves %+v", s.Picked)
	}
}

// The keyboard never falls out of the page with a notice that is closed.
func TestClosedNoticeGivesTheKeyboardOn(t *testing.T) {
	t.Parallel()
	s := New(Defaults())
	for _, key := range []string{"a", "b", "c"} {
		s.Update(Notify{Notice{Key: key}})
	}
	for _, c := range []struct{ key, focus string }{{"b", "close-c"}, {"c", "close-a"}, {"a", "t"}} {
		if e, ok := find[Focus](s.Update(CloseNotice{c.key})); !ok || e.ID != c.focus {
			t.Errorf("closing %s: the keyboard goes to %q, want %q", c.key, e.ID, c.focus)
		}
	}
	s.Hidden = HideSlider
	if e, ok := find[Focus](s.Update(CloseNotice{"a"})); !ok || e.ID != "stage" {
		t.Errorf("without the slider it goes to %q", e.ID)
	}
}

// The recall picture brings its probe where there is room, and takes it along when it goes.
func TestRecallBringsItsProbe(t *testing.T) {
	t.Parallel()
	for _, roomy := range []bool{true, false} {
		s := New(Defaults())
		s.Tab = "text"
		s.Update(ChooseScene{Scene: scene.RecallGrids, Roomy: roomy})
		if (s.Tab == "recall") != roomy {
			t.Errorf("roomy %v: tab %q", roomy, s.Tab)
		}
		s.Update(ChooseScene{Scene: scene.Losses, Roomy: roomy})
		if s.Tab != "text" {
			t.Errorf("roomy %v: tab %q afterwards", roomy, s.Tab)
		}
	}
}

// A step asks for what is done after it was opened, and a lesson is finished at its end.
func TestLessonNotesDeeds(t *testing.T) {
	t.Parallel()
	s := New(Defaults())
	s.Update(TurnPage{Lesson: "length"})
	s.Update(DragT{T: 9, Done: true})
	s.Update(TurnPage{Lesson: "length", Page: 1})
	if s.LessonDone() {
		t.Error("a drag before the step was opened counts")
	}
	if s.Update(DragT{T: 3, Done: true}); s.LessonDone() {
		t.Error("a drag to 3 counts where one to 8 or more is asked for")
	}
	s.Update(DragT{T: 9})
	if s.LessonDone() {
		t.Error("a drag that has not ended counts")
	}
	s.Update(StepT{Done: true})
	if !s.LessonDone() {
		t.Error("a drag is not noted")
	}
	s.Update(FinishLesson{"length"})
	s.Update(FinishLesson{"length"})
	if s.Lesson != "" || len(s.Lessons.Finished) != 1 {
		t.Errorf("lesson %q, finished %v", s.Lesson, s.Lessons.Finished)
	}
}

// The shared link leaves out what was chosen, and a text that the reader brought.
func TestSharedLeavesOut(t *testing.T) {
	t.Parallel()
	s := New(Defaults())
	s.On = OnRead
	s.Update(LeaveOut{HideModel, true})
	s.Update(LeaveOut{HideTable, true})
	s.Update(LeaveOut{HideTable, false})
	q, err := url.ParseQuery(s.Shared())
	if err != nil || q.Get("hide") != "model" || q.Get("on") == string(OnRead) {
		t.Errorf("shared %v, %v", q, err)
	}
	if s.Hidden != 0 {
		t.Error("this page hides what the link leaves out")
	}
}
