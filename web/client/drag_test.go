package client

import (
	"testing"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// From the first move of a drag to its last nothing is posted to a worker as JSON, whatever is under way when it begins.
func TestNoJSONInADrag(t *testing.T) {
	t.Parallel()
	for _, running := range []bool{false, true} {
		p, f, said := pooled(t)
		s := state.New(state.Defaults())
		take := func(m state.Message) {
			for _, e := range s.Update(m) {
				do(p, e)
			}
		}
		listed, _ := find[state.ModelsListed](*said)
		s.Update(listed)
		take(state.EngineReady{Backend: "CPU"})
		ready(p, measurer)
		ready(p, secondText)
		first := f.last(measurer)
		if first.Measure == nil || len(first.Measure.Loss) == 0 {
			t.Fatalf("nothing is measured: %+v", first)
		}
		var line jobs.Line
		line.Note(first)
		if !running {
			p.Answer(measurer, jobs.Answer{ID: first.ID, Kind: jobs.Measuring, Done: true})
		}
		before := [poolSize]int{}
		for i := range before {
			before[i] = len(f.posted[i])
		}
		asked := 0
		for k := range 20 {
			take(state.DragT{T: 2 + float64(k)/10})
			for i := range before {
				for _, r := range f.posted[i][before[i]:] {
					asked++
					if _, ok := line.Again(&r); !ok {
						t.Errorf("running %v, move %d: worker %d is told in JSON: %+v %+v", running, k, i, r, r.Measure)
					}
				}
				before[i] = len(f.posted[i])
			}
			p.Answer(measurer, jobs.Answer{ID: f.last(measurer).ID, Kind: jobs.Measuring, Done: true})
		}
		if asked < 20 {
			t.Errorf("running %v: %d requests in 20 moves", running, asked)
		}
	}
}
