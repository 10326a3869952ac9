package assets

import (
	"slices"

	"clexlab/clex"
)

// Color is an sRGB colour, 8 bits a channel, opaque.
type Color struct{ R, G, B uint8 }

// Hex returns the colour in CSS notation, "#rrggbb".
func (c Color) Hex() string {
	const digits = "0123456789abcdef"
	b := []byte("#000000")
	for i, v := range [3]uint8{c.R, c.G, c.B} {
		b[1+2*i], b[2+2*i] = digits[v>>4], digits[v&15]
	}
	return string(b)
}

// Method is one length-extension method as the page shows it: what package clex calls
// it, and how it looks everywhere, on its chip, in every picture, in the legend. Nothing
// is told by colour alone: each method also has a line pattern and its name.
type Method struct {
	clex.Method
	Look
}

// Look is how a method's lines are drawn.
type Look struct {
	// Dark and Light are the line colours on the dark and on the light ground;
	// both keep a contrast of at least 3:1 there (WCAG 1.4.11).
	Dark, Light Color
	// Dash is the line pattern in pixels, on and off in turn; nil is a solid line.
	Dash []float64
}

// Color is the line's colour in a theme.
func (l Look) Color(dark bool) Color {
	if dark {
		return l.Dark
	}
	return l.Light
}

// Ground is the background of the pictures in a theme.
type Ground struct{ Background, Ink, Muted, Grid Color }

// DarkGround and LightGround are the two themes' picture grounds.
var (
	DarkGround = Ground{
		Background: Color{0x11, 0x16, 0x1d}, Ink: Color{0xe9, 0xe6, 0xdf},
		Muted: Color{0x9a, 0xa5, 0xb3}, Grid: Color{0x26, 0x2f, 0x3a},
	}
	LightGround = Ground{
		Background: Color{0xff, 0xfd, 0xf9}, Ink: Color{0x1e, 0x23, 0x2a},
		Muted: Color{0x5a, 0x64, 0x70}, Grid: Color{0xe4, 0xdf, 0xd5},
	}
)

// GroundOf is the picture ground of a theme.
func GroundOf(dark bool) Ground {
	if dark {
		return DarkGround
	}
	return LightGround
}

// looks were chosen by hand, in the order in which the page shows their methods: CLEX
// first, then plain RoPE and the closed forms by age, then the ways of training, then what a file lists and what a reader trains.
var looks = []struct {
	name string
	Look
}{
	{"clex", Look{Dark: Color{0xff, 0xb0, 0x00}, Light: Color{0xb8, 0x58, 0x00}}},
	{"rope", Look{Dark: Color{0xb4, 0xbc, 0xc6}, Light: Color{0x55, 0x5f, 0x6b}, Dash: []float64{2, 3}}},
	{"pi", Look{Dark: Color{0x4d, 0xae, 0xf0}, Light: Color{0x00, 0x6a, 0xb0}, Dash: []float64{8, 4}}},
	{"ntk", Look{Dark: Color{0x2e, 0xc7, 0x9b}, Light: Color{0x00, 0x7d, 0x5a}, Dash: []float64{10, 3, 2, 3}}},
	{"yarn", Look{Dark: Color{0xf0, 0x8c, 0xc8}, Light: Color{0xa8, 0x2f, 0x7c}, Dash: []float64{5, 3, 1, 3, 1, 3}}},
	{"dynamic", Look{Dark: Color{0xa9, 0xd6, 0x6b}, Light: Color{0x2f, 0x5d, 0x2a}, Dash: []float64{12, 3}}},
	{"parts", Look{Dark: Color{0xa8, 0x9b, 0xff}, Light: Color{0x5f, 0x4b, 0xc4}, Dash: []float64{4, 4}}},
	{"llama3", Look{Dark: Color{0xff, 0x85, 0x7a}, Light: Color{0xbd, 0x2f, 0x36}, Dash: []float64{14, 4, 4, 4}}},
	{"string", Look{Dark: Color{0x6f, 0xd3, 0xe0}, Light: Color{0x0b, 0x6f, 0x80}, Dash: []float64{1, 3}}},
	{"pose", Look{Dark: Color{0xd9, 0xcf, 0xa6}, Light: Color{0x6e, 0x64, 0x2a}, Dash: []float64{3, 2, 3, 6}}},
	{"e2llm", Look{Dark: Color{0xc4, 0xa6, 0x98}, Light: Color{0x7a, 0x50, 0x44}, Dash: []float64{16, 3, 2, 3}}},
	{"longrecipe", Look{Dark: Color{0x8f, 0xb8, 0xa8}, Light: Color{0x3c, 0x6e, 0x5f}, Dash: []float64{6, 2, 6, 6}}},
	{"longskywork", Look{Dark: Color{0x9f, 0xb4, 0xe8}, Light: Color{0x3b, 0x5a, 0xa6}, Dash: []float64{2, 2, 2, 5}}},
	{"longrope", Look{Dark: Color{0xc9, 0xa3, 0xe6}, Light: Color{0x6d, 0x3c, 0x99}, Dash: []float64{18, 4}}},
	{"trained", Look{Dark: Color{0xf4, 0x6f, 0x9b}, Light: Color{0xc2, 0x18, 0x5b}, Dash: []float64{7, 2, 2, 2, 2, 2}}},
}

// spare looks are for methods that nobody has chosen one for yet, in the order of their rows.
var spare = []Look{
	{Dark: Color{0x8f, 0xc9, 0xf2}, Light: Color{0x2d, 0x5f, 0x8c}, Dash: []float64{9, 2, 9, 6}},
	{Dark: Color{0x7f, 0xc4, 0xa4}, Light: Color{0x2b, 0x6b, 0x4e}, Dash: []float64{3, 5}},
	{Dark: Color{0xd8, 0xb8, 0xd0}, Light: Color{0x63, 0x4a, 0x5e}, Dash: []float64{5, 2, 1, 6}},
}

// Methods lists every method of package clex, each with its look.
var Methods = dressed(clex.Methods(), clex.Trainings(), clex.Lists(), clex.Own())

// dressed gives the methods their looks: those chosen by hand in the order of that
// choice, then the others as they come.
func dressed(lists ...[]clex.Method) []Method {
	var out []Method
	left := slices.Concat(lists...)
	for _, l := range looks {
		if i := slices.IndexFunc(left, func(m clex.Method) bool { return m.Name == l.name }); i >= 0 {
			out = append(out, Method{left[i], l.Look})
			left = slices.Delete(left, i, i+1)
		}
	}
	for i, m := range left {
		out = append(out, Method{m, spare[i%len(spare)]})
	}
	return out
}

// Lookup finds a method by its name.
func Lookup(name string) (Method, bool) {
	for _, m := range Methods {
		if m.Name == name {
			return m, true
		}
	}
	return Method{}, false
}
