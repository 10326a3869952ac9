package viz

import (
	"math"

	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// tiles paint attention maps, every head of a model or one, into a texture.
type tiles struct {
	texture paint.Texture
	scratch []float32
	// painted is what the texture shows.
	painted painted
}

// painted is all that a texture of maps depends on; head is -1 for every one. Maps do not change once they are kept.
type painted struct {
	maps                    *scene.Maps
	layer, head, rows, cols int
	mean                    bool
	theme                   theme
}

// has reports whether the texture shows what is asked for, and notes that it will: while t is dragged the maps of one
// method come anew and those of others stay.
func (t *tiles) has(p painted) bool {
	if t.painted == p {
		return true
	}
	t.painted = p
	return false
}

// heads pools every head to rows × cols texels.
func (t *tiles) heads(w *world, m *scene.Maps, rows, cols int) {
	if t.has(painted{m, -1, -1, rows, cols, w.state.Mean, w.theme}) {
		return
	}
	x := &t.texture
	x.W, x.H = cols*m.Heads, rows*m.Layers
	x.Pix = resize(x.Pix, 4*x.W*x.H)
	for layer := range m.Layers {
		for head := range m.Heads {
			t.one(w, m, layer, head, rows, cols, head*cols, layer*rows)
		}
	}
	x.Version++
}

// head pools one head to rows × cols texels.
func (t *tiles) head(w *world, m *scene.Maps, layer, head, rows, cols int) {
	if t.has(painted{m, layer, head, rows, cols, w.state.Mean, w.theme}) {
		return
	}
	x := &t.texture
	x.W, x.H = cols, rows
	x.Pix = resize(x.Pix, 4*x.W*x.H)
	t.one(w, m, layer, head, rows, cols, 0, 0)
	x.Version++
}

// one paints a head with its upper left corner at texel left, top.
func (t *tiles) one(w *world, m *scene.Maps, layer, head, rows, cols, left, top int) {
	from := cells(m, layer, head, w.state.Mean)
	if from == nil {
		return
	}
	t.scratch = resize(t.scratch, rows*cols)
	pool(t.scratch, from, m.Rows, m.Cols, rows, cols, w.state.Mean)
	for y := range rows {
		w.shadeRow(t.texture.Pix[4*((top+y)*t.texture.W+left):], t.scratch[y*cols:][:cols])
	}
}

// shadeRow writes weights as colours, by their square roots, so that the many small weights of long texts stay apart; what lies
// in the future has the colour of the ground.
func (w *world) shadeRow(dst []byte, cells []float32) {
	colors := w.heat()
	mixed := w.theme.Background.Mix(w.theme.Grid, 0.6)
	ground := [3]uint8{byte(mixed.R * 255), byte(mixed.G * 255), byte(mixed.B * 255)}
	for i, v := range cells {
		c := ground
		if v >= 0 {
			c = colors.At(math.Sqrt(float64(v)))
		}
		to := dst[4*i : 4*i+4 : 4*i+4]
		to[0], to[1], to[2], to[3] = c[0], c[1], c[2], 255
	}
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// stale reports whether a map is of another t or text than those on screen.
func (w *world) stale(m *scene.Maps) bool {
	return m.Revision != w.text.Revision || !m.Steady && !w.steady(m.Method) && !near(m.T, w.state.T)
}

func near(a, b float64) bool { return a-b < 0.005 && b-a < 0.005 }

// steady reports whether a method's frequencies are the same at every t.
func (w *world) steady(method string) bool {
	c := w.curves[method]
	if c == nil || c.Pairs == 0 {
		return false
	}
	first, last := c.Row(0), c.Row(len(c.T)-1)
	for i := range first {
		if first[i] != last[i] {
			return false
		}
	}
	return true
}
