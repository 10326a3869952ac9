package state

import (
	"slices"
	"strings"
	"time"

	"clexlab/wasm/wire/jobs"
)

// What the reader does with the texts.
type (
	EditPrompt struct{ Text string }
	SetWindows struct{ Windows float64 }
	// EditSampling changes how tokens are drawn.
	EditSampling struct{ Change func(*Sampling) }
	// Write starts from the prompt; Continue goes on from the text; Stop ends both.
	Write    struct{}
	Continue struct{}
	Stop     struct{}
	// CutAfter undoes the text back to a token. Branch takes an alternative in the place of a token, cuts
	// off what came after it and writes on.
	CutAfter struct{ Pane, Index int }
	Branch   struct {
		Pane, Index int
		Token       int32
	}
)

// What the engine tells of a text.
type (
	PromptRead struct {
		Job, Read, ToRead int
	}
	// PromptTokens brings the prompt cut into tokens, with the model's loss.
	PromptTokens struct {
		Job    int
		Tokens []Token
	}
	TokensWritten struct {
		Job        int
		Tokens     []Token
		Rate       float64
		FirstToken time.Duration
		Memory     int64
	}
	JobDone struct {
		Job        int
		StopReason jobs.StopReason
	}
	JobFailed struct {
		Job  int
		Text string
	}
)

// StartWriting begins a job that writes on in a pane.
type StartWriting struct {
	Pane, Job int
	jobs.Write
}

func (e StartWriting) Do(_ PageEffects, x EngineEffects) { x.StartWriting(e) }

func (m EditPrompt) apply(s *State) []Effect {
	s.Prompt = m.Text
	s.dismiss("prompt")
	if strings.TrimSpace(s.Prompt) != "" {
		for i := range s.Panes {
			if s.Panes[i].Error == noPrompt {
				s.Panes[i].Error = ""
			}
		}
	}
	if len(s.Prompt) > MaxPromptBytes {
		s.Prompt = strings.ToValidUTF8(s.Prompt[:MaxPromptBytes], "")
		s.notify(Notice{Key: "prompt", Level: Warning, Title: "The prompt was cut.",
			Text: "A prompt may have " + Bytes(MaxPromptBytes) + "; what stands behind that was left out. “Read my text” takes longer ones."})
	}
	return []Effect{SaveAddress{}}
}

func (m SetWindows) apply(s *State) []Effect {
	if slices.Contains(s.Lengths(), m.Windows) {
		s.Windows = m.Windows
		for i := range s.Panes {
			if p := &s.Panes[i]; !p.Phase.Busy() {
				p.Error = "" // of a text that was to be longer
			}
		}
	}
	s.follow()
	return append([]Effect{SaveAddress{}, ShowView{}}, s.measure(false)...)
}

func (m EditSampling) apply(s *State) []Effect {
	v := s.Sampling
	m.Change(&v)
	v.Temperature = min(MaxTemperature, max(0, v.Temperature))
	v.TopK = min(MaxTopK, max(0, v.TopK))
	v.TopP, v.MinP = min(1, max(0, v.TopP)), min(1, max(0, v.MinP))
	s.Sampling = v
	return []Effect{SaveAddress{}}
}

func (Write) apply(s *State) []Effect    { return s.write() }
func (Continue) apply(s *State) []Effect { return s.resume() }
func (Stop) apply(s *State) []Effect     { return s.stop() }

// promptGiven says so where there is no prompt.
func (s *State) promptGiven(pane int) bool {
	if strings.TrimSpace(s.Prompt) != "" {
		return true
	}
	s.Panes[pane].Error = noPrompt
	return false
}

const noPrompt = "Write a few words first: the model continues what it is given."

// start begins a job in a pane: from the prompt, or on from its text.
func (s *State) start(pane int, resume bool) []Effect {
	s.jobs++
	p := &s.Panes[pane]
	p.Job, p.Phase, p.Error, p.Finished = s.jobs, Waiting, "", ""
	p.Rate, p.FirstToken, p.Read, p.ToRead = 0, 0, 0, 0
	e := StartWriting{Pane: pane, Job: p.Job, Write: jobs.Write{
		Method: p.Method, Prompt: s.Prompt, MaxLength: s.Target(), FactorRule: s.rule(), GPUAttempt: s.WritingAttempt(),
		Temperature: s.Temperature, TopP: s.TopP, MinP: s.MinP, TopK: s.TopK, Seed: s.Seed,
	}}
	p.Aim = e.MaxLength
	if !resume {
		p.begin(s.author(pane))
		return []Effect{e}
	}
	e.Prompt, e.Tokens = "", p.IDs()
	e.MaxLength = s.lengthAfter(len(e.Tokens))
	p.Aim = e.MaxLength
	a := s.author(pane)
	// It goes on from a text, not from the prompt that stands in the box.
	a.Prompt, a.Length = "", e.MaxLength
	p.resume(a)
	return []Effect{e}
}

// lengthAfter is the length to which a text of n tokens is written on.
func (s *State) lengthAfter(n int) int {
	if n >= s.Target() {
		return min(s.MaxTokens(), n+s.Window())
	}
	return s.Target()
}

func (s *State) write() []Effect {
	if !s.promptGiven(0) {
		return nil
	}
	var out []Effect
	s.Picked = NoPick
	for _, i := range s.Columns() {
		out = append(out, s.halt(i)...)
		out = append(out, s.start(i, false)...)
	}
	s.follow()
	out = append(out, ShowView{})
	return append(out, s.measure(false)...)
}

