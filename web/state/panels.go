package state

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

// drawers are the panels that lie over the page, those in front first.
var drawers = []Panel{MethodsPanel, SamplingPanel, PromptPanel, SharePanel, ModelPanel, ReadPanel, TablePanel, SolverPanel}

// What the reader does around picture and text.
type (
	// CloseDrawer closes the drawer in front.
	CloseDrawer struct{}
	ChooseTheme struct{ Theme string }
	HideControl struct {
		Bit Controls
		On  bool
	}
	TurnPage struct {
		Lesson string
		Page   int
	}
	// SwitchLarge chooses large type, for a projector.
	SwitchLarge struct{ On bool }
	TogglePanel struct {
		Panel Panel
		Open  bool
	}
	ChooseTab struct{ Tab string }
	// PickToken points at a token.
	PickToken struct{ Pick }
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

func (m HideControl) apply(s *State) []Effect {
	if m.On {
		s.Hidden |= m.Bit
	} else {
		s.Hidden &^= m.Bit
	}
	return []Effect{SaveAddress{}}
}

func (m TurnPage) apply(s *State) []Effect {
	s.Lesson, s.Page = m.Lesson, max(0, m.Page)
	s.Open[GuidePanel] = true
	return []Effect{SaveAddress{}}
}

func (m SwitchLarge) apply(s *State) []Effect {
	s.Large = m.On
	return []Effect{SetTheme{}, ShowView{}, SaveAddress{}}
}

func (m TogglePanel) apply(s *State) []Effect {
	if m.Open {
		s.Open[m.Panel] = true
		return nil
	}
	delete(s.Open, m.Panel)
	// The keyboard was in what is gone.
	return []Effect{Focus{m.Panel.button()}}
}

func (CloseDrawer) apply(s *State) []Effect {
	for _, p := range drawers {
		if s.Open[p] {
			return TogglePanel{Panel: p}.apply(s)
		}
	}
	return nil
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
	if s.Picked.Held && !m.Held && m.Index < 0 || m.Pick == s.Picked {
		return nil
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
