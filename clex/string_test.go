package clex

import "testing"

func encodeOf(t *testing.T, name string, r Rotary, o Options, at float64, length int) Encoding {
	t.Helper()
	s, err := New(name, r, o)
	if err != nil {
		t.Fatal(err)
	}
	var e Encoding
	if err := s.Encode(&e, at, length); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestSTRINGOfNine: the relative positions of all pairs of a window of 9, written down by hand from the
// rule in the authors' code, diag_size 3: the first three diagonals stay, and the fourth starts again at W.
func TestSTRINGOfNine(t *testing.T) {
	r := Rotary{HeadDim: 8, Dims: 8, Base: 10000, Window: 9}
	for local, rows := range map[int][9][]int{
		1: {
			{0}, {1, 0}, {2, 1, 0},
			{1, 2, 1, 0},
			{2, 1, 2, 1, 0},
			{3, 2, 1, 2, 1, 0},
			{4, 3, 2, 1, 2, 1, 0},
			{5, 4, 3, 2, 1, 2, 1, 0},
			{6, 5, 4, 3, 2, 1, 2, 1, 0},
		},
		2: {
			{0}, {1, 0}, {2, 1, 0},
			{2, 2, 1, 0},
			{3, 2, 2, 1, 0},
			{4, 3, 2, 2, 1, 0},
			{5, 4, 3, 2, 2, 1, 0},
			{6, 5, 4, 3, 2, 2, 1, 0},
			{7, 6, 5, 4, 3, 2, 2, 1, 0},
		},
	} {
		e := encodeOf(t, "string", r, Options{Local: local}, 1, 9)
		for query, row := range rows {
			for key, want := range row {
				if got := e.Remap.Distance(query - key); got != want {
					t.Errorf("W = %d: query %d and key %d rotate at distance %d, want %d", local, query, key, got, want)
				}
			}
		}
	}
}

func TestSTRINGDefaults(t *testing.T) {
	for _, c := range []struct {
		window int
		o      Options
		want   Remap
	}{
		{256, Options{}, Remap{Shift: 85, Local: 32}},
		{131072, Options{}, Remap{Shift: 43691, Local: 128}},
		// What the authors' scripts run.
		{131072, Options{Discard: 0.33}, Remap{Shift: 43254, Local: 128}},
		{2048, Options{Discard: 0.25, Local: 512 - 1}, Remap{Shift: 512, Local: 511}},
	} {
		for _, at := range []float64{1, 4} {
			e := encodeOf(t, "string", Rotary{HeadDim: 8, Dims: 8, Base: 10000, Window: c.window}, c.o, at, 0)
			if *e.Remap != c.want {
				t.Errorf("window %d, t = %v: %+v, want %+v", c.window, at, *e.Remap, c.want)
			}
			near(t, "attention factor", []float64{e.AttentionFactor}, []float64{1.0693147180559945}, 1e-15)
		}
	}
	if got := (*Remap)(nil).Distance(300); got != 300 {
		t.Errorf("no remap changes 300 to %d", got)
	}
}
