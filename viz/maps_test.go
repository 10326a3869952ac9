package viz

import (
	"math"
	"slices"
	"testing"

	"clexlab/viz/scene"
)

// Maps come from a worker and texts from the page: those that are first wait for their text, and
// no text has another's.
func TestMapsWaitForTheirText(t *testing.T) {
	v, _, _ := newTestView(t, scene.Attention, 600, 700)
	maps := func(subject int) *scene.Maps {
		return &scene.Maps{Method: "clex", Subject: subject, Layer: -1, Head: -1, Layers: 1, Heads: 1, QueryTo: 1, KeyTo: 1, Rows: 1, Cols: 1, Max: []float32{1}}
	}
	for i, c := range []struct {
		m    any
		want int // the subject of the maps that are shown, 0 for none
	}{
		{&scene.Text{Subject: 5, Tokens: []string{"a"}}, 0}, {maps(5), 5}, {maps(7), 5}, {maps(9), 5},
		{&scene.Text{Subject: 9, Tokens: []string{"b"}}, 9}, {maps(5), 9}, {&scene.Text{Subject: 7, Tokens: []string{"c"}}, 0},
	} {
		if err := v.Take(c.m); err != nil {
			t.Fatal(err)
		}
		got := 0
		if m := v.world.maps.all["clex"]; m != nil {
			got = m.Subject
		}
		if got != c.want {
			t.Errorf("step %d: maps of text %d, want %d", i, got, c.want)
		}
	}
}

// While t is dragged only the last queries are read anew: their rows are renewed and the picture
// keeps the rest.
func TestCoarseMapsRenewTheirRows(t *testing.T) {
	s := newMapStore(0)
	whole := &scene.Maps{Method: "clex", T: 4, Layer: -1, Head: -1, Layers: 1, Heads: 1, QueryTo: 8, KeyTo: 8, Rows: 4, Cols: 4, Max: []float32{
		1, -1, -1, -1, 1, 1, -1, -1, 1, 1, 1, -1, 1, 1, 1, 1}}
	s.take(whole)
	s.take(&scene.Maps{Method: "clex", T: 9, Coarse: true, Layer: -1, Head: -1, Layers: 1, Heads: 1, QueryFrom: 6, QueryTo: 8, KeyTo: 8, Rows: 1, Cols: 2, Max: []float32{0.25, 0.5}})
	got := s.all["clex"]
	want := append(append([]float32(nil), whole.Max[:12]...), 0.25, 0.25, 0.5, 0.5)
	if !slices.Equal(got.Max, want) || got.T != 9 || got.QueryFrom != 0 || whole.Max[12] != 1 {
		t.Errorf("got %v at t = %v, want %v", got.Max, got.T, want)
	}
}

func TestPool(t *testing.T) {
	src := []float32{1, -1, 3, 5, 2, 4, 6, 8}
	for _, c := range []struct {
		mean bool
		want []float32
	}{{false, []float32{4, 8}}, {true, []float32{7.0 / 3, 5.5}}} {
		got := make([]float32, 2)
		pool(got, src, 2, 4, 1, 2, c.mean)
		for i := range got {
			if math.Abs(float64(got[i]-c.want[i])) > 1e-6 {
				t.Errorf("mean %v: got %v, want %v", c.mean, got, c.want)
			}
		}
	}
	got := []float32{0}
	pool(got, []float32{-1, -1, -1, -1}, 2, 2, 1, 1, true)
	if got[0] != -1 {
		t.Errorf("a tile of the future: got %v, want -1", got[0])
	}
}
