package brand

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"

	"clexlab/assets"
)

// The mark lives on a square of 512 units.
const unit = 512

type point struct{ x, y float64 }

// curve is a cubic Bézier stroke: one frequency on its way down as t grows.
type curve struct {
	p      [4]point
	width  float64
	colour color.RGBA
}

var (
	ground = opaque(assets.DarkGround.Background)
	slate  = color.RGBA{0x5d, 0x6b, 0x7c, 0xff}
	accent = opaque(assets.Methods[0].Dark)
	paper  = color.RGBA{0xf6, 0xf2, 0xe9, 0xff}
)

func opaque(c assets.Color) color.RGBA { return color.RGBA{c.R, c.G, c.B, 0xff} }

// cursor is where the vertical line of t stands, and the dot on the accented curve.
const cursor = 330.0

// accented is the trajectory in the accent's colour.
const accented = 2

// curves returns the strokes from the fastest pair (hardly moves) to the slowest.
func curves() []curve {
	var cs []curve
	for i := range 4 {
		y := 132 + 54*float64(i)
		drop := 10 + 46*float64(i)
		c := curve{width: 16, colour: slate, p: [4]point{
			{92, y}, {170, y + 0.72*drop}, {290, y + 0.94*drop}, {420, y + drop},
		}}
		if i == accented {
			c.width, c.colour = 26, accent
		}
		cs = append(cs, c)
	}
	return cs
}

// at evaluates the Bézier at u in [0, 1].
func (c curve) at(u float64) point {
	v := 1 - u
	w := [4]float64{v * v * v, 3 * v * v * u, 3 * v * u * u, u * u * u}
	var q point
	for i, p := range c.p {
		q.x += w[i] * p.x
		q.y += w[i] * p.y
	}
	return q
}

// crossing is the point of the curve at x, found by bisection: x grows with u.
func (c curve) crossing(x float64) point {
	lo, hi := 0.0, 1.0
	for range 40 {
		mid := (lo + hi) / 2
		if c.at(mid).x < x {
			lo = mid
		} else {
			hi = mid
		}
	}
	return c.at(lo)
}

// SVG returns the mark as a standalone SVG document.
func SVG() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d">`+"\n", unit, unit)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="112" fill="%s"/>`+"\n", unit, unit, hex(ground))
	fmt.Fprintf(&b, `<path d="M%g 92V420" stroke="%s" stroke-width="8" stroke-linecap="round" opacity=".55"/>`+"\n", cursor, hex(paper))
	for _, c := range curves() {
		fmt.Fprintf(&b, `<path d="M%g %gC%g %g %g %g %g %g" fill="none" stroke="%s" stroke-width="%g" stroke-linecap="round"/>`+"\n",
			c.p[0].x, c.p[0].y, c.p[1].x, c.p[1].y, c.p[2].x, c.p[2].y, c.p[3].x, c.p[3].y, hex(c.colour), c.width)
	}
	dot := curves()[accented].crossing(cursor)
	fmt.Fprintf(&b, `<circle cx="%g" cy="%.1f" r="32" fill="%s" stroke="%s" stroke-width="12"/>`+"\n</svg>\n", dot.x, dot.y, hex(paper), hex(ground))
	return b.String()
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// PNG returns the mark as size×size pixels. A maskable icon fills the whole
// square and keeps the drawing inside the safe circle of 80 % (W3C manifest).
func PNG(size int, maskable bool) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	zoom := 1.0
	if maskable {
		zoom = 0.8
	}
	px := unit / float64(size) / zoom // units per pixel
	cs := curves()
	flat := make([][]point, len(cs))
	for i, c := range cs {
		for k := range 49 {
			flat[i] = append(flat[i], c.at(float64(k)/48))
		}
	}
	dot := cs[accented].crossing(cursor)
	for y := range size {
		for x := range size {
			p := point{
				(float64(x)+0.5-float64(size)/2)*px + unit/2,
				(float64(y)+0.5-float64(size)/2)*px + unit/2,
			}
			var out color.RGBA
			if maskable {
				out = ground
			} else {
				out = over(out, ground, cover(roundedSquare(p, 112), px))
			}
			out = over(out, paper, 0.55*cover(distance(p, point{cursor, 92}, point{cursor, 420})-4, px))
			for i, c := range cs {
				d := math.Inf(1)
				for k := 1; k < len(flat[i]); k++ {
					d = min(d, distance(p, flat[i][k-1], flat[i][k]))
				}
				out = over(out, c.colour, cover(d-c.width/2, px))
			}
			r := math.Hypot(p.x-dot.x, p.y-dot.y)
			out = over(out, ground, cover(r-38, px))
			out = over(out, paper, cover(r-26, px))
			img.SetRGBA(x, y, out)
		}
	}
	return img
}

// cover turns a signed distance in units (negative inside) into pixel coverage.
func cover(d, px float64) float64 { return min(1, max(0, 0.5-d/px)) }

// roundedSquare is the signed distance to the full square with corner radius r.
func roundedSquare(p point, r float64) float64 {
	qx := math.Abs(p.x-unit/2) - (unit/2 - r)
	qy := math.Abs(p.y-unit/2) - (unit/2 - r)
	return math.Hypot(max(qx, 0), max(qy, 0)) + min(max(qx, qy), 0) - r
}

// distance is how far p is from the segment ab.
func distance(p, a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	u := ((p.x-a.x)*dx + (p.y-a.y)*dy) / (dx*dx + dy*dy)
	u = min(1, max(0, u))
	return math.Hypot(p.x-a.x-u*dx, p.y-a.y-u*dy)
}

// over lays src with the given coverage on premultiplied dst.
func over(dst, src color.RGBA, coverage float64) color.RGBA {
	mix := func(d, s uint8) uint8 {
		return uint8(math.Round(float64(d)*(1-coverage) + float64(s)*coverage))
	}
	return color.RGBA{mix(dst.R, src.R), mix(dst.G, src.G), mix(dst.B, src.B), mix(dst.A, 255)}
}
