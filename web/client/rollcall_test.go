package client

import (
	"testing"

	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// A text that a worker never got to write fails, unless it has it or has ended it since it was asked.
func TestLostRequestsAreTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		has   []jobs.Job
		ended bool
		fails bool
	}{
		"lost":        {nil, false, true},
		"it has it":   {[]jobs.Job{{Kind: jobs.Writing, ID: 4}}, false, false},
		"another":     {[]jobs.Job{{Kind: jobs.Probing, ID: 4}, {Kind: jobs.Writing, ID: 3}}, false, true},
		"ended since": {nil, true, false},
	} {
		p, f, said := pooled(t)
		p.Do(state.StartWriting{Job: 4, Write: jobs.Write{Method: "clex"}})
		p.Call()
		r := f.last(firstText)
		if !r.Call {
			t.Fatalf("%s: the worker was asked %+v", name, r)
		}
		if c.ended {
			p.Answer(firstText, jobs.Answer{ID: 4, Kind: jobs.Writing, Done: true})
		}
		p.Answer(firstText, jobs.Answer{ID: r.ID, Kind: jobs.Calling, Has: c.has})
		if m, ok := find[state.JobFailed](*said); ok != c.fails || ok && m.Job != 4 {
			t.Errorf("%s: said to have failed: %v, %+v", name, ok, m)
		}
	}
}

// What is measured for the picture is asked for again, with its text.
func TestLostMeasurementIsAskedAgain(t *testing.T) {
	t.Parallel()
	p, f, _ := pooled(t)
	m := state.Measure{Measure: jobs.Measure{Subject: 3, Loss: []string{"rope"}}, Text: state.SubjectText{ID: 3, Tokens: []jobs.Token{{ID: 5}, {ID: 6}}}}
	p.Do(m)
	ready(p, measurer)
	f.posted[measurer] = nil
	p.Call()
	p.Answer(measurer, jobs.Answer{ID: f.last(measurer).ID, Kind: jobs.Calling})
	var texts, measures int
	for _, r := range f.posted[measurer] {
		if r.Subject != nil && len(r.Subject.Tokens) == 2 {
			texts++
		}
		if r.Measure != nil && r.Measure.Subject == 3 && texts == 1 {
			measures++
		}
	}
	if measures != 1 || len(f.full) != 1 {
		t.Errorf("the worker was asked %+v, want text and measurement again", f.posted[measurer])
	}
}

// A worker that answers no call is ended; one that owes nothing is not asked.
func TestSilentWorkerIsEnded(t *testing.T) {
	t.Parallel()
	p, f, said := pooled(t)
	for range 2 * missedCalls {
		p.Call()
	}
	if f.last(firstText).Call {
		t.Error("a worker without work was asked what it has")
	}
	p.Do(state.StartWriting{Job: 4, Write: jobs.Write{Method: "clex"}})
	for range missedCalls {
		p.Call()
	}
	if len(f.stopped) > 0 {
		t.Fatalf("stopped after %d calls", missedCalls-1)
	}
	p.Call()
	if m, ok := find[state.EngineFailed](*said); !ok || m.Action != "restart-engine" || len(f.stopped) != 1 {
		t.Errorf("said %+v, stopped %v", m, f.stopped)
	}
}
