package state

import (
	"slices"

	"clexlab/clex"
	"clexlab/viz/scene"
)

// Panel is a part of the page that opens and closes.
type Panel string

// The panels.
const (
	SamplingPanel Panel = "sampling"
	SolverPanel   Panel = "solver"
	TablePanel    Panel = "table"
	SharePanel    Panel = "share"
	GuidePanel    Panel = "guide"
	MethodsPanel  Panel = "methods"
	PromptPanel   Panel = "prompt"
	ReadPanel     Panel = "read"
	ModelPanel    Panel = "model"
)

// places are the panels that lie in the same place: one of them at a time.
var places = [][]Panel{{SharePanel, ModelPanel}, {ReadPanel, TablePanel, SolverPanel}}

// What the reader does around picture and text.
type (
	// CloseDrawer closes the drawer that was opened last, of those that can be seen.
	CloseDrawer struct{}
	ChooseTheme struct{ Theme string }
	// LeaveOut leaves a control out of the link that is shared; LinkCopied says that it is on the clipboard.
	LeaveOut struct {
		Bit Controls
		On  bool
	}
	LinkCopied struct{}
	// SwitchLarge chooses large type, for a projector.
	SwitchLarge struct{ On bool }
	TogglePanel struct {
		Panel Panel
		Open  bool
	}
	ChooseTab struct{ Tab string }
	// PickToken points at a token, or holds it. While one is held, pointing changes nothing.
	PickToken struct{ Pick }
	// KeyInText is a key in a text: arrows, Home and End go from token to token, Enter holds one, Delete goes back to it.
	KeyInText struct {
		Pane int
		Key  string
	}
)

// What the browser tells.
type (
	UpdateAvailable  struct{}
	InstallAvailable struct{ On bool }
)

func (m ChooseTheme) apply(s *State) []Effect {
	if m.Theme != "" && m.Theme != "light" && m.Theme != "dark" {
		return nil
	}
	s.Theme = m.Theme
	return []Effect{SetTheme{}, ShowView{}, SaveAddress{}}
}

func (m LeaveOut) apply(s *State) []Effect {
	if m.On {
		s.LeftOut |= m.Bit
	} else {
		s.LeftOut &^= m.Bit
	}
	return nil
}

func (LinkCopied) apply(s *State) []Effect {
	s.Spoken = "Link copied"
	return nil
}

// Shared is the query of the link to exactly this, without what is left out of it.
func (s *State) Shared() string {
	to := s.Settings
	if to.On == OnRead {
		to.On = OnBook
	}
	to.Hidden |= s.LeftOut
	if s.ShowsTrained() {
		to.Shown = slices.DeleteFunc(slices.Clone(to.Shown), func(m string) bool { return m == clex.TrainedHere })
		if to.Active == clex.TrainedHere {
			to.Active = Defaults().Active
		}
		if to.Beside == clex.TrainedHere {
			to.Beside = ""
		}
	}
	return to.Query().Encode()
}

// ShowsTrained reports whether the page shows a method that no link can hold: its weights are in this browser alone.
func (s *State) ShowsTrained() bool {
	return s.WritesTrained() || slices.Contains(s.Shown, clex.TrainedHere)
}

// WritesTrained reports whether that method writes a text.
func (s *State) WritesTrained() bool {
	return s.Active == clex.TrainedHere || s.Beside == clex.TrainedHere
}

func (m SwitchLarge) apply(s *State) []Effect {
	s.Large = m.On
	return []Effect{SetTheme{}, ShowView{}, SaveAddress{}}
}

func (m TogglePanel) apply(s *State) []Effect {
	if m.Open {
		s.open(m.Panel)
		return nil
	}
	delete(s.Open, m.Panel)
	// The keyboard was in what is gone.
	return []Effect{Focus{m.Panel.button()}}
}

// open opens a panel, in front of all others.
func (s *State) open(p Panel) {
	for _, place := range places {
		if slices.Contains(place, p) {
			for _, other := range place {
				delete(s.Open, other)
			}
		}
	}
	s.Open[p] = true
	s.opened = append(slices.DeleteFunc(s.opened, func(other Panel) bool { return other == p || !s.Open[other] }), p)
}

func (CloseDrawer) apply(s *State) []Effect {
	for _, p := range slices.Backward(s.opened) {
		if s.Open[p] && s.seen(p) {
			return TogglePanel{Panel: p}.apply(s)
		}
	}
	return nil
}

// seen reports whether a panel that is open stands on the page: it goes out of sight with what it belongs to, and comes back with it.
func (s *State) seen(p Panel) bool {
	row, _ := scene.Find(s.Scene)
	switch p {
	case MethodsPanel:
		return !s.Hidden.Has(HidePicture) && !s.Hidden.Has(HideMethods) && !row.Both && !row.Recall
	case SamplingPanel, PromptPanel:
		return s.Tab == "text" || s.Tab == "picture"
	}
	return p != GuidePanel
}

// button is the control that opens a panel.
func (p Panel) button() string {
	switch p {
	case ModelPanel:
		return "models"
	case MethodsPanel:
		return "chips-more"
	case PromptPanel:
		return "open-prompt"
	}
	return string(p)
}

func (m ChooseTab) apply(s *State) []Effect {
	s.Tab = m.Tab
	return []Effect{SaveAddress{}}
}

func (m PickToken) apply(s *State) []Effect {
	if s.Picked.Held && !m.Held || m.Pick == s.Picked {
		return nil
	}
	if m.Pane < 0 || m.Index < 0 {
		m.Pick = NoPick // nothing is held, and what the pointer comes to next is shown
	}
	s.Picked = m.Pick
	out := []Effect{ShowView{}}
	if k := m.Pick; k.Pane >= 0 && k.Index >= 0 {
		if s.measures(k.Pane, k.Index) {
			s.Passage.Middle = k.Index
		}
		if k.Held {
			// What is said of it takes room under the text.
			out = append(out, Reveal{k.Pane, k.Index})
		}
	}
	return out
}

func (m KeyInText) apply(s *State) []Effect {
	n := len(s.Panes[m.Pane].Tokens)
	k := s.Picked
	if k.Pane != m.Pane {
		k = Pick{Pane: m.Pane, Index: n}
	}
	switch m.Key {
	case "ArrowRight":
		k.Index++
	case "ArrowLeft":
		k.Index--
	case "Home":
		k.Index = 0
	case "End":
		k.Index = n - 1
	case "Delete", "Backspace":
		return CutAfter{Pane: m.Pane, Index: k.Index}.apply(s)
	case "Escape":
		return PickToken{Pick{Pane: -1, Index: -1, Held: true}}.apply(s)
	}
	if n == 0 {
		return nil
	}
	k.Index, k.Held = min(max(0, k.Index), n-1), true
	return append(PickToken{k}.apply(s), Reveal{k.Pane, k.Index})
}

func (UpdateAvailable) apply(s *State) []Effect {
	s.Updated = true
	s.notify(Notice{Key: "update", Level: Info, Title: "A newer version is ready.",
		Text: "Reload to use it; the link keeps everything as it is.", Action: "reload"})
	return nil
}

func (m InstallAvailable) apply(s *State) []Effect {
	s.Installable = m.On
	return nil
}
