package viz

import (
	"testing"

	"clexlab/assets"
	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// As many grids as a model has methods lie apart in the picture, each with cells that can be seen under a name that can be read,
// and pointing at a cell finds it.
func TestManyRecallGrids(t *testing.T) {
	for _, size := range [][2]float64{{845, 542}, {547, 335}, {390, 600}, {1440, 900}} {
		v, l, _ := newTestView(t, scene.RecallGrids, size[0], size[1])
		for _, m := range assets.Methods[:13] {
			if err := v.Take(&scene.Recall{Method: m.Name, Lengths: []int{256, 512, 1024}, Depths: []float64{0, 0.25, 0.5, 0.75, 1}, Right: make([]float32, 15)}); err != nil {
				t.Fatal(err)
			}
		}
		boxes := draw(v, l)
		p := v.all[scene.RecallGrids].(*recallGrids)
		var cells []paint.Rect
		names := map[string]paint.Rect{}
		n := p.grids(func(g *scene.Recall, m *method, r paint.Rect) {
			if r.X < 0 || r.Right() > size[0] || r.Y < p.body.Y || r.Bottom() > size[1] {
				t.Errorf("%v: the grid of %s lies at %.0f", size, m.Label, r)
			}
			if r.W < 60 || r.H < 10 {
				t.Errorf("%v: the grid of %s is %.0f × %.0f", size, m.Label, r.W, r.H)
			}
			cells, names[m.Label] = append(cells, r), r
			p.at = paint.Point{X: r.X + r.W*0.9, Y: r.Y + r.H*0.9}
			if grid, of, length, depth := p.find(); grid != g || of != m || length != len(g.Lengths)-1 || depth != len(g.Depths)-1 {
				t.Errorf("%v: the last cell of %s is found as %v, %d, %d", size, m.Label, of, length, depth)
			}
		})
		if n != 13 || len(names) != 13 {
			t.Fatalf("%v: %d grids of %d methods", size, n, len(names))
		}
		right := 0.0
		for _, r := range cells {
			right = max(right, r.Right())
		}
		if right < size[0]-40 {
			t.Errorf("%v: the grids end at %.0f", size, right)
		}
		for i, a := range cells {
			for _, b := range cells[:i] {
				if min(a.Right(), b.Right()) > max(a.X, b.X) && min(a.Bottom(), b.Bottom()) > max(a.Y, b.Y) {
					t.Errorf("%v: grids at %.0f and %.0f cover each other", size, a, b)
				}
			}
		}
		for i, a := range boxes {
			if r, ok := names[a.Text]; ok {
				if a.Rect.Bottom() > r.Y || r.Y-a.Rect.Bottom() > 40 || a.Rect.X < r.X || a.Rect.Right() > r.Right()+16 {
					t.Errorf("%v: the name %s lies at %.0f, its grid at %.0f", size, a.Text, a.Rect, r)
				}
				delete(names, a.Text)
			}
			for _, b := range boxes[:i] {
				if min(a.Rect.Right(), b.Rect.Right())-max(a.Rect.X, b.Rect.X) > 0.5 && min(a.Rect.Bottom(), b.Rect.Bottom())-max(a.Rect.Y, b.Rect.Y) > 0.5 {
					t.Errorf("%v: %q covers %q", size, a.Text, b.Text)
				}
			}
		}
		if len(names) > 0 {
			t.Errorf("%v: no name stands over %v", size, names)
		}
	}
}
