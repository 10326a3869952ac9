package work

import (
	"context"
	"reflect"
	"testing"

	"clexlab/wasm/wire/jobs"
)

// dispatch runs requests until all that were to be answered are.
func dispatch(t *testing.T, b *bench, take func(d *Dispatcher), until int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d := NewDispatcher(b.Worker)
	ended := 0
	emit := b.Emit
	b.Emit = func(a jobs.Answer) {
		emit(a)
		if a.Done || a.Error != "" {
			if ended++; ended == until {
				cancel()
			}
		}
	}
	take(d)
	d.Run(ctx)
	b.Emit = emit
}

// An identifier that was cancelled after its job was over means nothing to the next job of that name.
func TestLateCancelIsForgotten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	dispatch(t, b, func(d *Dispatcher) {
		d.Take(jobs.Request{ID: 3, Cancel: jobs.Writing})
		d.Take(writeRequest("clex"))
	}, 1)
	if a := last(b.answers); a.StopReason != jobs.StopLength || a.Kind != jobs.Writing || a.ID != 3 {
		t.Errorf("the job ended with %+v", a)
	}
}

func TestCancelWhereverItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	second := writeRequest("pi")
	second.ID = 4
	dispatch(t, b, func(d *Dispatcher) {
		yielded := false
		b.Yield = func() {
			if !yielded {
				yielded = true
				d.Take(second)
				d.Take(jobs.Request{ID: 4, Cancel: jobs.Writing})
				d.Take(jobs.Request{ID: 3, Cancel: jobs.Measuring}) // of another kind: not this one
				d.Take(jobs.Request{ID: 3, Cancel: jobs.Writing})
			}
		}
		d.Take(writeRequest("clex"))
	}, 2)
	ended := map[int]bool{}
	for _, a := range b.answers {
		if a.Done || a.Error != "" {
			ended[a.ID] = true
			if a.StopReason != jobs.StopCancelled || a.Kind != jobs.Writing {
				t.Errorf("ended with %+v", a)
			}
		}
	}
	if !ended[3] || !ended[4] {
		t.Errorf("jobs that have ended: %v, want 3 and 4", ended)
	}
	if n := len(text(b.answers)); n >= 80 {
		t.Errorf("%d tokens of a text that was cancelled", n)
	}
}

// t reaches a text that is being written and one that waits; the request itself stays as it was.
func TestSetFactorReachesTheText(t *testing.T) {
	t.Parallel()
	for _, waits := range []bool{true, false} {
		b := newBench(t)
		r := writeRequest("clex")
		dispatch(t, b, func(d *Dispatcher) {
			set := jobs.Request{ID: 3, SetFactor: &jobs.FactorRule{T: 5}}
			d.Take(r)
			if waits {
				d.Take(set)
				return
			}
			b.Yield = func() { d.Take(set) }
		}, 1)
		all := text(b.answers)
		if got := all[len(all)-1].T; got != 5 {
			t.Errorf("waiting %t: the last token was written at t = %v, want 5", waits, got)
		}
		if !r.Write.Auto {
			t.Errorf("waiting %t: the request has changed", waits)
		}
	}
}

// A call is answered at once, with what runs and what waits.
func TestCallNamesJobs(t *testing.T) {
	var d *Dispatcher
	var has [][]jobs.Job
	w := &Worker{Yield: func() {}, Emit: func(a jobs.Answer) {
		if a.Kind == jobs.Calling {
			has = append(has, a.Has)
		}
	}}
	d = NewDispatcher(w)
	ctx, stop := context.WithCancel(t.Context())
	d.Load = func(context.Context, jobs.Request) {
		d.Take(jobs.Request{ID: 8, Judge: &jobs.Judge{}})
		d.Take(jobs.Request{ID: 1, Call: true})
		stop()
	}
	d.Take(jobs.Request{ID: 2, Call: true})
	d.Take(jobs.Request{ID: 7, Load: &jobs.Load{}})
	d.one(ctx)
	want := [][]jobs.Job{nil, {{Kind: jobs.Loading, ID: 7}, {Kind: jobs.Judging, ID: 8}}}
	if !reflect.DeepEqual(has, want) {
		t.Errorf("it has %v, want %v", has, want)
	}
}
