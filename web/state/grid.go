package state

import (
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
