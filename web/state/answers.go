package state

// updateEngine takes what the engine tells.
func (s *State) updateEngine(m Message) []Effect {
	switch m := m.(type) {
	case ModelsListed:
		s.Models = m.Models
		if s.Model != "" && s.Current().ID != s.Model {
			s.notify(Notice{Key: "model-choice", Level: Warning, Title: "That model is not here.",
				Text: "The link asks for “" + Middle(s.Model, 40) + "”; " + s.Current().Name + " is used instead."})
			s.Model = ""
		}
		s.fitMethods()
		return []Effect{LoadModel{s.Current().ID}, ShowView{}}
	case ChooseModel:
		if m.ID == s.Current().ID {
			return nil
		}
		out := s.stop()
		s.Model = m.ID
		s.Engine.Ready = false
		s.forgetModel()
		s.GPU = GPU{Try: s.GPU.Try + 1}
		out = append(out, LoadModel{s.Current().ID}, SaveAddress{}, ShowView{Whole: true})
		return append(out, s.write()...)
	case EngineLoading:
		s.Engine.Doing, s.Engine.Loaded, s.Engine.Total = m.Doing, m.Loaded, m.Total
		return nil
	case EngineReady:
		return s.ready(m)
	case EngineFailed:
		s.Engine.Error, s.Engine.Doing = m.Title, ""
		for i := range s.Panes {
			if p := &s.Panes[i]; p.Phase.Busy() {
				p.Job, p.Phase, p.Error = 0, Rested, m.Title+" "+m.Text
			}
		}
		if s.Probe.Job != 0 {
			s.Probe.Job, s.Probe.Error = 0, m.Title
		}
		s.notify(Notice{Key: m.Key, Level: Failure, Title: m.Title, Text: m.Text, Action: m.Action})
		return nil
	}
	return s.updateJob(m)
}

// ready begins the first text as soon as a model can write it.
func (s *State) ready(m EngineReady) []Effect {
	first := !s.Engine.Ready
	s.Engine.Ready, s.Engine.Error, s.Engine.Doing = true, "", ""
	s.Engine.Backend = m.Backend
	if m.Memory > 0 {
		s.Engine.Memory = m.Memory
	}
	if first && s.Panes[0].Phase == Empty {
		return s.write()
	}
	return []Effect{Measure{}}
}

// updateJob takes the answers to jobs; answers to jobs that are over are dropped.
func (s *State) updateJob(m Message) []Effect {
	switch m := m.(type) {
	case PromptRead:
		if p := s.paneOf(m.Job); p != nil {
			p.Phase, p.Read, p.ToRead = Reading, m.Read, m.ToRead
		}
	case PromptTokens:
		if p := s.paneOf(m.Job); p != nil && len(p.Tokens) == 0 {
			p.Append(m.Tokens...)
			s.follow()
			return []Effect{ShowView{}}
		}
	case TokensWritten:
		return s.written(m)
	case JobDone:
		return s.done(m)
	case JobFailed:
		if s.Probe.Job == m.Job && m.Job != 0 {
			s.Probe.Job, s.Probe.Error = 0, m.Text
			return nil
		}
		if p := s.paneOf(m.Job); p != nil {
			p.Job, p.Phase, p.Error = 0, Rested, m.Text
			s.Spoken = m.Text
		}
	}
	return nil
}

func (s *State) written(m TokensWritten) []Effect {
	p := s.paneOf(m.Job)
	if p == nil {
		return nil
	}
	p.Phase = Writing
	p.Append(m.Tokens...)
	p.Rate = m.Rate
	if m.FirstToken > 0 {
		p.FirstToken = m.FirstToken
	}
	if m.Memory > 0 {
		s.Engine.Memory = m.Memory
	}
	if n := len(m.Tokens); n > 0 {
		p.T = m.Tokens[n-1].T
	}
	out := append(s.calibrate(), ShowView{})
	if s.follow() {
		out = append(out, Measure{Coarse: true})
	}
	return out
}

func (s *State) done(m JobDone) []Effect {
	if s.Probe.Job == m.Job && m.Job != 0 {
		s.Probe.Job = 0
		if s.Probe.Watching {
			s.Spoken = s.Probe.spoken()
			return nil
		}
		right, asked := 0, 0
		for _, c := range s.Probe.Cells {
			right, asked = right+c.Right, asked+c.Trials
		}
		s.Spoken = "Recall probe finished: " + Count(right) + " of " + Count(asked) + " right"
		return []Effect{ShowView{}}
	}
	p := s.paneOf(m.Job)
	if p == nil {
		return nil
	}
	p.Job, p.Phase, p.Finished = 0, Rested, m.StopReason
	if !s.Busy() {
		s.Spoken = "Writing finished: " + Tokens(s.TextLength())
	}
	return []Effect{ShowView{}, Measure{}}
}

// paneOf finds the pane whose current job it is, or nil.
func (s *State) paneOf(job int) *Pane {
	if job == 0 {
		return nil
	}
	for _, i := range s.Active() {
		if s.Panes[i].Job == job {
			return &s.Panes[i]
		}
	}
	return nil
}
