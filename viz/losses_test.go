package viz

import (
	"strings"
	"testing"

	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// The label of L·t covers nothing of the last 64 tokens of a curve, wherever the curves end and t stands.
func TestLabelCoversNoCurveEnd(t *testing.T) {
	for _, size := range [][2]float64{{845, 542}, {547, 335}, {390, 300}, {451, 229}} {
		for _, last := range []float32{2, 3, 5, 6} {
			v, l, _ := newTestView(t, scene.Losses, size[0], size[1])
			s := v.world.state
			s.Shown = []string{"clex", "rope"}
			for _, m := range []any{&s, lossEnding("clex", 1024, last), lossEnding("rope", 1024, 4)} {
				if err := v.Take(m); err != nil {
					t.Fatal(err)
				}
			}
			delete(v.world.losses, "pi")
			delete(v.world.losses, "ntk")
			delete(v.world.losses, "yarn")
			for _, at := range []float64{1, 2, 3, 3.5, 3.9, 4} {
				v.follow(at, 0)
				v.layout()
				boxes := draw(v, l)
				p := v.all[scene.Losses].(*losses)
				found := false
				for _, b := range boxes {
					if !strings.HasPrefix(b.Text, "L·t") {
						continue
					}
					found = true
					ground := paint.Rect{X: b.Rect.X - 5, Y: b.Rect.Y - 4, W: b.Rect.W + 10, H: b.Rect.H + 8}
					for _, m := range []string{"clex", "rope"} {
						curve := p.smooth[m]
						for k := len(curve) - 64; k < len(curve); k++ {
							if end := (paint.Point{X: p.x.Pixel(float64(k)), Y: p.y.Pixel(curve[k])}); ground.Contains(end) {
								t.Errorf("%v, t = %v: %q at %.0f covers the end of %s at %.0f", size, at, b.Text, ground, m, end)
								break
							}
						}
					}
				}
				if !found {
					t.Errorf("%v, t = %v: no label", size, at)
				}
			}
		}
	}
}

// lossEnding is a curve of 4 nats that ends at others.
func lossEnding(method string, n int, nats float32) *scene.Loss {
	c := &scene.Loss{Method: method, NLL: make([]float32, n)}
	for i := range c.NLL {
		c.NLL[i] = 4
		if i > n*3/4 {
			c.NLL[i] = nats
		}
	}
	return c
}

// The legend names the curves that were read at another t than the page's, from the first step of a drag until they are read anew;
// curves that do not follow t and those of a text that has grown since are as they were.
func TestLegendNamesCurvesOfAnotherT(t *testing.T) {
	v, l, _ := newTestView(t, scene.Losses, 900, 500)
	give := func(m any) {
		if err := v.Take(m); err != nil {
			t.Fatal(err)
		}
	}
	read := func(method string, at float64, steady bool) {
		give(&scene.Loss{Method: method, T: at, Steady: steady, NLL: make([]float32, 64)})
	}
	says := func(when, want string) {
		t.Helper()
		var got []string
		for _, b := range draw(v, l) {
			if strings.Contains(b.Text, " at t = ") {
				got = append(got, b.Text)
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: the legend says %q, want %q", when, got, want)
		}
	}
	for _, m := range []string{"clex", "rope", "ntk", "yarn"} {
		read(m, 4, false)
	}
	read("pi", 64, true)
	says("all read at the page's t", "")
	give(&scene.Factor{T: 3})
	says("t is dragged", "CLEX at t = 4.00, NTK-aware at t = 4.00, YaRN at t = 4.00")
	read("clex", 3, false)
	says("CLEX has read it anew", "NTK-aware at t = 4.00, YaRN at t = 4.00")
	give(&scene.Factor{T: 4})
	says("t is back", "CLEX at t = 3.00")
	give(&scene.Text{Tokens: make([]string, 65)})
	says("the text has grown", "")
}
