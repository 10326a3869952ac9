package scale

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		got, want string
	}{
		{Number(1234567, 0), "1,234,567"}, {Number(999, 0), "999"}, {Number(-1234.5, 1), "−1,234.5"}, {Number(math.Copysign(0, -1), 0), "0"},
		{Number(math.NaN(), 2), "–"}, {Number(16, 2), "16.00"},
		{Sig(0.00042), "0.000420"}, {Sig(4.5678), "4.57"}, {Sig(78.91), "78.9"}, {Sig(1234), "1,234"}, {Sig(0), "0"},
		{string(AppendTick(nil, 0.0005)), "0.0005"}, {string(AppendTick(nil, 20000)), "20,000"}, {string(AppendTick(nil, 0.1)), "0.1"}, {string(AppendTick(nil, 0)), "0"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestAxisInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Float64Range(1e-4, 10).Draw(t, "from")
		a := Axis{From: from, To: from * rapid.Float64Range(1.1, 1e5).Draw(t, "ratio"), Low: 500, High: 20, Log: rapid.Bool().Draw(t, "log")}
		p := rapid.Float64Range(20, 500).Draw(t, "pixel")
		if got := a.Pixel(a.Value(p)); math.Abs(got-p) > 1e-6 {
			t.Fatalf("pixel %v comes back as %v", p, got)
		}
	})
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		axis Axis
		want []float64
	}{
		{Axis{From: 0, To: 1000, High: 500}, []float64{0, 200, 400, 600, 800, 1000}},
		{Axis{From: 1, To: 1000, High: 300, Log: true}, []float64{1, 10, 100, 1000}},
		{Axis{From: 1, To: 10, High: 400, Log: true}, []float64{1, 2, 5, 10}},
		{Axis{From: 3, To: 3, High: 400}, nil},
		{Axis{From: 0, To: 5, High: 400, Log: true}, nil},
	} {
		got := c.axis.Ticks(nil, 100)
		if len(got) != len(c.want) {
			t.Errorf("%+v: got %v, want %v", c.axis, got, c.want)
			continue
		}
		for i := range got {
			if math.Abs(got[i]-c.want[i]) > 1e-9*c.want[i] {
				t.Errorf("%+v: got %v, want %v", c.axis, got, c.want)
			}
		}
	}
}

// A zoom keeps the value under the pointer in its place and never leaves the range.
func TestWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := NewWindow(0, 1000, 10)
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			w = w.Zoom(rapid.Float64Range(0.3, 2).Draw(t, "factor"), rapid.Float64Range(w.From, w.To).Draw(t, "at"))
			w = w.Pan(rapid.Float64Range(-500, 500).Draw(t, "by"))
			if w.From < -1e-9 || w.To > 1000+1e-9 || w.To-w.From < 10-1e-9 {
				t.Fatalf("window %+v", w)
			}
		}
	})
	w := NewWindow(0, 1000, 10).Zoom(0.5, 250)
	if w.From != 125 || w.To != 625 {
		t.Errorf("zoom by half around 250: got %v … %v, want 125 … 625", w.From, w.To)
	}
}
