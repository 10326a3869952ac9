package state

import (
	"slices"
	"testing"

	"clexlab/clex"
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
	s.Models = append(s.Models, offer("other"))
	run(s, ChooseModel{"other"})
	if p.CanUndo() {
		t.Error("another model's grid can be brought back")
	}
}

// A model that is chosen again has its grids, with what was chosen for them, however far they were filled; one that was not asked
// begins with an empty grid, and of many models those left last have theirs.
func TestGridsStayWithTheirModel(t *testing.T) {
	t.Parallel()
	s := opened(t)
	short := offer("short")
	short.TMax = 2
	s.Models = append(s.Models, short)
	p := &s.Probe
	fill := func(right int) []Cell {
		run(s, RunProbe{})
		c := Cell{Method: "pi", Tokens: 1024, Depth: 0.5, Trials: 1, Right: right}
		run(s, ProbeAnswered{Job: p.Job, Recalled: jobs.Recalled{Cell: c}})
		return []Cell{c}
	}
	run(s, ProbeMethod{"pi", true}, ProbeDepths{3})
	s.Seed = 5
	first := fill(1)
	s.Seed = 6
	second := fill(0)
	job := p.Job
	run(s, ChooseModel{"short"})
	if len(p.Cells) != 0 || p.CanUndo() || p.Job != 0 || p.Seed != 0 || !slices.Equal(p.Windows, []int{1, 2}) || p.Depths != 3 {
		t.Errorf("a model that was not asked: %+v", p)
	}
	run(s, ProbeAnswered{Job: job, Recalled: jobs.Recalled{Cell: Cell{Method: "clex", Tokens: 256}}}, ProbeMethod{"pi", false}, ProbeDepths{7}, ChooseModel{"small"})
	if !slices.Equal(p.Cells, second) || p.Seed != 6 || p.Job != 0 || p.Depths != 3 || !slices.Contains(p.Methods, "pi") || !slices.Equal(p.Windows, []int{1, 2, 4}) {
		t.Errorf("chosen again: %+v", p)
	}
	if run(s, SwapGrid{}); !slices.Equal(p.Cells, first) || p.Seed != 5 {
		t.Errorf("undone on a model that is chosen again: %+v", p)
	}
	run(s, SwapGrid{})
	for i := range mostProbes + 1 {
		m := offer(string(rune('a' + i)))
		s.Models = append(s.Models, m)
		run(s, ChooseModel{m.ID})
		fill(i)
	}
	if run(s, ChooseModel{"b"}); len(p.Cells) != 1 || p.Cells[0].Right != 1 {
		t.Errorf("of the models left last: %+v", p)
	}
	if run(s, ChooseModel{"small"}); len(p.Cells) != 0 || len(s.leftProbes) > mostProbes {
		t.Errorf("%d models have their grids, the first of %d still: %+v", len(s.leftProbes), mostProbes+2, p)
	}
}

// What was answered on weights that are no more does not come back, by undoing or with its model.
func TestGridsForgetOtherWeights(t *testing.T) {
	t.Parallel()
	s := schooled()
	s.Models = append(s.Models, offer("other"))
	trainedBy(t, s, 60, &clex.Network{Hidden: 3})
	first := s.Training.Result.ID
	trainedBy(t, s, 90, &clex.Network{Hidden: 3})
	both := []Cell{{Method: "clex"}, {Method: clex.TrainedHere}}
	s.Probe.Cells, s.Probe.Earlier.Cells = both, both
	run(s, ChooseModel{"other"}, ChooseTrained{first}, ChooseModel{"small"})
	if p := &s.Probe; !slices.Equal(p.Cells, both[:1]) || !slices.Equal(p.Earlier.Cells, both[:1]) {
		t.Errorf("grids %v, before it %v", p.Cells, p.Earlier.Cells)
	}
}
