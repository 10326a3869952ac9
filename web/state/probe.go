package state

import (
	"slices"
	"strings"
	"time"

	"clexlab/assets"
	"clexlab/wasm/wire/jobs"
)

// Cell is one place of the recall grid, Shown what a watched question looked like.
type (
	Cell  = jobs.Cell
	Shown = jobs.Shown
)

// What the reader does with the recall probe: RunProbe starts the grid, StopProbe ends it, or
// what is watched.
type (
	RunProbe  struct{}
	StopProbe struct{}
	// WatchProbe asks all chosen methods for one and the same fact, to look at. With
	// Tokens 0 the text is as long as the longest of the grid, the fact at its middle.
	WatchProbe struct {
		Tokens int
		Depth  float64
	}
	// ProbeLength puts texts of so many trained windows on the grid or takes them off, ProbeMethod a method; ProbeDepths and
	// ProbeTrials say how many depths there are and how many facts a cell.
	ProbeLength struct {
		Windows int
		On      bool
	}
	ProbeMethod struct {
		Name string
		On   bool
	}
	ProbeDepths struct{ Count int }
	ProbeTrials struct{ Count int }
	// ProbeAnswered is what the engine tells: Took is how long the job has been at it.
	ProbeAnswered struct {
		Job int
		jobs.Recalled
		Took time.Duration
	}
)

// StartProbe begins one recall job.
type StartProbe struct {
	Job int
	jobs.Probe
}

func (e StartProbe) Do(_ PageEffects, x EngineEffects) { x.StartProbe(e) }

// Probe is the recall probe: its choices, its grid and its job.
type Probe struct {
	// Windows are the lengths on the grid in trained windows, Depths how many depths,
	// Trials how many different facts a cell, Methods which methods are asked.
	Windows []int
	Depths  int
	Trials  int
	Methods []string
	Grid
	// Earlier is the grid that the other one took the place of, Undone says that they have changed places since.
	Earlier Grid
	Undone  bool
	// Job is the current job or 0.
	Job int
	// Watched is the question that was last looked at, Runs its answers so far; the
	// job is that question's while Watching.
	Watching bool
	Watched  WatchProbe
	Runs     []Run
	Error    string
}

// Run is one method's answer to the watched question.
type Run struct {
	Method     string
	Said, Want string
	Shown
}

func newProbe() Probe {
	return Probe{Windows: []int{1, 2, 4}, Depths: 5, Trials: 1, Methods: []string{"clex", "rope"}}
}

// MaxDepths and MaxTrials bound the grid.
const (
	MaxDepths = 11
	MaxTrials = 10
)

// Plan lists the grid's cells, short texts first so that something shows soon.
func (p *Probe) Plan(window int) []Cell {
	var cells []Cell
	for _, w := range p.Windows {
		for _, m := range p.Methods {
			for d := range p.Depths {
				depth := 0.5
				if p.Depths > 1 {
					depth = float64(d) / float64(p.Depths-1)
				}
				cells = append(cells, Cell{Method: m, Tokens: w * window, Depth: depth, Trials: p.Trials})
			}
		}
	}
	return cells
}

// Left is how long the rest of the grid will take, as far as its first cells tell;
// 0 is not known. A cell takes as long as its text is.
func (p *Probe) Left(window int) time.Duration {
	var done, all int
	for _, c := range p.Plan(window) {
		all += c.Tokens
	}
	for _, c := range p.Cells {
		done += c.Tokens
	}
	if done == 0 {
		return 0
	}
	return time.Duration(float64(p.Took) * float64(all-done) / float64(done))
}

// Answer returns the answered cell of a place in the grid.
func (p *Probe) Answer(method string, tokens int, depth float64) (Cell, bool) {
	i := slices.IndexFunc(p.Cells, func(c Cell) bool {
		return c.Method == method && c.Tokens == tokens && c.Depth == depth
	})
	if i < 0 {
		return Cell{}, false
	}
	return p.Cells[i], true
}

func (m ProbeLength) apply(s *State) []Effect {
	p, was := &s.Probe, s.Probe.Windows
	p.Windows = nil
	for _, w := range s.WholeLengths() {
		if w == m.Windows && m.On || w != m.Windows && slices.Contains(was, w) {
			p.Windows = append(p.Windows, w)
		}
	}
	return []Effect{ShowView{}}
}

