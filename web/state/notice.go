package state

import "slices"

// Level is how grave a notice is.
type Level int

// The levels of a notice.
const (
	Info Level = iota
	Warning
	Failure
)

// Notice is a message that stays on the page until it is dismissed or its cause is gone.
type Notice struct {
	Key   string // one notice a key
	Level Level
	Title string
	Text  string
	// Action names a button that helps: "reload", "retry-model", "restart-engine", "retry-gpu", "undelete", "" for none.
	Action string
}

// Notify shows a notice, DismissNotice takes it away when its cause is gone; CloseNotice is the reader's closing it, TakeAction
// the button that helps.
type (
	Notify        struct{ Notice }
	DismissNotice struct{ Key string }
	CloseNotice   struct{ Key string }
	TakeAction    struct{ Key, Action string }
)

func (m Notify) apply(s *State) []Effect {
	s.notify(m.Notice)
	return nil
}

func (m DismissNotice) apply(s *State) []Effect {
	s.dismiss(m.Key)
	return nil
}

// apply gives the keyboard, which was in what is gone, to the notice in its place, else to the control after the notices.
func (m CloseNotice) apply(s *State) []Effect {
	at := slices.IndexFunc(s.Notices, func(n Notice) bool { return n.Key == m.Key })
	var out []Effect
	if s.dismiss(m.Key); m.Key == deletedKey {
		out = s.endDeletion()
	}
	to := "t"
	switch n := len(s.Notices); {
	case n > 0:
		to = "close-" + s.Notices[min(max(0, at), n-1)].Key
	case s.Hidden.Has(HideSlider) && s.Hidden.Has(HidePicture):
		to = "text"
	case s.Hidden.Has(HideSlider):
		to = "stage"
	}
	return append(out, Focus{to})
}

func (m TakeAction) apply(s *State) []Effect {
	var out []Effect
	if m.Action == "undelete" {
		out = s.undelete()
	}
	out = append(out, CloseNotice{m.Key}.apply(s)...)
	switch m.Action {
	case "reload":
		return []Effect{Reload{}}
	case "retry-model":
		s.Engine.Error = ""
		return append([]Effect{LoadModel{s.Current().ID}}, out...)
	case "retry-gpu":
		return append(s.askGPU(), out...)
	case "restart-engine":
		s.Engine.Error = ""
		return append([]Effect{RestartEngine{}}, out...)
	}
	return out
}

// notify shows n in place of an older notice with the same key.
func (s *State) notify(n Notice) {
	s.dismiss(n.Key)
	s.Notices = append(s.Notices, n)
	s.Spoken = n.Title + " " + n.Text
}

// trouble shows a failure.
func (s *State) trouble(key, title, text, action string) {
	s.notify(Notice{Key: key, Level: Failure, Title: title, Text: text, Action: action})
}

func (s *State) dismiss(key string) {
	s.Notices = slices.DeleteFunc(slices.Clone(s.Notices), func(n Notice) bool { return n.Key == key })
}
