package work

import (
	"slices"
	"testing"
	"time"

	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// While t is dragged a machine that reads the whole text in time reads it all, one
// that does not only its last queries; each reading of the whole is measured anew.
func TestDraggingReadsWhatThereIsTimeFor(t *testing.T) {
	t.Parallel()
	for _, attempt := range []int{0, 1} {
		b, _ := gpuBench(t, 1000)
		var at time.Time
		step := time.Duration(0)
		// A measurement asks for the time at its beginning and at its end.
		b.clock = func() time.Time { at = at.Add(step); return at }
		tokens := b.sampleText(6 * coarseTokens)
		from := func(coarse bool, took time.Duration) int {
			t.Helper()
			step = took
			b.measure(tokens, jobs.Measure{Maps: []string{"pi"}, Coarse: coarse, GPUAttempt: attempt, FactorRule: jobs.FactorRule{T: 2}})
			if len(b.maps) == 0 {
				return -1
			}
			return b.maps[0].QueryFrom
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
				t.Errorf("try %d, step %d: queries from %d, want %d", attempt, i, got, c.want)
			}
		}
	}
	if p := (latency{100, 10 * time.Millisecond}); p.within(200, 39*time.Millisecond) || !p.within(200, 40*time.Millisecond) || !p.within(50, 5*time.Millisecond) || (latency{}).within(1, time.Hour) {
		t.Error("a longer text is expected to cost its square, a shorter one its length, an unknown one everything")
	}
}

// A method that does not follow t is not read again because t moved, and answers the
// same; a new text, a t that counts or another model is read.
func TestLossIsReadOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	read := 0
	b.Yield = func() { read++ }
	text, longer := b.sampleText(60), b.sampleText(70)
	measure := func(method string, tokens []int32, at float64) *scene.Loss {
		t.Helper()
		read = 0
		for _, a := range b.measure(tokens, jobs.Measure{Loss: []string{method}, FactorRule: jobs.FactorRule{T: at}}) {
			if v, ok := a.View.(*scene.Loss); ok {
				return v
			}
		}
		t.Fatalf("%s at t = %v: no losses", method, at)
		return nil
	}
	first := measure("rope", text, 2)
	for _, c := range []struct {
		name, method string
		tokens       []int32
		t            float64
		read         bool
	}{
		{"plain RoPE at another t", "rope", text, 3, false},
		{"PI for the first time", "pi", text, 3, true},
		{"PI again", "pi", text, 3, false},
		{"PI at another t", "pi", text, 2, true},
		{"plain RoPE after PI", "rope", text, 2, false},
		{"a longer text", "rope", longer, 2, true},
		{"the text before", "rope", text, 2, true},
	} {
		v := measure(c.method, c.tokens, c.t)
		if (read > 0) != c.read {
			t.Errorf("%s: read %t, want %t", c.name, read > 0, c.read)
		}
		if v.T != c.t || v.Method != c.method || len(v.NLL) != len(c.tokens)-1 {
			t.Errorf("%s: %d losses of %s at t = %v", c.name, len(v.NLL), v.Method, v.T)
		}
		if same := slices.Equal(v.NLL, first.NLL); same != (c.method == "rope" && len(c.tokens) == len(text)) {
			t.Errorf("%s: losses are those of plain RoPE: %t", c.name, same)
		}
		clear(v.NLL) // the picture's own: the next answer must not be made of it
	}
}
