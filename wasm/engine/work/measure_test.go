package work

import (
	"testing"
	"time"

	"clexlab/wasm/wire"
	"clexlab/wasm/wire/jobs"
)

// While t is dragged a machine that reads the whole text in time reads it all, one
// that does not only its last queries; each reading of the whole is measured anew.
func TestDraggingReadsWhatThereIsTimeFor(t *testing.T) {
	t.Parallel()
	for _, try := range []int{0, 1} {
		b, _ := gpuBench(t, 1000)
		var at time.Time
		step := time.Duration(0)
		// A measurement asks for the time at its beginning and at its end.
		b.clock = func() time.Time { at = at.Add(step); return at }
		tokens := b.sampleText(6 * coarseTokens)
		from := func(coarse bool, took time.Duration) int {
			t.Helper()
			step = took
			for _, a := range b.do(jobs.Request{ID: 2, Measure: &jobs.Measure{Maps: "pi", Tokens: tokens, Coarse: coarse, Try: try, Tune: jobs.Tune{T: 2}}}) {
				if m, ok := a.View.(*wire.ViewMaps); ok {
					return m.QueryFrom
				}
			}
			return -1
		}
		part := len(tokens) - coarseTokens
		for i, c := range []struct {
			coarse bool
			took   time.Duration
			want   int
		}{
			{false, 5 * dragTime, 0}, {true, dragTime / 8, part}, // slow: a short answer says nothing of the whole
			{true, dragTime / 8, part}, {false, dragTime / 2, 0}, {true, dragTime / 2, 0}, {true, 2 * dragTime, 0}, {true, dragTime / 8, part},
		} {
			if got := from(c.coarse, c.took); got != c.want {
				t.Errorf("try %d, step %d: queries from %d, want %d", try, i, got, c.want)
			}
		}
	}
	if p := (pace{100, 10 * time.Millisecond}); p.within(200, 39*time.Millisecond) || !p.within(200, 40*time.Millisecond) || !p.within(50, 5*time.Millisecond) || (pace{}).within(1, time.Hour) {
		t.Error("a longer text is expected to cost its square, a shorter one its length, an unknown one everything")
	}
}
