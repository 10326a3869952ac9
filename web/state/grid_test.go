package state

import (
	"slices"
	"testing"

	"clexlab/wasm/wire/jobs"
)

// A grid that is filled anew comes back whole, with what it was asked by, and so does the new one; another model's do not.
func TestGridCanBeUndone(t *testing.T) {
	t.Parallel()
	s := opened(t)
	p := &s.Probe
	answer := func(right int) Cell {
		c := Cell{Method: "clex", Tokens: 256, Depth: 0.5, Trials: 1, Right: right}
		run(s, ProbeAnswered{Job: p.Job, Recalled: jobs.Recalled{Cell: c}})
		return c
	}
	run(s, SwapGrid{}, RunProbe{})
	if p.CanUndo() {
		t.Error("the first grid has none before it")
	}
	s.Seed = 5
	run(s, StopProbe{}, RunProbe{})
	first := answer(1)
	run(s, JobDone{Job: p.Job})
	s.Seed = 6
	run(s, ProbeDepths{3}, RunProbe{})
	second := answer(0)
	job := p.Job
	if c, ok := find[CancelJob](run(s, SwapGrid{})); !ok || c.Job != job || p.Job != 0 {
		t.Error("the filling goes on behind the grid that came back")
	}
	if !slices.Equal(p.Cells, []Cell{first}) || p.Seed != 5 || p.ToDo != 2*3*5 || !p.Undone || p.Depths != 3 {
		t.Errorf("undone: %+v", p)
	}
	run(s, ProbeAnswered{Job: job, Recalled: jobs.Recalled{Cell: Cell{Method: "rope", Tokens: 256}}}, SwapGrid{})
	if !slices.Equal(p.Cells, []Cell{second}) || p.Seed != 6 || p.ToDo != 2*3*3 || p.Undone {
		t.Errorf("redone: %+v", p)
	}
	watch, _ := find[StartProbe](run(s, WatchProbe{}))
	if _, ok := find[CancelJob](run(s, SwapGrid{})); ok || p.Job != watch.Job {
		t.Error("a question that is watched ends with a grid")
	}
	// What has no answer yet is nothing to keep.
	run(s, RunProbe{}, StopProbe{}, RunProbe{}, StopProbe{}, SwapGrid{})
	if !slices.Equal(p.Cells, []Cell{first}) {
		t.Errorf("two grids without an answer later: %+v", p)
	}
	s.forgetModel()
	if p.CanUndo() {
		t.Error("another model's grid can be brought back")
	}
}
