package viz

import (
	"math"
	"strings"
	"testing"

	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// linked is the first look at a text of 96 tokens, with the pointer nowhere.
func linked(t *testing.T) (v *View, l *paint.List, said *[]any, loss *losses, maps *half) {
	t.Helper()
	v, l, said = newTestView(t, scene.Overview, 1200, 700)
	words := strings.Fields(strings.Repeat("fox ", 96))
	if err := v.Take(&scene.Text{Revision: 1, Tokens: words}); err != nil {
		t.Fatal(err)
	}
	draw(v, l)
	side := v.proof[1].(*sideBySide)
	if side.halves[0].maps == nil || side.halves[0].across == 0 {
		t.Fatal("no maps of every head")
	}
	return v, l, said, v.proof[0].(*losses), &side.halves[0]
}

// marked are the rows and columns that the maps mark, as shares of a map, and the positions that the loss does.
func marked(t *testing.T, v *View, l *paint.List, loss *losses, h *half) (rows, cols, positions []float64) {
	t.Helper()
	v.Stale()
	l.Reset(2)
	l.Vector = &paint.Vector{}
	v.DrawFront(l)
	all := elements(t, l.Vector.SVG(1200, 700, ""))
	l.Vector = nil
	for _, e := range all {
		if e.name == "polyline" {
			from, _, _ := strings.Cut(e.attrs["points"], ",")
			e.attrs["x"], e.attrs["width"], e.attrs["height"], e.attrs["y"] = from, "0.5", "99", "0"
		} else if e.name != "rect" || e.attrs["rx"] != "" {
			continue
		}
		x, y, w, height := e.number(t, "x"), e.number(t, "y"), e.number(t, "width"), e.number(t, "height")
		tile := h.tile(2, 1)
		switch {
		case x == round2(tile.X) && height <= 1 && y >= tile.Y && y < tile.Bottom():
			rows = append(rows, (y+height/2-tile.Y)/tile.H)
		case y == round2(tile.Y) && w <= 1 && x >= tile.X && x < tile.Right():
			cols = append(cols, (x+w/2-tile.X)/tile.W)
		case w <= 0.5 && height > 50 && x < loss.plot.Right():
			positions = append(positions, loss.x.Value(x))
		}
	}
	return rows, cols, positions
}

func round2(x float64) float64 { return math.Round(100*x) / 100 }

// A hairline lies on a device pixel, which here is some three tokens wide.
func one(t *testing.T, what string, got []float64, want, tolerance float64) {
	t.Helper()
	for _, v := range got {
		if math.Abs(v-want) <= tolerance {
			return
		}
	}
	t.Errorf("%s: %v, want one of them %.3f", what, got, want)
}

// A position of the loss is marked in every map, a cell of a map in the loss, and a token of the
// page's text in both; the picture says which tokens they are, and the keyboard moves the mark.
func TestLinked(t *testing.T) {
	v, l, said, loss, h := linked(t)
	last := func() *scene.Hover {
		for i := len(*said) - 1; i >= 0; i-- {
			if m, ok := (*said)[i].(*scene.Hover); ok {
				return m
			}
		}
		t.Fatal("nothing is said")
		return nil
	}
	if rows, cols, _ := marked(t, v, l, loss, h); len(rows)+len(cols) > 0 {
		t.Fatalf("marked without a pointer: %v %v", rows, cols)
	}
	v.PointerMove(1, paint.Point{X: loss.x.Pixel(40.5), Y: loss.plot.Y + 20})
	if m := last(); m.Token != 40 || m.Key != -1 || !strings.HasPrefix(m.Text, "Token 41 “fox") {
		t.Errorf("over position 40: %+v", m)
	}
	rows, cols, _ := marked(t, v, l, loss, h)
	one(t, "row of the position", rows, 40.5/96, 0.01)
	one(t, "column of the position", cols, 40.5/96, 0.01)

	tile := h.tile(0, 3)
	v.PointerMove(1, paint.Point{X: tile.X + tile.W*20.5/96, Y: tile.Y + tile.H*60.5/96})
	if m := last(); m.Token != 60 || m.Key != 20 {
		t.Errorf("over query 60, key 20: %+v", m)
	}
	rows, cols, positions := marked(t, v, l, loss, h)
	one(t, "row of the query", rows, 60.5/96, 0.01)
	one(t, "column of the key", cols, 20.5/96, 0.01)
	one(t, "position of the query", positions, 60, 3)
	one(t, "position of the key", positions, 20, 3)

	v.PointerMove(1, paint.Point{X: tile.X + tile.W*60.5/96, Y: tile.Y + tile.H*20.5/96})
	if m := last(); m.Token != 20 || m.Key != -1 {
		t.Errorf("over what lies in the future: %+v", m)
	}
	v.PointerLeave()
	if m := last(); m.Token != -1 || m.Key != -1 || m.Text != "" {
		t.Errorf("the pointer has left: %+v", m)
	}
	s := v.world.state
	s.Token = 33
	if err := v.Take(&s); err != nil {
		t.Fatal(err)
	}
	rows, _, positions = marked(t, v, l, loss, h)
	one(t, "row of the text's token", rows, 33.5/96, 0.01)
	one(t, "position of the text's token", positions, 33, 3)
	if !v.Key("ArrowRight") || last().Token != 34 {
		t.Errorf("the right arrow: %+v", last())
	}
}

// Where there is no room for a grid the head that looks farthest back stands for all, and choosing it brings the next one.
func TestLittleRoomShowsOneHead(t *testing.T) {
	v, l, said := newTestView(t, scene.Overview, 390, 200)
	m := &scene.Maps{Method: "clex", T: 4, Layer: -1, Head: -1, Layers: 2, Heads: 3, QueryTo: 4, KeyTo: 4, Rows: 4, Cols: 4, Max: make([]float32, 6*16), Queries: make([]float32, 6*4)}
	m.Queries[4*4+2] = 9 // layer 2, head 2
	if err := v.Take(m); err != nil {
		t.Fatal(err)
	}
	words := ""
	for _, b := range draw(v, l) {
		words += b.Text + "\n"
	}
	side := v.proof[1].(*sideBySide)
	if !strings.Contains(words, "ayer 2, head 2") || side.halves[0].across != 0 {
		t.Errorf("shown: %q", words)
	}
	if w := side.halves[0].square.W; w < 65 {
		t.Errorf("a map is %.0f wide", w)
	}
	r := side.halves[0].square
	v.PointerDown(1, paint.Point{X: r.X + 9, Y: r.Y + 9})
	v.PointerUp(1, paint.Point{X: r.X + 9, Y: r.Y + 9}, true)
	chosen := func() *scene.Select {
		for i := len(*said) - 1; i >= 0; i-- {
			if m, ok := (*said)[i].(*scene.Select); ok {
				return m
			}
		}
		return &scene.Select{}
	}
	if m := chosen(); m.Layer != 1 || m.Head != 2 {
		t.Errorf("the next head: %+v", m)
	}
	r = side.halves[0].square
	v.PointerDown(1, paint.Point{X: r.X + 9, Y: r.Y + 9})
	v.PointerUp(1, paint.Point{X: r.X + 9, Y: r.Y + 9}, true)
	if m := chosen(); m.Layer != 0 || m.Head != 0 {
		t.Errorf("after the last the first: %+v", m)
	}
}