func (s *State) resume() []Effect {
	var out []Effect
	for _, i := range s.Columns() {
		p := &s.Panes[i]
		switch {
		case p.Phase.Busy():
		case len(p.Tokens) > 0 && !s.writesOn(i):
		case len(p.Tokens) == 0:
			out = append(out, s.start(i, false)...)
		case len(p.Tokens) >= s.MaxTokens():
			p.Error = "The text is as long as it can get: " + Tokens(s.MaxTokens()) + ". Click a token to go back to it."
		default:
			p.Mark()
			out = append(out, s.start(i, true)...)
		}
	}
	return out
}

func (s *State) stop() []Effect {
	var out []Effect
	for _, i := range s.Columns() {
		out = append(out, s.halt(i)...)
	}
	if len(out) > 0 {
		s.Spoken = "Stopped at " + Tokens(s.TextLength())
		out = append(append(out, s.measure(false)...), s.judge()...)
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
	p.Job, p.Phase, p.Finished = 0, Rested, jobs.StopCancelled
	if n := len(p.By); n > 0 {
		// What stands here was not written to its end.
		last := p.By[n-1]
		last.Cut = true
		p.By = append(slices.Clip(p.By[:n-1]), last)
	}
	return []Effect{CancelJob{job}}
}

func (m CutAfter) apply(s *State) []Effect {
	if m.Pane < 0 || m.Pane >= len(s.Panes) {
		return nil
	}
	out := s.halt(m.Pane)
	p := &s.Panes[m.Pane]
	if !p.CutAfter(m.Index) {
		return out
	}
	p.Phase, p.Error, s.Picked = Rested, "", NoPick
	s.Spoken = "Text cut back to " + Tokens(len(p.Tokens)) + "; Undo brings the rest back"
	return append(out, s.textChanged()...)
}

func (m Branch) apply(s *State) []Effect {
	if m.Pane < 0 || m.Pane >= len(s.Columns()) {
		return nil
	}
	p := &s.Panes[m.Pane]
	if !s.writesOn(m.Pane) {
		return nil
	}
	a := s.author(m.Pane)
	a.Prompt, a.Length = "", s.lengthAfter(m.Index+1)
	out := s.halt(m.Pane)
	if !p.Branch(m.Index, m.Token, a) {
		return out
	}
	s.Picked = NoPick
	if m.Index+1 < s.MaxTokens() {
		out = append(out, s.start(m.Pane, true)...)
	}
	s.Spoken = "“" + Visible(p.Tokens[m.Index].Text) + "” taken as token " + Count(m.Index+1) + "; the text goes on from there, and Undo brings the old one back"
	return append(out, s.textChanged()...)
}

// textChanged asks for what has to be known of texts that are others now.
func (s *State) textChanged() []Effect {
	s.follow()
	out := append([]Effect{ShowView{}}, s.judge()...)
	if s.measuredPane() >= 0 {
		out = append(out, s.measure(false)...)
	}
	return out
}

func (m PromptRead) apply(s *State) []Effect {
	if p := s.paneOf(m.Job); p != nil {
		p.Phase, p.Read, p.ToRead = Reading, m.Read, m.ToRead
	}
	return nil
}

func (m PromptTokens) apply(s *State) []Effect {
	p := s.paneOf(m.Job)
	if p == nil || len(p.Tokens) > 0 {
		return nil
	}
	p.Append(m.Tokens...)
	s.follow()
	return []Effect{ShowView{}}
}

func (m TokensWritten) apply(s *State) []Effect {
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
	out = append(out, s.judge()...)
	moved := s.follow()
	if i := s.measuredPane(); i < 0 || p != &s.Panes[i] {
		return out
	}
	if grown := len(p.Tokens) - s.measured.length; grown >= s.Window()/2 || grown < 0 {
		return append(out, s.measure(false)...)
	}
	if moved {
		out = append(out, s.measure(true)...)
	}
	return out
}

func (m JobDone) apply(s *State) []Effect {
	if s.Probe.Job == m.Job && m.Job != 0 {
		return s.probeDone()
	}
	if s.Training.Job == m.Job && m.Job != 0 {
		return s.trainingDone()
	}
	if m.Job != 0 && m.Job == s.Opening.Job {
		s.Opening.Job = 0
		return nil
	}
	p := s.paneOf(m.Job)
	if p == nil {
		return nil
	}
	p.Job, p.Phase, p.Finished = 0, Rested, m.StopReason
	if !s.Busy() {
		s.Spoken = "Writing finished: " + Tokens(s.TextLength())
	}
	out := append([]Effect{ShowView{}}, s.judge()...)
	if s.measuredPane() >= 0 {
		out = append(out, s.measure(false)...)
	}
	return out
}

func (m JobFailed) apply(s *State) []Effect {
	if s.Probe.Job == m.Job && m.Job != 0 {
		s.Probe.Job, s.Probe.Error = 0, m.Text
		return nil
	}
	if s.Training.Job == m.Job && m.Job != 0 {
		s.Training.endSample()
		s.Training.Job, s.Training.Error, s.Spoken = 0, m.Text, m.Text
		return []Effect{ShowView{}}
	}
	if s.fileJobFailed(m) {
		return nil
	}
	if p := s.paneOf(m.Job); p != nil {
		p.Job, p.Phase, p.Error = 0, Rested, strings.ToUpper(m.Text[:min(1, len(m.Text))])+m.Text[min(1, len(m.Text)):]
		s.Spoken = p.Error
	}
	return nil
}

// paneOf finds the pane whose current job it is, or nil.
func (s *State) paneOf(job int) *Pane {
	if job == 0 {
		return nil
	}
	for _, i := range s.Columns() {
		if s.Panes[i].Job == job {
			return &s.Panes[i]
		}
	}
	return nil
}
