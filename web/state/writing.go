package state

import (
	"slices"
	"strings"
)

// updateText takes what the reader does with the texts.
func (s *State) updateText(m Message) []Effect {
	switch m := m.(type) {
	case EditPrompt:
		s.Prompt = m.Text
		if len(s.Prompt) > MaxPromptBytes {
			s.Prompt = strings.ToValidUTF8(s.Prompt[:MaxPromptBytes], "")
		}
		return []Effect{SaveAddress{}}
	case SetWindows:
		if slices.Contains(Lengths, m.Windows) {
			s.Windows = m.Windows
		}
		return []Effect{SaveAddress{}, ShowView{}}
	case SetSampling:
		v := m.Sampling
		v.Temperature = min(MaxTemperature, max(0, v.Temperature))
		v.TopK = min(MaxTopK, max(0, v.TopK))
		v.TopP, v.MinP = min(1, max(0, v.TopP)), min(1, max(0, v.MinP))
		s.Sampling = v
		return []Effect{SaveAddress{}}
	case ChooseFirst:
		return s.chooseMethod(0, m.Name)
	case ChooseSecond:
		return s.chooseMethod(1, m.Name)
	case Write:
		return s.write()
	case Continue:
		return s.resume()
	case Stop:
		return s.stop()
	case CutAfter:
		return s.cut(m)
	case Undo:
		return s.step((*Document).Undo, "Undone")
	case Redo:
		return s.step((*Document).Redo, "Redone")
	}
	return nil
}

func (s *State) chooseMethod(pane int, name string) []Effect {
	if name != "" && !s.Offers(name) || pane == 0 && name == "" {
		return nil
	}
	p := &s.Panes[pane]
	out := s.halt(pane)
	p.Method = name
	if pane == 0 {
		s.First = name
	} else {
		s.Second = name
	}
	if name != "" && !slices.Contains(s.Shown, name) {
		s.Shown = toggled(s.Shown, name)
	}
	out = append(out, ShowView{}, SaveAddress{})
	if pane == 1 && name != "" && len(s.Panes[0].Tokens) > 0 {
		p.Document = Document{Revision: p.Revision + 1, Epoch: p.Epoch + 1}
		out = append(out, s.start(pane, false))
	}
	return append(out, Measure{})
}

// start begins a job in a pane: from the prompt, or on from its text.
func (s *State) start(pane int, resume bool) Effect {
	s.jobs++
	p := &s.Panes[pane]
	p.Job, p.Phase, p.Error, p.Finished = s.jobs, Waiting, "", ""
	p.Rate, p.FirstToken, p.Read, p.ToRead = 0, 0, 0, 0
	e := StartWriting{
		Pane: pane, Job: p.Job, Method: p.Method, Prompt: s.Prompt,
		MaxLength: s.Target(), Sampling: s.Sampling, T: s.T, Auto: s.Auto, Try: s.TryWriting(),
	}
	if resume {
		e.Tokens = p.IDs()
		if len(e.Tokens) >= e.MaxLength {
			e.MaxLength = min(int(MaxT)*s.Window(), len(e.Tokens)+s.Window())
		}
	} else {
		p.Mark()
		p.Tokens = nil
		p.changed()
	}
	return e
}

func (s *State) write() []Effect {
	if strings.TrimSpace(s.Prompt) == "" {
		s.Panes[0].Error = "Write a few words first: the model continues what it is given."
		return nil
	}
	var out []Effect
	s.Picked = NoPick
	for _, i := range s.Active() {
		out = append(out, s.halt(i)...)
		out = append(out, s.start(i, false))
	}
	s.follow()
	return append(out, ShowView{})
}

func (s *State) resume() []Effect {
	var out []Effect
	most := int(MaxT) * s.Window()
	for _, i := range s.Active() {
		p := &s.Panes[i]
		switch {
		case p.Phase.Busy():
		case len(p.Tokens) == 0:
			out = append(out, s.start(i, false))
		case len(p.Tokens) >= most:
			p.Error = "The text is as long as it can get: 16 windows. Click a token to go back to it."
		default:
			p.Mark()
			out = append(out, s.start(i, true))
		}
	}
	return out
}

func (s *State) stop() []Effect {
	var out []Effect
	for _, i := range s.Active() {
		out = append(out, s.halt(i)...)
	}
	if len(out) > 0 {
		s.Spoken = "Stopped at " + Tokens(s.TextLength())
		out = append(out, Measure{})
	}
	return out
}

// halt ends a pane's job and keeps its text.
func (s *State) halt(pane int) []Effect {
	p := &s.Panes[pane]
	if !p.Phase.Busy() {
		return nil
	}
	job := p.Job
	p.Job, p.Phase, p.Finished = 0, Rested, StopCancelled
	return []Effect{CancelJob{job}}
}

func (s *State) cut(m CutAfter) []Effect {
	if m.Pane < 0 || m.Pane >= len(s.Panes) {
		return nil
	}
	out := s.halt(m.Pane)
	p := &s.Panes[m.Pane]
	if !p.CutAfter(m.Index) {
		return out
	}
	p.Phase, p.Error, s.Picked = Rested, "", NoPick
	s.follow()
	s.Spoken = "Text cut back to " + Tokens(len(p.Tokens)) + "; Undo brings the rest back"
	return append(out, ShowView{}, Measure{})
}

func (s *State) step(do func(*Document) bool, word string) []Effect {
	var out []Effect
	changed := false
	for _, i := range s.Active() {
		out = append(out, s.halt(i)...)
		changed = do(&s.Panes[i].Document) || changed
		if len(s.Panes[i].Tokens) > 0 {
			s.Panes[i].Phase = Rested
		}
	}
	if !changed {
		return out
	}
	s.Picked = NoPick
	s.follow()
	s.Spoken = word + ": " + Tokens(s.TextLength())
	return append(out, ShowView{}, Measure{})
}
