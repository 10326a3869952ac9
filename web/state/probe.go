package state

import "slices"

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
	// Watching is set for a single run to look at; Said and Want are its answer.
	Watching   bool
	Said, Want string
	Error      string
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
		p.Methods = slices.DeleteFunc(slices.Clone(m.Methods), func(n string) bool { return !known(n) })
	case RunProbe:
		if len(p.Windows) == 0 || len(p.Methods) == 0 {
			p.Error = "Choose at least one length and one method."
			return nil
		}
		var out []Effect
		if p.Job != 0 {
			out = append(out, CancelJob{p.Job})
		}
		s.jobs++
		p.Job, p.Error, p.Watching, p.Said, p.Want = s.jobs, "", m.Watch, "", ""
		cells := p.Plan(s.Window())
		if m.Watch {
			w := p.Windows[len(p.Windows)-1]
			cells = []Cell{{Method: s.First, Tokens: w * s.Window(), Depth: 0.5, Trials: 1}}
		} else {
			p.Cells = nil
		}
		p.ToDo = len(cells)
		s.Spoken = "Recall probe started, " + Count(p.ToDo) + " cells"
		return append(out, StartProbe{Job: p.Job, Cells: cells, Watch: m.Watch, Try: s.TryReading(), Seed: s.Seed, T: s.T, Auto: s.Auto}, ShowView{})
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
			p.Said, p.Want = m.Text, m.Want
		}
		p.Cells = slices.DeleteFunc(p.Cells, func(c Cell) bool {
			return c.Method == m.Cell.Method && c.Tokens == m.Cell.Tokens && c.Depth == m.Cell.Depth
		})
		p.Cells = append(p.Cells, m.Cell)
		return []Effect{ShowView{}}
	}
	return nil
}
