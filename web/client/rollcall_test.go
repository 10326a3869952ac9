package client

import (
	"slices"
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
		do(p, state.StartWriting{Job: 4, Write: jobs.Write{Method: "clex"}})
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
	do(p, m)
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

// What a held token looks at is asked once more where question or answer was lost, not where it has come or another token is held;
// why it cannot be read is told.
func TestLostQuestionWhatATokenReads(t *testing.T) {
	t.Parallel()
	p, f, said := pooled(t)
	asked := func() (ids []int) {
		for _, r := range f.posted[measurer] {
			if r.Attend != nil && r.Attend.Layer == 2 {
				ids = append(ids, r.ID)
			}
		}
		return ids
	}
	do(p, state.Attend{Attend: jobs.Attend{Method: "rope", Layer: 1}})
	do(p, state.Attend{Attend: jobs.Attend{Method: "clex", Layer: 2}})
	ready(p, measurer)
	p.Call()
	p.Answer(measurer, jobs.Answer{ID: f.last(measurer).ID, Kind: jobs.Calling})
	if got := asked(); !slices.Equal(got, []int{2, 2}) {
		t.Fatalf("asked as %v, want 2 twice", got)
	}
	p.Answer(measurer, jobs.Answer{ID: 1, Kind: jobs.Attending, Error: "of the token before"})
	if _, ok := find[state.AttendFailed](*said); ok {
		t.Error("what failed for the token before is said of this one")
	}
	p.Call()
	p.Answer(measurer, jobs.Answer{ID: 2, Kind: jobs.Attending, Attended: &jobs.Attended{T: 1}})
	p.Answer(measurer, jobs.Answer{ID: f.last(measurer).ID, Kind: jobs.Calling})
	if got := asked(); len(got) != 2 {
		t.Errorf("asked as %v after the answer", got)
	}
	do(p, state.Attend{Attend: jobs.Attend{Method: "clex", Layer: 3}})
	p.Answer(measurer, jobs.Answer{ID: 3, Kind: jobs.Attending, Error: "no memory"})
	if m, ok := find[state.AttendFailed](*said); !ok || m.Text != "no memory" {
		t.Errorf("said to have failed: %v, %+v", ok, m)
	}
}

// A worker that answers no call is ended, but not one that owes nothing, which is asked until it answers.
func TestSilentWorkerIsEnded(t *testing.T) {
	t.Parallel()
	p, f, said := pooled(t)
	for range 2 * missedCalls {
		p.Call()
	}
	p.Answer(firstText, jobs.Answer{ID: f.last(firstText).ID, Kind: jobs.Calling})
	f.posted[firstText] = nil
	p.Call()
	if len(f.posted[firstText]) > 0 {
		t.Error("a worker without work was asked again what it has")
	}
	do(p, state.StartWriting{Job: 4, Write: jobs.Write{Method: "clex"}})
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

// Answers are taken in the order in which they were said, each once; one that did not come is asked for, also where it was the last
// one, or the first: that the program runs.
func TestLostAnswersAreAskedFor(t *testing.T) {
	t.Parallel()
	token := func(n int, text string) jobs.Answer {
		return jobs.Answer{Number: n, ID: 4, Kind: jobs.Writing, Tokens: &jobs.Tokens{List: []jobs.Token{{Text: text}}}}
	}
	p, f, said := pooled(t)
	do(p, state.StartWriting{Job: 4, Write: jobs.Write{Method: "clex"}})
	text := func() (out string) {
		for _, m := range *said {
			if m, ok := m.(state.TokensWritten); ok {
				out += m.Tokens[0].Text
			}
		}
		return out
	}
	one, two, three := token(1, "a"), token(2, "b"), token(3, "c")
	for _, a := range []jobs.Answer{one, one, three, two, two} {
		p.Answer(firstText, a)
	}
	if text() != "abc" {
		t.Errorf("the text is %q", text())
	}
	var asked []int
	for _, r := range f.posted[firstText] {
		if r.Resend > 0 {
			asked = append(asked, r.Resend)
		}
	}
	if len(asked) != 1 || asked[0] != 2 {
		t.Errorf("asked for the answers from %v on, want once, from 2", asked)
	}
	// The end of the text is lost: the answer to a call tells.
	p.Call()
	call := f.last(firstText)
	p.Answer(firstText, jobs.Answer{Number: 5, ID: call.ID, Kind: jobs.Calling})
	if r := f.last(firstText); r.Resend != 4 {
		t.Errorf("asked %+v", r)
	}
	if _, failed := find[state.JobFailed](*said); failed {
		t.Error("the text failed before it was asked for its end")
	}
	p.Answer(firstText, jobs.Answer{Number: 4, ID: 4, Kind: jobs.Writing, Done: true})
	if m, ok := find[state.JobDone](*said); !ok || m.Job != 4 {
		t.Errorf("done: %+v", m)
	}
	// What nobody counts on is asked for as well: whether its GPU is faster.
	p.Call()
	p.Answer(firstText, jobs.Answer{Number: 6, ID: f.last(firstText).ID, Kind: jobs.Calling})
	do(p, state.Calibrate{})
	ready(p, measurer)
	f.posted[measurer] = nil
	p.Call()
	if !f.last(measurer).Call {
		t.Error("a worker that tries its GPU is not asked what it has")
	}
	p.Answer(measurer, jobs.Answer{Number: 1, ID: f.last(measurer).ID, Kind: jobs.Calling})
	// A program that runs without having said so.
	do(p, state.StartWriting{Pane: 1, Job: 5, Write: jobs.Write{Method: "clex"}})
	for range 2 * missedCalls {
		p.Call()
	}
	call = f.last(secondText)
	if !call.Call || len(f.stopped) > 0 {
		t.Fatalf("asked %+v, stopped %v", call, f.stopped)
	}
	p.Answer(secondText, jobs.Answer{Number: 2, ID: call.ID, Kind: jobs.Calling})
	if r := f.last(secondText); r.Resend != 1 {
		t.Fatalf("asked %+v", r)
	}
	p.Answer(secondText, jobs.Answer{Number: 1})
	if r := f.last(secondText); r.Load == nil {
		t.Errorf("then asked %+v, want the model", r)
	}
}
