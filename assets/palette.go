package assets

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

// Method is how one length-extension method looks everywhere: on its chip, in
// every picture, in the legend. Nothing is told by colour alone: each method
// also has a line pattern and its name.
type Method struct {
	// Name is the method's identifier in package clex, links and tables ("clex").
	Name string
	// Label is what people read ("NTK-aware").
	Label string
	// About says in one sentence what the method does to the rotary frequencies.
	About string
	// Also names the same thing in other programs, for people who know it from there.
	Also string
	// Dark and Light are the line colours on the dark and on the light ground;
	// both keep a contrast of at least 3:1 there (WCAG 1.4.11).
	Dark, Light Color
	// Dash is the line pattern in pixels, on and off in turn; nil is a solid line.
	Dash []float64
	// Training marks a way of training: its frequencies are another method's, and it is
	// nothing without the weights it made.
	Training bool
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

// Methods lists the methods in the order in which the page shows them: the hero
// first, then plain RoPE and the closed forms by age, then the ways of training.
var Methods = []Method{
	{
		Name: "clex", Label: "CLEX",
		About: "A small trained network says how fast each frequency should slow down; an ODE solver follows it from 1 to t.",
		Also:  "rope_scaling type \"clex\" in the reference code",
		Dark:  Color{0xff, 0xb0, 0x00}, Light: Color{0xb8, 0x58, 0x00},
	},
	{
		Name: "rope", Label: "Plain RoPE",
		About: "Leaves the frequencies as trained: past the window the slow pairs turn to angles the model has never seen.",
		Also:  "rope_type \"default\"",
		Dark:  Color{0xb4, 0xbc, 0xc6}, Light: Color{0x55, 0x5f, 0x6b}, Dash: []float64{2, 3},
	},
	{
		Name: "pi", Label: "PI",
		About: "Position interpolation: divides every frequency by t, so positions squeeze into the window; near words blur together.",
		Also:  "rope_type \"linear\"; --rope-freq-scale 1/t",
		Dark:  Color{0x4d, 0xae, 0xf0}, Light: Color{0x00, 0x6a, 0xb0}, Dash: []float64{8, 4},
	},
	{
		Name: "ntk", Label: "NTK-aware",
		About: "Raises the base: fast pairs stay almost as trained, slow pairs stretch by about t.",
		Also:  "--rope-freq-base",
		Dark:  Color{0x2e, 0xc7, 0x9b}, Light: Color{0x00, 0x7d, 0x5a}, Dash: []float64{10, 3, 2, 3},
	},
	{
		Name: "yarn", Label: "YaRN",
		About: "Leaves fast pairs, divides slow pairs by t, blends between, and sharpens attention a little.",
		Also:  "rope_type \"yarn\"; --yarn-ext-factor",
		Dark:  Color{0xf0, 0x8c, 0xc8}, Light: Color{0xa8, 0x2f, 0x7c}, Dash: []float64{5, 3, 1, 3, 1, 3},
	},
	{
		Name: "dynamic", Label: "Dynamic NTK",
		About: "NTK-aware with a base that grows with the length of the text itself.",
		Also:  "rope_type \"dynamic\"",
		Dark:  Color{0xa9, 0xd6, 0x6b}, Light: Color{0x2f, 0x5d, 0x2a}, Dash: []float64{12, 3},
	},
	{
		Name: "parts", Label: "NTK-by-parts",
		About: "YaRN's frequencies without its change of attention strength.",
		Also:  "YaRN with attention factor 1",
		Dark:  Color{0xa8, 0x9b, 0xff}, Light: Color{0x5f, 0x4b, 0xc4}, Dash: []float64{4, 4},
	},
	{
		Name: "llama3", Label: "Llama 3",
		About: "Divides pairs slower than a cut by t and leaves the fast ones, with a smooth band between.",
		Also:  "rope_type \"llama3\"",
		Dark:  Color{0xff, 0x85, 0x7a}, Light: Color{0xbd, 0x2f, 0x36}, Dash: []float64{14, 4, 4, 4},
	},
	{
		Name: "string", Label: "STRING",
		About: "Leaves the frequencies and shifts far positions back to distances seen often in training.",
		Also:  "shifted rotary positions; no frequency change",
		Dark:  Color{0x6f, 0xd3, 0xe0}, Light: Color{0x0b, 0x6f, 0x80}, Dash: []float64{1, 3},
	},
	{
		Name: "pose", Label: "PoSE", Training: true,
		About: "Tunes the weights for PI on short windows cut in two, with a random skip of positions between the parts.",
		Also:  "positional skip-wise training; PI's frequencies",
		Dark:  Color{0xd9, 0xcf, 0xa6}, Light: Color{0x6e, 0x64, 0x2a}, Dash: []float64{3, 2, 3, 6},
	},
	{
		Name: "e2llm", Label: "E2-LLM", Training: true,
		About: "Tunes the weights for PI on short windows that start anywhere, with another t at every step.",
		Also:  "PI's frequencies",
		Dark:  Color{0xc4, 0xa6, 0x98}, Light: Color{0x7a, 0x50, 0x44}, Dash: []float64{16, 3, 2, 3},
	},
	{
		Name: "longrecipe", Label: "LongRecipe", Training: true,
		About: "Leaves the frequencies and tunes the weights on short windows whose sentences stand far apart, then averages them with the old ones.",
		Also:  "position index transformation, replay, model merging; RoPE's frequencies",
		Dark:  Color{0x8f, 0xb8, 0xa8}, Light: Color{0x3c, 0x6e, 0x5f}, Dash: []float64{6, 2, 6, 6},
	},
	{
		Name: "longskywork", Label: "LongSkywork", Training: true,
		About: "Tunes the weights for NTK-aware scaling on text in which pieces of several tales take turns.",
		Also:  "chunk interleaved pretraining; NTK-aware frequencies",
		Dark:  Color{0x9f, 0xb4, 0xe8}, Light: Color{0x3b, 0x5a, 0xa6}, Dash: []float64{2, 2, 2, 5},
	},
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
