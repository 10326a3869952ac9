package screen

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"clexlab/viz"
	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// Image is where triangles are drawn, and what they are drawn from.
type Image interface {
	Size() image.Point
	// Sub is the part of it within r; drawing on it is clipped to r.
	Sub(r image.Rectangle) Image
	// Triangles draws triangles with the texels of source. Colours are premultiplied.
	Triangles(vertices []paint.Vertex, indices []uint32, source Image)
	// Copy replaces its pixels by those of another one of its size.
	Copy(from Image)
	// Write and Read move pixels, RGBA, premultiplied.
	Write(pixels []byte)
	Read(pixels []byte)
	// Free gives its memory back.
	Free()
}

// Make makes an empty image. One that is alone shares no texture with others.
type Make func(size image.Point, alone bool) Image

// maxPicture bounds a picture to be saved, in device pixels of a side.
const maxPicture = 8192

// Screen shows a View.
type Screen struct {
	// View is what is shown.
	View *viz.View
	// Scale is device pixels per CSS pixel.
	Scale float64

	make       Make
	kind       *paint.Typesetter
	backList   paint.List
	frontList  paint.List
	measure    paint.List
	back       Image
	atlas      Image
	version    int
	textures   map[*paint.Texture]*texture
	width      int
	height     int
	generation int
	patch      []byte
	jobs       []job
}

type texture struct {
	image   Image
	version int
}

type job struct {
	scene         scene.Name
	caption       []string
	width, height float64
	scale         float64
	done          func([]byte, error)
}

// New makes a screen of v with text set by kind, on images of make.
func New(v *viz.View, kind *paint.Typesetter, scale float64, make Make) *Screen {
	s := &Screen{View: v, Scale: scale, make: make, kind: kind, textures: map[*paint.Texture]*texture{}}
	for _, l := range []*paint.List{&s.backList, &s.frontList, &s.measure} {
		l.Type = kind
		l.Reset(scale)
	}
	return s
}

// Layout takes a size in CSS pixels and returns that of the drawing buffer, pixel for pixel.
func (s *Screen) Layout(width, height int) (int, int) {
	s.width, s.height = int(float64(width)*s.Scale), int(float64(height)*s.Scale)
	s.View.Resize(float64(width), float64(height), &s.measure)
	return max(s.width, 1), max(s.height, 1)
}

// Draw paints a frame. With nothing new it draws nothing, and the last picture stays.
func (s *Screen) Draw(screen Image) {
	for _, j := range s.jobs {
		j.done(s.render(j))
	}
	s.jobs = s.jobs[:0]
	size := image.Pt(max(s.width, 1), max(s.height, 1))
	fresh := s.back == nil || s.back.Size() != size
	back, front := s.View.Stale()
	if !fresh && !front && s.generation == s.kind.Generation {
		return
	}
	if fresh {
		if s.back != nil {
			s.back.Free()
		}
		s.back = s.make(size, false)
	}
	// Glyphs that move while a list is written would leave it with the wrong letters: write it again.
	for range 2 {
		if fresh || back || s.generation != s.kind.Generation {
			s.backList.Reset(s.Scale)
			s.View.DrawBack(&s.backList)
			back = true
		}
		s.frontList.Reset(s.Scale)
		s.View.DrawFront(&s.frontList)
		if s.generation == s.kind.Generation {
			break
		}
		s.generation = s.kind.Generation
	}
	if fresh || back {
		s.paint(s.back, &s.backList)
	}
	screen.Copy(s.back)
	s.paint(screen, &s.frontList)
	s.View.Painted()
}

// paint draws a list onto an image.
func (s *Screen) paint(dst Image, l *paint.List) {
	s.upload()
	if len(l.Vertices) == 0 {
		return
	}
	for _, op := range l.Ops {
		to := dst
		if op.Clipped {
			to = dst.Sub(image.Rect(op.Clip[0], op.Clip[1], op.Clip[2], op.Clip[3]))
		}
		// Each operation's vertices are a run of their own: indices are made relative to it in place.
		indices := l.Indices[op.First : op.First+op.Count]
		if len(indices) == 0 {
			continue
		}
		low, high := bounds(indices)
		if low > 0 {
			for k := range indices {
				indices[k] -= low
			}
		}
		source := s.atlas
		if op.Texture != nil {
			source = s.texture(op.Texture)
		}
		to.Triangles(l.Vertices[low:high+1], indices, source)
	}
}

func bounds(indices []uint32) (low, high uint32) {
	low, high = indices[0], indices[0]
	for _, i := range indices {
		low, high = min(low, i), max(high, i)
	}
	return low, high
}

// upload brings ebiten's copy of the glyph atlas up to date.
func (s *Screen) upload() {
	a := &s.kind.Atlas
	if s.atlas == nil {
		s.atlas = s.make(image.Pt(a.W, a.H), true)
	}
	if s.version == a.Version {
		return
	}
	s.version = a.Version
	// Only what is new: the whole atlas is four megabytes, and a drag meets new digits.
	d := s.kind.Dirty.Intersect(image.Rect(0, 0, a.W, a.H))
	s.patch = s.patch[:0]
	for y := d.Min.Y; y < d.Max.Y; y++ {
		s.patch = append(s.patch, a.Pix[4*(y*a.W+d.Min.X):4*(y*a.W+d.Max.X)]...)
	}
	if !d.Empty() {
		s.atlas.Sub(d).Write(s.patch)
	}
	s.kind.Dirty = image.Rectangle{}
}

func (s *Screen) texture(t *paint.Texture) Image {
	have := s.textures[t]
	if have == nil || have.image.Size() != image.Pt(t.W, t.H) {
		if have != nil {
			have.image.Free()
		}
		have = &texture{image: s.make(image.Pt(t.W, t.H), true), version: -1}
		s.textures[t] = have
	}
	if have.version != t.Version {
		have.image.Write(t.Pix)
		have.version = t.Version
	}
	return have.image
}

// Picture asks for a scene as PNG; done is called from the next frame.
func (s *Screen) Picture(name scene.Name, caption []string, width, height, scale float64, done func([]byte, error)) {
	w, h := s.View.Size()
	if width == 0 || height == 0 {
		width, height = w, h
	}
	if scale == 0 {
		scale = 2
	}
	if !(width >= 1 && height >= 1 && scale > 0 && width*scale <= maxPicture && height*scale <= maxPicture) {
		done(nil, fmt.Errorf("screen: a picture of %v × %v at %v pixels each: want at most %d a side", width, height, scale, maxPicture))
		return
	}
	s.jobs = append(s.jobs, job{name, caption, width, height, scale, done})
}

func (s *Screen) render(j job) ([]byte, error) {
	l := &paint.List{Type: s.kind}
	restore := func() {}
	for range 2 {
		before := s.kind.Generation
		l.Reset(j.scale)
		restore = s.View.DrawScene(j.scene, j.width, j.height, j.caption, l)
		if before == s.kind.Generation {
			break
		}
	}
	defer func() { restore() }()
	size := image.Rect(0, 0, int(j.width*j.scale), int((j.height+s.View.CaptionHeight(l, j.caption, j.width))*j.scale))
	target := s.make(size.Max, true)
	defer target.Free()
	s.paint(target, l)
	picture := image.NewRGBA(size)
	target.Read(picture.Pix)
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&out, picture); err != nil {
		return nil, fmt.Errorf("screen: %w", err)
	}
	return out.Bytes(), nil
}
