package viz

import (
	"testing"

	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// A deep model's maps lie in the picture, apart from each other, where they are found by pointing, larger than one column of
// layers would have them, and their names cover nothing.
func TestDeepModelsGrid(t *testing.T) {
	for _, model := range [][2]int{{30, 9}, {36, 16}, {4, 4}} {
		for _, size := range [][2]float64{{390, 760}, {820, 600}, {1440, 900}} {
			layers, heads := model[0], model[1]
			v, l, _ := newTestView(t, scene.Attention, size[0], size[1])
			const n = 24
			m := &scene.Maps{Method: "clex", T: 4, Layer: -1, Head: -1, Layers: layers, Heads: heads, QueryTo: 96, KeyTo: 96, Rows: n, Cols: n, Max: make([]float32, layers*heads*n*n)}
			if err := v.Take(m); err != nil {
				t.Fatal(err)
			}
			boxes := draw(v, l)
			p := v.all[scene.Attention].(*attention)
			var tiles []paint.Rect
			for layer := range layers {
				for head := range heads {
					r := p.tileOf(layer, head)
					if a, b := p.tileAt(paint.Point{X: r.X + r.W/2, Y: r.Y + r.H/2}); a != layer || b != head {
						t.Fatalf("%v at %v: pointing at layer %d, head %d finds %d, %d", model, size, layer, head, a, b)
					}
					tiles = append(tiles, r)
					if len(tiles) > 1 && layers < 36 && (r.Right() > size[0] || r.Bottom() > size[1]) {
						t.Fatalf("%v at %v: layer %d, head %d lies at %.0f", model, size, layer, head, r)
					}
				}
			}
			for i, a := range tiles {
				for _, b := range tiles[:i] {
					if min(a.Right(), b.Right()) > max(a.X, b.X) && min(a.Bottom(), b.Bottom()) > max(a.Y, b.Y) {
						t.Fatalf("%v at %v: maps at %.0f and %.0f cover each other", model, size, a, b)
					}
				}
			}
			if layers == 30 && size[0] == 1440 && p.tile < 24 {
				t.Errorf("%v at %v: a map is %v wide", model, size, p.tile)
			}
			for i, a := range boxes {
				for _, b := range boxes[i+1:] {
					if min(a.Rect.Right(), b.Rect.Right())-max(a.Rect.X, b.Rect.X) > 0.5 && min(a.Rect.Bottom(), b.Rect.Bottom())-max(a.Rect.Y, b.Rect.Y) > 0.5 {
						t.Errorf("%v at %v: %q covers %q", model, size, a.Text, b.Text)
					}
				}
			}
		}
	}
}

// Maps that stay as they are are not painted again when those of the other method come anew, as they do all the
// while t is dragged; another pooling or theme paints them.
func TestKeptMapsAreNotPaintedAgain(t *testing.T) {
	v, l, _ := newTestView(t, scene.Overview, 1200, 700)
	p := v.proof[1].(*sideBySide)
	other := *v.world.maps.all["clex"]
	other.Method = "rope"
	if err := v.Take(&other); err != nil {
		t.Fatal(err)
	}
	draw(v, l)
	versions := func() [2]int {
		return [2]int{p.halves[0].tiles.texture.Version, p.halves[1].tiles.texture.Version}
	}
	before := versions()
	again := *p.halves[0].maps
	again.Max = append([]float32(nil), again.Max...)
	again.Max[0] = 0.5
	if err := v.Take(&again); err != nil {
		t.Fatal(err)
	}
	draw(v, l)
	if now := versions(); now[0] != before[0]+1 || now[1] != before[1] {
		t.Errorf("new maps of the first method: textures of versions %v after %v", now, before)
	}
	for what, change := range map[string]func(*scene.State){"another pooling": func(s *scene.State) { s.Mean = !s.Mean }, "another theme": func(s *scene.State) { s.Theme = "light" }} {
		before = versions()
		s := v.world.state
		change(&s)
		if err := v.Take(&s); err != nil {
			t.Fatal(err)
		}
		draw(v, l)
		if now := versions(); now[0] == before[0] || now[1] == before[1] {
			t.Errorf("%s: textures of versions %v after %v", what, now, before)
		}
	}
}
