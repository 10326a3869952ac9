package client

import (
	"testing"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// Weights that a method is given go to the workers that run, behind what they were asked before, and to those that start later, after
// the model; those of another model's method wait until that is in use.
func TestWeightsGivenToAMethod(t *testing.T) {
	t.Parallel()
	p, f, _ := pooled(t)
	w := jobs.Weights{Name: "Trained here 1", Config: "blob:c", Weights: "blob:w"}
	tune := func(model string, w jobs.Weights) {
		do(p, state.TuneMethod{Model: model, Tune: jobs.Tune{Method: "trained", Weights: w}})
	}
	given := func(i int) (list []jobs.Weights) {
		for _, r := range f.posted[i] {
			if r.Tune != nil && r.Tune.Method == "trained" {
				list = append(list, r.Tune.Weights)
			}
		}
		return list
	}
	tune("small", w)
	tune("large", jobs.Weights{Name: "of another"})
	if got := given(firstText); len(got) != 1 || got[0] != w {
		t.Errorf("the worker that runs is given %+v", got)
	}
	do(p, state.StartProbe{Job: 3, Probe: jobs.Probe{Cells: []jobs.Cell{{Method: "trained"}}}})
	ready(p, measurer)
	asked := f.posted[measurer]
	if len(asked) < 3 || asked[0].Load == nil || asked[1].Tune == nil || asked[1].Tune.Weights != w || asked[2].Probe == nil || asked[0].Load.Tuned["trained"].Name != "" {
		t.Errorf("one that starts is asked %+v", asked)
	}
	tune("small", jobs.Weights{})
	if got := given(measurer); len(got) != 2 || got[1].Name != "" {
		t.Errorf("taken away: %+v", got)
	}
	do(p, state.LoadModel{ID: "small"})
	ready(p, firstText)
	if got := given(firstText); len(got) != 0 {
		t.Errorf("started anew without any: %+v", got)
	}
	if len(f.kept) != 0 {
		t.Errorf("kept for use without a network: %v", f.kept)
	}
}
