//go:build !js

package browsertest

import (
	"context"
	"encoding/json"
	"time"

	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
)

// Task is one run of the main thread's event loop: how long it took, and how
// much of that the thread was given the processor.
type Task struct{ Wall, CPU time.Duration }

// Tasks records the tasks of the page's main thread, its frames' of the same
// origin included, while do runs.
func (b *Tab) Tasks(do func()) []Task {
	b.t.Helper()
	type event struct {
		Name string  `json:"name"`
		PID  int     `json:"pid"`
		TID  int     `json:"tid"`
		Dur  float64 `json:"dur"`
		TDur float64 `json:"tdur"`
		Args struct {
			Name string `json:"name"`
		} `json:"args"`
	}
	type thread struct{ pid, tid int }
	tasks, mains := map[thread][]Task{}, map[thread]bool{}
	done := make(chan struct{})
	ctx, stop := context.WithCancel(b.ctx)
	defer stop()
	chromedp.ListenTarget(ctx, func(ev any) {
		switch e := ev.(type) {
		case *tracing.EventDataCollected:
			for _, raw := range e.Value {
				var x event
				if json.Unmarshal(raw, &x) != nil {
					continue
				}
				at := thread{x.PID, x.TID}
				switch {
				case x.Name == "thread_name" && x.Args.Name == "CrRendererMain":
					mains[at] = true
				case x.Name == "RunTask":
					tasks[at] = append(tasks[at], Task{time.Duration(x.Dur * 1000), time.Duration(x.TDur * 1000)})
				}
			}
		case *tracing.EventTracingComplete:
			close(done)
		}
	})
	b.Do(tracing.Start().WithTraceConfig(&tracing.TraceConfig{RecordMode: tracing.RecordModeRecordAsMuchAsPossible,
		IncludedCategories: []string{"disabled-by-default-devtools.timeline"}, ExcludedCategories: []string{"*"}}))
	do()
	b.Do(tracing.End())
	select {
	case <-done:
	case <-b.ctx.Done():
		b.t.Fatal("the trace did not end")
	}
	// Other renderers belong to the browser's own surface and rest.
	var out []Task
	for at, list := range tasks {
		if mains[at] && len(list) > len(out) {
			out = list
		}
	}
	return out
}
