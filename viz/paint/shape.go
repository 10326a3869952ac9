package paint

import "math"

// Fill fills r.
func (l *List) Fill(r Rect, c Color) { l.Gradient(r, c, c) }

// Gradient fills r with colours from top to bottom.
func (l *List) Gradient(r Rect, top, bottom Color) {
	if r.W <= 0 || r.H <= 0 {
		return
	}
	if l.Vector != nil {
		if top == bottom {
			l.Vector.rect(r, 0, top)
		} else {
			l.Vector.gradient(r, top, bottom)
		}
		return
	}
	s := l.Scale
	i := l.begin(nil)
	l.vertex(r.X*s, r.Y*s, top)
	l.vertex(r.Right()*s, r.Y*s, top)
	l.vertex(r.Right()*s, r.Bottom()*s, bottom)
	l.vertex(r.X*s, r.Bottom()*s, bottom)
	l.index(i, i+1, i+2, i, i+2, i+3)
}

// Frame draws the outline of r, width CSS pixels inside it.
func (l *List) Frame(r Rect, width float64, c Color) {
	l.Fill(Rect{r.X, r.Y, r.W, width}, c)
	l.Fill(Rect{r.X, r.Bottom() - width, r.W, width}, c)
	l.Fill(Rect{r.X, r.Y + width, width, r.H - 2*width}, c)
	l.Fill(Rect{r.Right() - width, r.Y + width, width, r.H - 2*width}, c)
}

// Hairline draws a sharp line of one device pixel, horizontal or vertical.
func (l *List) Hairline(a, b Point, c Color) {
	px := l.Pixel()
	at := func(x float64) float64 { return math.Floor(x*l.Scale) / l.Scale }
	if a.Y == b.Y {
		l.Fill(Rect{min(a.X, b.X), at(a.Y), math.Abs(b.X - a.X), px}, c)
		return
	}
	l.Fill(Rect{at(a.X), min(a.Y, b.Y), px, math.Abs(b.Y - a.Y)}, c)
}

// Disc fills a circle.
func (l *List) Disc(at Point, radius float64, c Color) { l.Sector(at, radius, 0, 2*math.Pi, c) }

// Sector fills the part of a circle from angle from to angle to, in radians, clockwise on the screen from
// the right. A whole turn is a disc.
func (l *List) Sector(at Point, radius, from, to float64, c Color) {
	r := radius * l.Scale
	if r <= 0 || to <= from {
		return
	}
	if l.Vector != nil {
		l.Vector.sector(at, radius, from, to, c)
		return
	}
	n := max(int(math.Ceil((to-from)/(2*math.Pi)*min(8+3*r, 96))), 2)
	x, y := at.X*l.Scale, at.Y*l.Scale
	inner, outer := max(r-0.5, 0), r+0.5
	clear := c.Alpha(0)
	i := l.begin(nil)
	l.vertex(x, y, c)
	for k := range n + 1 {
		sin, cos := math.Sincos(from + (to-from)*float64(k)/float64(n))
		l.vertex(x+inner*cos, y+inner*sin, c)
		l.vertex(x+outer*cos, y+outer*sin, clear)
	}
	for k := range uint32(n) {
		a := i + 1 + 2*k
		l.index(i, a, a+2, a, a+1, a+3, a, a+3, a+2)
	}
}

// Ring draws the outline of a circle.
func (l *List) Ring(at Point, radius, width float64, c Color) {
	l.Arc(at, radius, width, 0, 2*math.Pi, c)
}

// Arc draws a part of the outline of a circle; angles as for Sector.
func (l *List) Arc(at Point, radius, width, from, to float64, c Color) {
	n := max(int(math.Ceil(math.Abs(to-from)/(2*math.Pi)*min(12+4*radius*l.Scale, 128))), 2)
	l.points = l.points[:0]
	for k := range n + 1 {
		sin, cos := math.Sincos(from + (to-from)*float64(k)/float64(n))
		l.points = append(l.points, Point{at.X + radius*cos, at.Y + radius*sin})
	}
	l.Line(l.points, width, c)
}

// Round fills r with round corners.
func (l *List) Round(r Rect, radius float64, c Color) {
	radius = min(radius, r.W/2, r.H/2)
	if l.Vector != nil {
		l.Vector.rect(r, radius, c)
		return
	}
	s := l.Scale
	const arc = 6
	clear := c.Alpha(0)
	i := l.begin(nil)
	l.vertex((r.X+r.W/2)*s, (r.Y+r.H/2)*s, c)
	corners := [4]Point{
		{r.Right() - radius, r.Bottom() - radius}, {r.X + radius, r.Bottom() - radius},
		{r.X + radius, r.Y + radius}, {r.Right() - radius, r.Y + radius},
	}
	n := uint32(0)
	for q, p := range corners {
		for k := range arc + 1 {
			sin, cos := math.Sincos(math.Pi / 2 * (float64(q) + float64(k)/arc))
			in, out := radius*s-0.5, radius*s+0.5
			l.vertex(p.X*s+in*cos, p.Y*s+in*sin, c)
			l.vertex(p.X*s+out*cos, p.Y*s+out*sin, clear)
			n++
		}
	}
	for k := range n {
		a, b := i+1+2*k, i+1+2*((k+1)%n)
		l.index(i, a, b, a, a+1, b+1, a, b+1, b)
	}
}

// Triangle fills a triangle without feathering.
func (l *List) Triangle(a, b, d Point, c Color) {
	if l.Vector != nil {
		l.Vector.add(`<polygon points="%s,%s %s,%s %s,%s" %s`, short(a.X), short(a.Y), short(b.X), short(b.Y), short(d.X), short(d.Y), ink("fill", c))
		return
	}
	s := l.Scale
	i := l.begin(nil)
	l.vertex(a.X*s, a.Y*s, c)
	l.vertex(b.X*s, b.Y*s, c)
	l.vertex(d.X*s, d.Y*s, c)
	l.index(i, i+1, i+2)
}

// Image stretches the part of t that starts at texel (u, v) and is w × h texels over r.
func (l *List) Image(t *Texture, r Rect, u, v, w, h float64, tint Color) {
	if t.W == 0 || t.H == 0 || r.W <= 0 || r.H <= 0 {
		return
	}
	if l.Vector != nil {
		l.Vector.image(t, r, u, v, w, h)
		return
	}
	s := l.Scale
	i := l.begin(t)
	at := func(x, y, u, v float64) {
		l.Vertices = append(l.Vertices, Vertex{
			DstX: float32(x * s), DstY: float32(y * s), SrcX: float32(u), SrcY: float32(v),
			ColorR: tint.R * tint.A, ColorG: tint.G * tint.A, ColorB: tint.B * tint.A, ColorA: tint.A,
		})
	}
	at(r.X, r.Y, u, v)
	at(r.Right(), r.Y, u+w, v)
	at(r.Right(), r.Bottom(), u+w, v+h)
	at(r.X, r.Bottom(), u, v+h)
	l.index(i, i+1, i+2, i, i+2, i+3)
}
