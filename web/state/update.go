package state

import (
	"slices"
)

// Update takes one message and returns what the page must do about it.
func (s *State) Update(m Message) []Effect {
	switch m := m.(type) {
	case DragT:
		return s.drag(m)
	case SwitchAuto:
		return s.switchAuto(m.On)
	case ToggleMethod:
		if !s.Offers(m.Name) {
			return nil
		}
		if m.Name == s.First && slices.Contains(s.Shown, m.Name) {
			s.Spoken = "The method that writes the text stays in the picture"
			return nil
		}
		s.Shown = toggled(s.Shown, m.Name)
		return []Effect{ShowView{}, Measure{}, SaveAddress{}}
	case ChooseScene:
		if !slices.Contains(Scenes, m.Scene) || m.Scene == s.Scene {
			return nil
		}
		s.Scene = m.Scene
		s.View.Reading = ""
		s.Spoken = "Picture: " + m.Scene.Label()
		return []Effect{ShowView{}, Measure{}, SaveAddress{}}
	case SetSolver:
		s.Solver = m.Solver
		s.Step = min(MaxStep, max(MinStep, m.Step))
		s.Tol = min(MaxTol, max(MinTol, m.Tol))
		return []Effect{ShowView{}, SaveAddress{}}
	case ChooseTheme:
		if m.Theme != "" && m.Theme != "light" && m.Theme != "dark" {
			return nil
		}
		s.Theme = m.Theme
		return []Effect{SetTheme{}, ShowView{}, SaveAddress{}}
	case HideControl:
		if m.On {
			s.Hidden |= m.Bit
		} else {
			s.Hidden &^= m.Bit
		}
		return []Effect{SaveAddress{}}
	case TurnPage:
		s.Lesson, s.Page = m.Lesson, max(0, m.Page)
		s.Open[GuidePanel] = true
		return []Effect{SaveAddress{}}
	case SwitchPresent:
		s.Present = m.On
		return []Effect{SetTheme{}, SaveAddress{}}
	case Look:
		s.Pair, s.Layer, s.Head, s.Field = m.Pair, m.Layer, m.Head, m.Field
		if m.Layer < 0 || m.Head < 0 {
			s.Layer, s.Head = -1, -1
		}
		if m.Pool == "max" || m.Pool == "mean" {
			s.Pool = m.Pool
		}
		return []Effect{ShowView{}, Measure{}, SaveAddress{}}
	case TogglePanel:
		if m.Open {
			s.Open[m.Panel] = true
		} else {
			delete(s.Open, m.Panel)
		}
		return nil
	case ChooseTab:
		s.Tab = m.Tab
		return nil
	case PickToken:
		return s.pick(m.Pick)
	case RunProbe, WatchProbe, StopProbe, EditProbe, ProbeAnswered:
		return s.updateProbe(m)
	case ModelsListed, ChooseModel, EngineLoading, EngineReady, EngineFailed,
		PromptRead, PromptTokens, TokensWritten, JobDone, JobFailed:
		return s.updateEngine(m)
	case ChooseBackend, GPUAnswered, GPUFailed:
		return s.updateGPU(m)
	case ViewSaysHello, ViewSolved, ViewReads, ViewFailed, UpdateAvailable, InstallAvailable,
		Notify, DismissNotice, TakeAction:
		return s.updateAround(m)
	}
	return s.updateText(m)
}

func (s *State) drag(m DragT) []Effect {
	t := ClampT(m.T)
	if t == s.T && !m.Done && !s.Auto {
		return nil
	}
	s.T, s.Auto, s.Dragging = t, false, !m.Done
	out := []Effect{ShowView{}}
	out = append(out, s.retune()...)
	out = append(out, Measure{Coarse: !m.Done})
	if m.Done {
		s.Spoken = ValueText(s.T, s.Window())
		out = append(out, SaveAddress{})
	}
	return out
}

func (s *State) switchAuto(on bool) []Effect {
	s.Auto = on
	if on {
		s.T = AutoT(s.TextLength(), s.Window())
		s.Spoken = "Auto on: t follows the text. " + ValueText(s.T, s.Window())
	} else {
		s.Spoken = "Auto off. " + ValueText(s.T, s.Window())
	}
	return append(s.retune(), ShowView{}, Measure{}, SaveAddress{})
}

// retune passes t on to the jobs that are writing.
func (s *State) retune() []Effect {
	var out []Effect
	for _, i := range s.Active() {
		if p := &s.Panes[i]; p.Phase.Busy() && p.Job != 0 {
			out = append(out, Retune{Job: p.Job, T: s.T, Auto: s.Auto})
		}
	}
	return out
}

// follow moves t with the text while Auto is on and reports whether it moved.
func (s *State) follow() bool {
	if !s.Auto {
		return false
	}
	t := AutoT(s.TextLength(), s.Window())
	moved := t != s.T
	s.T = t
	return moved
}

func (s *State) pick(p Pick) []Effect {
	if s.Picked.Held && !p.Held && p.Index < 0 {
		return nil
	}
	if p == s.Picked {
		return nil
	}
	s.Picked = p
	return []Effect{ShowView{}}
}

// updateAround takes what the picture, the browser and the notices tell.
func (s *State) updateAround(m Message) []Effect {
	switch m := m.(type) {
	case ViewSaysHello:
		s.View.Alive, s.View.Drawn, s.View.Error = true, false, ""
		s.dismiss("view")
		return []Effect{ShowView{Whole: true}, Measure{}}
	case ViewSolved:
		s.View.Drawn = true
		s.View.Evaluations, s.View.Steps, s.View.Solve = m.Evaluations, m.Steps, m.Took
	case ViewReads:
		s.View.Reading = m.Text
	case ViewFailed:
		s.View.Error = m.Text
	case UpdateAvailable:
		s.Updated = true
		s.notify(Notice{Key: "update", Level: Info, Title: "A newer version is ready.",
			Text: "Reload to use it; the link keeps everything as it is.", Action: "reload"})
	case InstallAvailable:
		s.Installable = m.On
	case Notify:
		s.notify(m.Notice)
	case DismissNotice:
		s.dismiss(m.Key)
	case TakeAction:
		return s.act(m)
	}
	return nil
}

func (s *State) act(m TakeAction) []Effect {
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

func (s *State) dismiss(key string) {
	s.Notices = slices.DeleteFunc(slices.Clone(s.Notices), func(n Notice) bool { return n.Key == key })
}
