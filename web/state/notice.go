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
	// Action names a button that helps: "reload", "retry-model", "restart-engine", "retry-gpu", "" for none.
	Action string
}

// Notify shows a notice, DismissNotice takes it away, TakeAction is its button.
type (
	Notify        struct{ Notice }
	DismissNotice struct{ Key string }
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

func (m TakeAction) apply(s *State) []Effect {
	s.dismiss(m.Key)
	switch m.Action {
	case "reload":
		return []Effect{Reload{}}
	case "retry-model":
		s.Engine.Error = ""
		return []Effect{LoadModel{s.Current().ID}}
	case "retry-gpu":
		return s.askGPU()
	case "restart-engine":
		s.Engine.Error = ""
		return []Effect{RestartEngine{}}
	}
	return nil
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
