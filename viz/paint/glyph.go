package paint

import (
	"fmt"
	"image"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

const (
	// blankAt is inside the atlas's white corner, which plain shapes sample.
	blankAt    = 2
	blankSize  = 4
	atlasSize  = 1024
	subpixels  = 4
	maxFaces   = 64
	glyphSpace = 1
)

// Style is how a text looks.
type Style struct {
	// Size is the em in CSS pixels.
	Size float64
	// Bold picks the heavier face.
	Bold bool
}

// Typesetter sets text: it rasterises glyphs at the size and quarter pixel they are
// needed at into one atlas. When the atlas is full it starts over with a new Generation.
type Typesetter struct {
	// Atlas is atlasSize² texels; Dirty bounds what changed since the owner last cleared it.
	Atlas Texture
	Dirty image.Rectangle
	// Generation changes when glyphs have moved: lists made before are void.
	Generation int

	fonts   [2]*sfnt.Font
	faces   map[faceKey]font.Face
	glyphs  map[glyphKey]glyph
	x, y, h int // pen of the shelf packer
}

type faceKey struct {
	bold bool
	size fixed.Int26_6
}

type glyphKey struct {
	face faceKey
	r    rune
	sub  uint8
}

type glyph struct {
	x, y, w, h int // in the atlas
	dx, dy     int // from the pen to the top left corner
	advance    fixed.Int26_6
}

// NewTypesetter makes a type from two font files, regular and bold.
func NewTypesetter(regular, bold []byte) (*Typesetter, error) {
	t := &Typesetter{Atlas: Texture{W: atlasSize, H: atlasSize, Pix: make([]byte, 4*atlasSize*atlasSize)}}
	for i, data := range [][]byte{regular, bold} {
		f, err := opentype.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("paint: font %d: %w", i, err)
		}
		t.fonts[i] = f
	}
	t.clear()
	return t, nil
}

func (t *Typesetter) clear() {
	clear(t.Atlas.Pix)
	for y := range blankSize {
		for x := range blankSize {
			copy(t.Atlas.Pix[4*(y*atlasSize+x):], "\xff\xff\xff\xff")
		}
	}
	t.faces, t.glyphs = map[faceKey]font.Face{}, map[glyphKey]glyph{}
	t.x, t.y, t.h = blankSize+glyphSpace, 0, blankSize+glyphSpace
	t.Dirty = image.Rect(0, 0, atlasSize, atlasSize)
	t.Generation++
	t.Atlas.Version++
}

func (t *Typesetter) face(s Style, scale float64) (font.Face, faceKey) {
	key := faceKey{s.Bold, fixed.Int26_6(s.Size*scale*64 + 0.5)}
	if f, ok := t.faces[key]; ok {
		return f, key
	}
	if len(t.faces) >= maxFaces {
		t.clear()
	}
	f := t.fonts[0]
	if s.Bold {
		f = t.fonts[1]
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(key.size) / 64, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		// NewFace fails for no options it is given here.
		panic(err)
	}
	t.faces[key] = face
	return face, key
}

func (t *Typesetter) glyph(face font.Face, key faceKey, r rune, sub uint8) glyph {
	k := glyphKey{key, r, sub}
	if g, ok := t.glyphs[k]; ok {
		return g
	}
	dot := fixed.Point26_6{X: fixed.Int26_6(int(sub) * 64 / subpixels)}
	box, mask, at, advance, ok := face.Glyph(dot, r)
	if !ok {
		box, mask, at, advance, ok = face.Glyph(dot, '·')
	}
	g := glyph{advance: advance}
	if !ok || box.Empty() {
		t.glyphs[k] = g
		return g
	}
	g.w, g.h, g.dx, g.dy = box.Dx(), box.Dy(), box.Min.X, box.Min.Y
	if t.x+g.w+glyphSpace > atlasSize {
		t.x, t.y, t.h = 0, t.y+t.h, 0
	}
	if t.y+g.h+glyphSpace > atlasSize {
		t.clear()
		face, key = t.face(Style{Size: float64(key.size) / 64, Bold: key.bold}, 1)
		return t.glyph(face, key, r, sub)
	}
	g.x, g.y = t.x, t.y
	t.x += g.w + glyphSpace
	t.h = max(t.h, g.h+glyphSpace)
	for y := range g.h {
		for x := range g.w {
			_, _, _, a := mask.At(at.X+x, at.Y+y).RGBA()
			i := 4 * ((g.y+y)*atlasSize + g.x + x)
			v := uint8(a >> 8)
			t.Atlas.Pix[i], t.Atlas.Pix[i+1], t.Atlas.Pix[i+2], t.Atlas.Pix[i+3] = v, v, v, v
		}
	}
	t.Dirty = t.Dirty.Union(image.Rect(g.x, g.y, g.x+g.w, g.y+g.h))
	t.Atlas.Version++
	t.glyphs[k] = g
	return g
}

// Measure is the width of text in CSS pixels.
func (l *List) Measure(text string, s Style) float64 { return l.measure(view(text), s) }

func (l *List) measure(text []byte, s Style) float64 {
	face, key := l.Type.face(s, l.Scale)
	var w fixed.Int26_6
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		w += l.Type.glyph(face, key, r, 0).advance
	}
	return float64(w) / 64 / l.Scale
}

// Text draws text with its baseline at y. align 0 starts it at x, 0.5 centres it there, 1 ends it there.
// It returns the width.
func (l *List) Text(x, y float64, text string, s Style, align float64, c Color) float64 {
	return l.text(x, y, view(text), s, align, c)
}

func (l *List) text(x, y float64, text []byte, s Style, align float64, c Color) float64 {
	width := l.measure(text, s)
	if l.Boxes != nil && len(text) > 0 {
		*l.Boxes = append(*l.Boxes, Box{string(text), Rect{x - align*width, y - 0.72*s.Size, width, 0.72 * s.Size}})
	}
	if l.Vector != nil {
		l.Vector.text(x, y, width, string(text), s, align, c)
		return width
	}
	face, key := l.Type.face(s, l.Scale)
	pen := fixed.Int26_6((x - align*width) * l.Scale * 64)
	base := int(y*l.Scale + 0.5)
	i := l.begin(nil)
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		at := pen + 64/(2*subpixels)
		g := l.Type.glyph(face, key, r, uint8(at&63)*subpixels/64)
		pen += g.advance
		if g.w == 0 {
			continue
		}
		x0, y0 := float32(at.Floor()+g.dx), float32(base+g.dy)
		for k := range 4 {
			u, v := float32(k&1*g.w), float32(k>>1*g.h)
			l.Vertices = append(l.Vertices, Vertex{
				DstX: x0 + u, DstY: y0 + v, SrcX: float32(g.x) + u, SrcY: float32(g.y) + v,
				ColorR: c.R * c.A, ColorG: c.G * c.A, ColorB: c.B * c.A, ColorA: c.A,
			})
		}
		l.index(i, i+1, i+3, i, i+3, i+2)
		i += 4
	}
	return width
}

// view reads a string as bytes without copying it.
func view(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
