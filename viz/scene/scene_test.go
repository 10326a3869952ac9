package scene

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Every token lies in the tile that the model pools it into, and in no other: token i of n
// goes to cell ⌊i·cells/n⌋.
func TestTilesAreThoseOfTheModel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ tokens, cells, from int }{{400, 96, 0}, {96, 96, 5}, {1024, 96, 0}, {7, 3, 100}, {5, 5, 0}} {
		for i := range c.tokens {
			cell := i * c.cells / c.tokens
			if from, to := Tile(cell, c.cells, c.from, c.from+c.tokens); c.from+i < from || c.from+i >= to {
				t.Errorf("%+v: token %d lies in cell %d, which is said to cover %d … %d", c, i, cell, from, to)
			}
		}
		if _, to := Tile(c.cells-1, c.cells, c.from, c.from+c.tokens); to != c.from+c.tokens {
			t.Errorf("%+v: the last cell ends at %d", c, to)
		}
	}
}

func TestTextGrowsByPieces(t *testing.T) {
	t.Parallel()
	var text Text
	for _, p := range []struct {
		piece Text
		fits  bool
		want  string
	}{
		{Text{Subject: 1, Revision: 1, Tokens: []string{"a", "b"}}, true, "ab"},
		{Text{Subject: 1, Revision: 2, From: 2, Tokens: []string{"c"}}, true, "abc"},
		{Text{Subject: 1, Revision: 3, From: 5, Tokens: []string{"x"}}, false, "abc"},
		{Text{Subject: 2, Revision: 4, From: 3, Tokens: []string{"x"}}, false, "abc"},
		{Text{Subject: 1, Revision: 5, From: 1, Tokens: []string{"d"}}, true, "ad"},
		{Text{Subject: 2, Revision: 6, Tokens: nil}, true, ""},
	} {
		if fits := text.Join(&p.piece); fits != p.fits || strings.Join(text.Tokens, "") != p.want {
			t.Errorf("after %+v: %q, fits %t; want %q, %t", p.piece, text.Tokens, fits, p.want, p.fits)
		}
	}
}

func TestScenesAreWhole(t *testing.T) {
	t.Parallel()
	var names []Name
	for _, s := range Scenes {
		if s.Label == "" || s.Hint == "" || slices.Contains(names, s.Name) {
			t.Errorf("%+v: a word is missing, or it is there twice", s)
		}
		if found, ok := Find(s.Name); !ok || found.Label != s.Label {
			t.Errorf("%s is not found", s.Name)
		}
		names = append(names, s.Name)
	}
}

func TestOnlyT(t *testing.T) {
	t.Parallel()
	a := State{T: 2, Shown: []string{"clex"}, Token: -1}
	b := a
	b.T = 3
	if !a.OnlyT(b) {
		t.Error("another t alone is more than that")
	}
	b.Shown = []string{"clex", "pi"}
	if a.OnlyT(b) {
		t.Error("another method is nothing but t")
	}
}

// A summary says of each head what a look at its cells says.
func TestSummary(t *testing.T) {
	t.Parallel()
	m := &Maps{Method: "pi", T: 3, Subject: 2, Revision: 5, Layer: -1, Head: -1, Layers: 1, Heads: 2, QueryTo: 2, KeyTo: 2, Rows: 2, Cols: 2, Bins: 3,
		Max: []float32{1, -1, 0.25, 0.75, 0.5, -1, 0.125, 0.25}, Profile: []float32{0.5, 0.2, 0.1, 0.9, 0.3, 0}, Queries: []float32{0, 3, 1, 2}}
	s := m.Summary()
	want := &MapsSummary{Method: "pi", T: 3, Subject: 2, Revision: 5, Layers: 1, Heads: 2, QueryTo: 2,
		Largest: []float32{1, 0.5}, Nearest: []float32{0.5, 0.9}, Farthest: []float32{0.1, 0}, Lookback: []float32{1.5, 1.5}}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got %+v, want %+v", s, want)
	}
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	if s.Largest = s.Largest[:1]; s.Check() == nil {
		t.Error("one number for two heads is taken")
	}
	if (&Maps{Layer: -1, Head: -1, Layers: 2, Heads: 2}).Summary().Check() != nil {
		t.Error("maps without cells")
	}
}
