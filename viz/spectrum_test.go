package viz

import (
	"testing"

	"clexlab/viz/scene"
)

// On a phone that lies the spectrum has a plot to read and a dial of every method.
func TestLowSpectrum(t *testing.T) {
	for _, size := range [][2]float64{{451, 229}, {385, 275}} {
		v, l, _ := newTestView(t, scene.Spectrum, size[0], size[1])
		draw(v, l)
		p := v.all[scene.Spectrum].(*spectrum)
		if p.plot.H < size[1]*0.5 || p.plot.W < size[0]*0.35 {
			t.Errorf("%v: the plot is %g × %g", size, p.plot.W, p.plot.H)
		}
		file, err := v.SVG(scene.Spectrum, scene.Story{}, l.Type)
		if err != nil {
			t.Fatal(err)
		}
		words := map[string]int{}
		for _, e := range elements(t, file) {
			words[e.words]++
		}
		for i := range v.world.methods {
			if m := &v.world.methods[i]; m.Shown && words[m.Label] != 1 {
				t.Errorf("%v: %d dials of %s", size, words[m.Label], m.Label)
			}
		}
	}
}
