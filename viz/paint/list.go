package paint

// Vertex is a corner of a triangle, laid out as ebiten's. Colours are premultiplied.
type Vertex struct {
	DstX, DstY, SrcX, SrcY         float32
	ColorR, ColorG, ColorB, ColorA float32
	// Custom is ebiten's room for shaders.
	Custom [4]float32
}

// Point is a place in CSS pixels.
type Point struct{ X, Y float64 }

// Rect is a rectangle in CSS pixels.
type Rect struct{ X, Y, W, H float64 }

// Contains reports whether p lies in r.
func (r Rect) Contains(p Point) bool {
	return p.X >= r.X && p.X < r.X+r.W && p.Y >= r.Y && p.Y < r.Y+r.H
}

// Inset returns r smaller by d on every side.
func (r Rect) Inset(d float64) Rect {
	return Rect{r.X + d, r.Y + d, max(r.W-2*d, 0), max(r.H-2*d, 0)}
}

// Right and Bottom are the far edges.
func (r Rect) Right() float64 { return r.X + r.W }

// Bottom is the lower edge.
func (r Rect) Bottom() float64 { return r.Y + r.H }

// Texture is a picture of cells that a List draws stretched, such as a heat map.
type Texture struct {
	// W and H are its size in texels.
	W, H int
	// Pix are W·H texels, RGBA, premultiplied.
	Pix []byte
	// Version changes whenever Pix does.
	Version int
}

// Op is a run of triangles with one texture and one clip.
type Op struct {
	// Texture is nil for the glyph atlas.
	Texture *Texture
	// First and Count select indices.
	First, Count int
	// Clip bounds what is drawn, in device pixels: x0, y0, x1, y1. Clipped says that it does.
	Clip    [4]int
	Clipped bool
}

// List is a picture under construction. Reset keeps its storage.
type List struct {
	Vertices []Vertex
	Indices  []uint32
	Ops      []Op
	// Scale is device pixels per CSS pixel.
	Scale float64
	// Type draws the text.
	Type *Typesetter
	// Vector, if not nil, takes the picture in place of triangles.
	Vector *Vector
	// Boxes, if not nil, collects the rectangle of every text drawn, for checks of layouts.
	Boxes *[]Box

	clip    [4]int
	clipped bool
	points  []Point
	label   Label
}

// Box is a text and the rectangle it takes, from the height of its capitals to its baseline.
type Box struct {
	Text string
	Rect Rect
}

// Reset empties the list for a picture at scale device pixels per CSS pixel.
func (l *List) Reset(scale float64) {
	l.Vertices, l.Indices, l.Ops = l.Vertices[:0], l.Indices[:0], l.Ops[:0]
	l.Scale, l.clipped = scale, false
}

// Clip bounds what follows to r, until Unclip.
func (l *List) Clip(r Rect) {
	s := l.Scale
	l.clip = [4]int{int(r.X * s), int(r.Y * s), int(r.Right()*s + 0.999), int(r.Bottom()*s + 0.999)}
	l.clipped = true
	if l.Vector != nil {
		l.Vector.bound(r, true)
	}
}

// Unclip ends Clip.
func (l *List) Unclip() {
	l.clipped = false
	if l.Vector != nil {
		l.Vector.bound(Rect{}, false)
	}
}

// begin opens an operation for texture and returns the index of the next vertex.
func (l *List) begin(t *Texture) uint32 {
	if n := len(l.Ops); n == 0 || l.Ops[n-1].Texture != t || l.Ops[n-1].Clipped != l.clipped || l.clipped && l.Ops[n-1].Clip != l.clip {
		l.Ops = append(l.Ops, Op{Texture: t, First: len(l.Indices), Clip: l.clip, Clipped: l.clipped})
	}
	return uint32(len(l.Vertices))
}

func (l *List) index(i ...uint32) {
	l.Indices = append(l.Indices, i...)
	l.Ops[len(l.Ops)-1].Count += len(i)
}

// vertex adds a corner at device pixels x, y of a plain shape.
func (l *List) vertex(x, y float64, c Color) {
	l.Vertices = append(l.Vertices, Vertex{
		DstX: float32(x), DstY: float32(y), SrcX: blankAt, SrcY: blankAt,
		ColorR: c.R * c.A, ColorG: c.G * c.A, ColorB: c.B * c.A, ColorA: c.A,
	})
}

// Snap moves x to the middle of a device pixel, where a one-pixel line is sharp.
func (l *List) Snap(x float64) float64 { return (float64(int(x*l.Scale)) + 0.5) / l.Scale }

// Pixel is the size of a device pixel.
func (l *List) Pixel() float64 { return 1 / l.Scale }

// Mark is a state of a list to go back to.
type Mark struct{ vertices, indices, ops, count, boxes, vector int }

// Mark remembers what is in the list.
func (l *List) Mark() Mark {
	m := Mark{len(l.Vertices), len(l.Indices), len(l.Ops), 0, 0, 0}
	if l.Vector != nil {
		m.vector = l.Vector.body.Len()
	}
	if l.Boxes != nil {
		m.boxes = len(*l.Boxes)
	}
	if m.ops > 0 {
		m.count = l.Ops[m.ops-1].Count
	}
	return m
}

// Back forgets what was added since m: how a layout measures what it would draw.
func (l *List) Back(m Mark) {
	l.Vertices, l.Indices, l.Ops = l.Vertices[:m.vertices], l.Indices[:m.indices], l.Ops[:m.ops]
	if l.Boxes != nil {
		*l.Boxes = (*l.Boxes)[:m.boxes]
	}
	if l.Vector != nil {
		l.Vector.body.Truncate(m.vector)
	}
	if m.ops > 0 {
		l.Ops[m.ops-1].Count = m.count
	}
}