func (m ProbeMethod) apply(s *State) []Effect {
	p, was := &s.Probe, s.Probe.Methods
	p.Methods = nil
	for _, a := range assets.Methods {
		if s.Offers(a.Name) && (a.Name == m.Name && m.On || a.Name != m.Name && slices.Contains(was, a.Name)) {
			p.Methods = append(p.Methods, a.Name)
		}
	}
	return []Effect{ShowView{}}
}

func (m ProbeDepths) apply(s *State) []Effect {
	s.Probe.Depths = min(MaxDepths, max(1, m.Count))
	return []Effect{ShowView{}}
}

func (m ProbeTrials) apply(s *State) []Effect {
	s.Probe.Trials = min(MaxTrials, max(1, m.Count))
	return []Effect{ShowView{}}
}

func (RunProbe) apply(s *State) []Effect {
	p := &s.Probe
	if !p.chosen() {
		return nil
	}
	p.Watching = false
	cells := p.Plan(s.Window())
	p.fill(Grid{ToDo: len(cells), Rule: s.rule(), Seed: s.Seed})
	s.Spoken = "Recall probe started, " + Count(p.ToDo) + " cells"
	return s.startProbe(cells)
}

func (m WatchProbe) apply(s *State) []Effect {
	p := &s.Probe
	if !p.chosen() {
		return nil
	}
	if m.Tokens == 0 {
		m = WatchProbe{Tokens: slices.Max(p.Windows) * s.Window(), Depth: 0.5}
	}
	p.Watching, p.Watched, p.Runs = true, m, nil
	cells := make([]Cell, len(p.Methods))
	for i, name := range p.Methods {
		cells[i] = Cell{Method: name, Tokens: m.Tokens, Depth: m.Depth, Trials: 1}
	}
	s.Spoken = "Asking for one fact in " + Count(m.Tokens) + " tokens"
	return s.startProbe(cells)
}

func (StopProbe) apply(s *State) []Effect {
	p := &s.Probe
	if p.Job == 0 {
		return nil
	}
	job := p.Job
	p.Job = 0
	s.Spoken = "Recall probe stopped"
	return []Effect{CancelJob{job}}
}

func (m ProbeAnswered) apply(s *State) []Effect {
	p := &s.Probe
	if m.Job != p.Job || p.Job == 0 {
		return nil
	}
	if p.Watching {
		run := Run{Method: m.Method, Said: m.Said, Want: m.Want}
		if m.Shown != nil {
			run.Shown = *m.Shown
		}
		p.Runs = append(p.Runs, run)
		return nil
	}
	p.Cells = slices.DeleteFunc(slices.Clone(p.Cells), func(c Cell) bool {
		return c.Method == m.Method && c.Tokens == m.Tokens && c.Depth == m.Depth
	})
	p.Cells, p.Took = append(p.Cells, m.Cell), m.Took
	return []Effect{ShowView{}}
}

// probeDone says what the finished probe has found.
func (s *State) probeDone() []Effect {
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

// RecalledAt is the t at which a method read a text of so many tokens of the grid.
func (s *State) RecalledAt(method string, tokens int) float64 {
	if t := s.FixedT(method); t > 0 {
		return t
	}
	return s.Probe.Rule.At(tokens, s.Window(), s.MaxT())
}

// chosen reports whether there is anything to ask, and says so where there is not.
func (p *Probe) chosen() bool {
	p.Error = ""
	if len(p.Windows) == 0 || len(p.Methods) == 0 {
		p.Error = "Choose at least one length and one method."
	}
	return p.Error == ""
}

func (s *State) startProbe(cells []Cell) []Effect {
	p := &s.Probe
	var out []Effect
	if p.Job != 0 {
		out = append(out, CancelJob{p.Job})
	}
	s.jobs++
	p.Job = s.jobs
	return append(out, StartProbe{p.Job, jobs.Probe{Cells: cells, Show: p.Watching, GPUAttempt: s.ReadingAttempt(), Seed: s.Seed, FactorRule: s.rule()}}, ShowView{})
}

// spoken tells the watched question's answers.
func (p *Probe) spoken() string {
	var said []string
	for _, r := range p.Runs {
		verdict := "wrong"
		if r.Said == r.Want {
			verdict = "right"
		}
		said = append(said, LabelOf(r.Method)+" says "+strings.TrimSpace(r.Said)+", "+verdict)
	}
	return strings.Join(said, "; ")
}
