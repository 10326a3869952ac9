package state

import (
	"slices"
	"time"

	"clexlab/wasm/wire/jobs"
)

// Grid is what one filling of the recall grid has come to.
type Grid struct {
	// Cells are the answers so far, ToDo is how many there will be.
	Cells []Cell
	ToDo  int
	// Rule and Seed are those that it was asked by.
	Rule jobs.FactorRule
	Seed uint64
	// Took is how long its job had been at it when its last answer came.
	Took time.Duration
}

// SwapGrid brings back the grid that the last filling took the place of, and the other way round.
type SwapGrid struct{}

func (SwapGrid) apply(s *State) []Effect {
	p := &s.Probe
	if !p.CanUndo() {
		return nil
	}
	var out []Effect
	if p.Job != 0 && !p.Watching {
		out = append(out, CancelJob{p.Job})
		p.Job = 0
	}
	p.Grid, p.Earlier, p.Undone = p.Earlier, p.Grid, !p.Undone
	s.Spoken = "The earlier grid is back"
	if !p.Undone {
		s.Spoken = "The later grid is back"
	}
	return append(out, ShowView{})
}

// CanUndo says whether there is a grid that SwapGrid would bring back.
func (p *Probe) CanUndo() bool { return len(p.Earlier.Cells) > 0 }

// fill puts a grid in the place of another, which is kept if anything was answered in it.
func (p *Probe) fill(g Grid) {
	if len(p.Cells) > 0 {
		p.Earlier = p.Grid
	}
	p.Grid, p.Undone = g, false
}

// mostProbes bounds the models whose grids are kept: with the largest grid on offer each takes some 100 kB.
const mostProbes = 8

// leftProbe is the recall probe of a model that is not in use.
type leftProbe struct {
	model string
	probe Probe
}

// leaveProbe keeps the grids of the model in use, which is about to be left, with what was chosen for them. Of more than
// mostProbes models those of the one that was left first are dropped.
func (s *State) leaveProbe() {
	p := s.Probe
	if len(p.Cells) == 0 && !p.CanUndo() {
		return
	}
	p.Job, p.Watching, p.Watched, p.Runs, p.Error = 0, false, WatchProbe{}, nil, ""
	s.leftProbes = append(slices.Clone(s.leftProbes), leftProbe{s.Current().ID, p})
	if n := len(s.leftProbes); n > mostProbes {
		s.leftProbes = s.leftProbes[n-mostProbes:]
	}
}

// takeProbe brings back what leaveProbe kept of the model that is now in use. One whose grid was never filled begins with an empty
// grid of what was last chosen.
func (s *State) takeProbe() {
	of := func(l leftProbe) bool { return l.model == s.Current().ID }
	if at := slices.IndexFunc(s.leftProbes, of); at >= 0 {
		s.Probe = s.leftProbes[at].probe
		s.leftProbes = slices.DeleteFunc(slices.Clone(s.leftProbes), of)
		return
	}
	p := &s.Probe
	s.Probe = Probe{Windows: p.Windows, Depths: p.Depths, Trials: p.Trials, Methods: p.Methods}
}

// without drops a method's answers from both grids.
func (p *Probe) without(method string) {
	ofIt := func(c Cell) bool { return c.Method == method }
	for _, g := range []*Grid{&p.Grid, &p.Earlier} {
		if slices.ContainsFunc(g.Cells, ofIt) {
			g.Cells = slices.DeleteFunc(slices.Clone(g.Cells), ofIt)
		}
	}
}
