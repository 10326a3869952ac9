package viz

import (
	"clexlab/assets"
	"clexlab/viz/colormap"
	"clexlab/viz/paint"
)

// theme holds the colours of a picture and the size of its labels.
type theme struct {
	Dark                                 bool
	Background, Ink, Muted, Grid, Accent paint.Color
	FontSize                             float64
	// Scale is how much larger than usual the reader has words, 1 or more.
	Scale float64
	// usual is FontSize at a Scale of 1.
	usual float64
}

// Sizes of labels in CSS pixels: on a desk, and for the last row of a room.
const (
	usualType = 12
	largeType = 17
)

// themeOf takes the colours of package assets.
func themeOf(dark, large bool) theme {
	g := assets.GroundOf(dark)
	t := theme{Dark: dark, Background: colorOf(g.Background), Ink: colorOf(g.Ink), Muted: colorOf(g.Muted), Grid: colorOf(g.Grid),
		Accent: colorOf(assets.Methods[0].Color(dark)), usual: usualType}
	if large {
		t.usual = largeType
	}
	return t.scaled(1)
}

// scaled is the theme with words so much larger than usual.
func (t theme) scaled(by float64) theme {
	t.Scale, t.FontSize = by, by*t.usual
	return t
}

// px is a distance from or between words that is v CSS pixels at the usual size.
func (t theme) px(v float64) float64 { return v * t.Scale }

func (t theme) label() paint.Style { return paint.Style{Size: t.FontSize} }
func (t theme) small() paint.Style { return paint.Style{Size: t.FontSize - t.px(1)} }
func (t theme) title() paint.Style { return paint.Style{Size: t.FontSize + t.px(2), Bold: true} }
func (t theme) bold() paint.Style  { return paint.Style{Size: t.FontSize, Bold: true} }

// halfCap is half the height of capitals and digits of a label, from the middle of a line down to its baseline: that of one
// type at size FontSize is 0.36 of it, of small type 0.33.
func (t theme) halfCap() float64 { return 0.35 * t.FontSize }

// raised is the ground of cards and badges.
func (t theme) raised() paint.Color {
	if t.Dark {
		return t.Background.Mix(paint.RGB(255, 255, 255), 0.07)
	}
	return paint.RGB(255, 255, 255)
}

// pairColor is the colour of rotary pair i of n: fast pairs light on dark ground, dark on light ground, so that
// all keep their contrast.
func (t theme) pairColor(i, n int) paint.Color {
	s := 0.0
	if n > 1 {
		s = float64(i) / float64(n-1)
	}
	if t.Dark {
		return at(pairMap, 1-0.68*s)
	}
	return at(pairMap, 0.02+0.66*s)
}

// pairMap colours the pairs from fast to slow.
var pairMap = colormap.Viridis

func at(m *colormap.Map, v float64) paint.Color {
	c := m.At(v)
	return paint.RGB(c[0], c[1], c[2])
}

// heat is the colour map of weights and shares.
func (w *world) heat() *colormap.Map {
	if w.theme.Dark {
		return colormap.Night
	}
	return colormap.Day
}
