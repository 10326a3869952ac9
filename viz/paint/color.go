package paint

import (
	"fmt"
	"strconv"
)

// Color is sRGB with straight alpha, 0 … 1 each.
type Color struct{ R, G, B, A float32 }

// ParseColor reads "#rrggbb".
func ParseColor(s string) (Color, error) {
	if len(s) != 7 || s[0] != '#' {
		return Color{}, fmt.Errorf("paint: colour %q: want #rrggbb", s)
	}
	v, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return Color{}, fmt.Errorf("paint: colour %q: want #rrggbb", s)
	}
	return RGB(uint8(v>>16), uint8(v>>8), uint8(v)), nil
}

// RGB is an opaque colour of 8 bits a channel.
func RGB(r, g, b uint8) Color {
	return Color{float32(r) / 255, float32(g) / 255, float32(b) / 255, 1}
}

// Alpha returns c with its alpha multiplied by a.
func (c Color) Alpha(a float64) Color {
	c.A *= float32(a)
	return c
}

// Mix returns the colour a share s of the way from c to d.
func (c Color) Mix(d Color, s float64) Color {
	f := float32(min(max(s, 0), 1))
	return Color{c.R + (d.R-c.R)*f, c.G + (d.G-c.G)*f, c.B + (d.B-c.B)*f, c.A + (d.A-c.A)*f}
}
