package state

import (
	"slices"
	"strings"
	"time"
)

// Cell is one place of the recall grid: a fact hidden at a depth of a text of a length.
type Cell struct {
	Method string
	// Tokens is the length of the text, Depth where the fact stands, 0 (start) … 1 (end).
	Tokens int
	Depth  float64
	// Trials were asked and Right of them answered right; Trials 0 is not yet known.
	Trials, Right int
}

// Probe is the recall probe: its choices, its grid and its job.
type Probe struct {
	// Windows are the lengths on the grid in trained windows, Depths how many depths,
	// Trials how many different facts a cell, Methods which methods are asked.
	Windows []int
	Depths  int
	Trials  int
	Methods []string
	// Cells are the answers so far, Job the current job or 0, ToDo the size of the grid.
	Cells []Cell
	Job   int
	ToDo  int
	// Took is how long the grid's job had been at it when its last answer came.
	Took time.Duration
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

// Shown is what a watched question looked like and what the model made of it.
type Shown struct {
	// Before, Fact and After are the text around the hidden fact, Question how the text
	// ends, Skipped tokens later.
	Before, Fact, After, Question string
	Skipped                       int
	// Chance is the probability of the right answer, Guesses the likeliest tokens.
	Chance  float64
	Guesses []Alternative
	// In Layer and Head, counted from 0, the question's last token gives the fact
	// the largest share of its attention, Weight.
	Layer, Head int
	Weight      float64
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

func (s *State) updateProbe(m Message) []Effect {
	p := &s.Probe
	switch m := m.(type) {
	case EditProbe:
		p.Windows = slices.DeleteFunc(slices.Clone(m.Windows), func(w int) bool { return !slices.Contains(Lengths, w) })
		p.Depths = min(MaxDepths, max(1, m.Depths))
		p.Trials = min(MaxTrials, max(1, m.Trials))
		p.Methods = slices.DeleteFunc(slices.Clone(m.Methods), func(n string) bool { return !s.Offers(n) })
	case RunProbe:
		if !p.chosen() {
			return nil
		}
		p.Watching, p.Cells, p.Took = false, nil, 0
		cells := p.Plan(s.Window())
		p.ToDo = len(cells)
		s.Spoken = "Recall probe started, " + Count(p.ToDo) + " cells"
		return s.startProbe(cells)
	case WatchProbe:
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
	case StopProbe:
		if p.Job == 0 {
			return nil
		}
		job := p.Job
		p.Job = 0
		s.Spoken = "Recall probe stopped"
		return []Effect{CancelJob{job}}
	case ProbeAnswered:
		if m.Job != p.Job || p.Job == 0 {
			return nil
		}
		if p.Watching {
			p.Runs = append(p.Runs, Run{Method: m.Cell.Method, Said: m.Said, Want: m.Want, Shown: m.Shown})
			return nil
		}
		p.Cells = slices.DeleteFunc(p.Cells, func(c Cell) bool {
			return c.Method == m.Cell.Method && c.Tokens == m.Cell.Tokens && c.Depth == m.Cell.Depth
		})
		p.Cells, p.Took = append(p.Cells, m.Cell), m.Took
		return []Effect{ShowView{}}
	}
	return nil
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
	return append(out, StartProbe{Job: p.Job, Cells: cells, Watch: p.Watching, Try: s.TryReading(), Seed: s.Seed, T: s.T, Auto: s.Auto}, ShowView{})
}

// spoken tells the watched question's answers.
func (p *Probe) spoken() string {
	var said []string
	for _, r := range p.Runs {
		verdict := "wrong"
		if r.Said == r.Want {
			verdict = "right"
		}
		said = append(said, r.Method+" says "+strings.TrimSpace(r.Said)+", "+verdict)
	}
	return strings.Join(said, "; ")
}
