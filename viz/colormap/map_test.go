package colormap

import (
	"math"
	"testing"
)

// lightness is CIE L* of an sRGB colour.
func lightness(c [3]uint8) float64 {
	lin := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	y := 0.2126*lin(c[0]) + 0.7152*lin(c[1]) + 0.0722*lin(c[2])
	if y <= 0.008856 {
		return 903.3 * y
	}
	return 116*math.Cbrt(y) - 16
}

// A map reads in grey and with any colour vision when its lightness only rises or only falls, over a wide range.
func TestLightnessIsMonotone(t *testing.T) {
	for name, m := range map[string]struct {
		colors *Map
		sign   float64
	}{"viridis": {Viridis, 1}, "night": {Night, 1}, "day": {Day, -1}} {
		for i := 1; i < 256; i++ {
			if d := m.sign * (lightness(m.colors[i]) - lightness(m.colors[i-1])); d < -0.35 {
				t.Errorf("%s: lightness turns by %v at %d", name, d, i)
			}
		}
		if span := m.sign * (lightness(m.colors[255]) - lightness(m.colors[0])); span < 70 {
			t.Errorf("%s: lightness spans %v of 100, want 70", name, span)
		}
	}
	if Night.At(math.NaN()) != Night[0] || Night.At(2) != Night[255] {
		t.Error("values outside do not take the nearest end")
	}
}
