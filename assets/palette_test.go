package assets

import (
	"math"
	"slices"
	"testing"

	"clexlab/clex"
)

// linear undoes the sRGB transfer curve (IEC 61966-2-1).
func linear(v uint8) float64 {
	c := float64(v) / 255
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

func rgb(c Color) [3]float64 { return [3]float64{linear(c.R), linear(c.G), linear(c.B)} }

// contrast is WCAG 2's ratio of relative luminances.
func contrast(a, b Color) float64 {
	lum := func(c Color) float64 {
		v := rgb(c)
		return 0.2126*v[0] + 0.7152*v[1] + 0.0722*v[2]
	}
	x, y := lum(a), lum(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	t.Parallel()
	for _, m := range Methods {
		if r := contrast(m.Dark, DarkGround.Background); r < 3 {
			t.Errorf("%s on dark: contrast %.2f, want at least 3", m.Name, r)
		}
		if r := contrast(m.Light, LightGround.Background); r < 3 {
			t.Errorf("%s on light: contrast %.2f, want at least 3", m.Name, r)
		}
	}
	for name, g := range map[string]Ground{"dark": DarkGround, "light": LightGround} {
		if r := contrast(g.Ink, g.Background); r < 7 {
			t.Errorf("%s ink: contrast %.2f, want at least 7", name, r)
		}
		if r := contrast(g.Muted, g.Background); r < 4.5 {
			t.Errorf("%s muted: contrast %.2f, want at least 4.5", name, r)
		}
	}
}

// Simulations of full dichromacy in linear RGB (Machado, Oliveira, Fernandes 2009, severity 1).
var visions = map[string][3][3]float64{
	"usual": {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protan": {
		{0.152286, 1.052583, -0.204868},
		{0.114503, 0.786281, 0.099216},
		{-0.003882, -0.048116, 1.051998},
	},
	"deutan": {
		{0.367322, 0.860646, -0.227968},
		{0.280085, 0.672501, 0.047413},
		{-0.011820, 0.042940, 0.968881},
	},
	"tritan": {
		{1.255528, -0.076749, -0.178779},
		{-0.078411, 0.930809, 0.147602},
		{0.004733, 0.691367, 0.303900},
	},
}

// lab converts linear sRGB to CIE L*a*b* under D65.
func lab(v [3]float64) [3]float64 {
	f := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x := f((0.4124*v[0] + 0.3576*v[1] + 0.1805*v[2]) / 0.95047)
	y := f(0.2126*v[0] + 0.7152*v[1] + 0.0722*v[2])
	z := f((0.0193*v[0] + 0.1192*v[1] + 0.9505*v[2]) / 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func distance(a, b Color, m [3][3]float64) float64 {
	see := func(c Color) [3]float64 {
		in := rgb(c)
		var out [3]float64
		for i := range out {
			for j := range in {
				out[i] += m[i][j] * in[j]
			}
			out[i] = min(1, max(0, out[i]))
		}
		return lab(out)
	}
	p, q := see(a), see(b)
	return math.Sqrt((p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) + (p[2]-q[2])*(p[2]-q[2]))
}

// apart is how far two colours must be, ΔE*ab: about five times what is just noticeable.
const apart = 12

// Two methods may look alike to somebody only if their line patterns differ;
// CLEX differs from every other method by colour alone, for everybody.
func TestColoursForEveryKindOfColourVision(t *testing.T) {
	t.Parallel()
	for name, m := range visions {
		for i, a := range Methods {
			for _, b := range Methods[i+1:] {
				near := min(distance(a.Dark, b.Dark, m), distance(a.Light, b.Light, m))
				if near >= apart {
					continue
				}
				if a.Name == "clex" {
					t.Errorf("%s: clex and %s are only %.1f apart", name, b.Name, near)
				}
				if slices.Equal(a.Dash, b.Dash) {
					t.Errorf("%s: %s and %s are %.1f apart and share the pattern %v", name, a.Name, b.Name, near, a.Dash)
				}
			}
		}
	}
}

// TestANewRowNeedsNothingHere: a method that nobody has chosen a look for comes last, and
// gets one that can be seen and told from CLEX.
func TestANewRowNeedsNothingHere(t *testing.T) {
	t.Parallel()
	list := dressed(clex.Methods(), []clex.Method{{Name: "fresh", Label: "Fresh"}}, clex.Trainings(), clex.Lists(), clex.Own())
	last := list[len(list)-1]
	if list[0].Name != "clex" || last.Name != "fresh" || len(list) != len(Methods)+1 {
		t.Fatalf("first %s, last %s, %d in all", list[0].Name, last.Name, len(list))
	}
	for _, l := range spare {
		if contrast(l.Dark, DarkGround.Background) < 3 || contrast(l.Light, LightGround.Background) < 3 || len(l.Dash) == 0 {
			t.Errorf("%v cannot be seen on both grounds, or is solid", l)
		}
		for name, m := range visions {
			if near := min(distance(Methods[0].Dark, l.Dark, m), distance(Methods[0].Light, l.Light, m)); near < apart {
				t.Errorf("%s: clex and %v are only %.1f apart", name, l, near)
			}
		}
	}
	for _, of := range [][]clex.Method{clex.Methods(), clex.Trainings(), clex.Lists(), clex.Own()} {
		for _, m := range of {
			if got, ok := Lookup(m.Name); !ok || got.Label != m.Label || got.Training != m.Training || got.Listed != m.Listed || got.Here != m.Here {
				t.Errorf("%s of package clex is %+v here", m.Name, got.Method)
			}
		}
	}
}

func TestNamesAndTextsAreComplete(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, m := range Methods {
		if m.Name == "" || m.Label == "" || m.About == "" || m.Also == "" {
			t.Errorf("%+v: a text is missing", m)
		}
		if seen[m.Name] {
			t.Errorf("%s twice", m.Name)
		}
		seen[m.Name] = true
		if got, ok := Lookup(m.Name); !ok || got.Label != m.Label {
			t.Errorf("Lookup(%q) = %v, %v", m.Name, got.Label, ok)
		}
	}
	if _, ok := Lookup("nobody"); ok {
		t.Error("Lookup found a method that does not exist")
	}
}

func TestHex(t *testing.T) {
	t.Parallel()
	if got := (Color{0x0a, 0xff, 0x70}).Hex(); got != "#0aff70" {
		t.Errorf("Hex = %q, want #0aff70", got)
	}
}
