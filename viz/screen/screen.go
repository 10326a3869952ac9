//go:build js && wasm

package screen

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"time"
	"unsafe"

	"github.com/hajimehoshi/ebiten/v2"

	"clexlab/viz"
	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// Vertices of paint are handed to ebiten as they lie: both sizes must agree.
const _ = -(unsafe.Sizeof(paint.Vertex{}) ^ unsafe.Sizeof(ebiten.Vertex{}))

// maxPicture bounds a picture to be saved, in device pixels of a side.
const maxPicture = 8192

// Game is a View as an ebiten game.
type Game struct {
	// View is what is shown.
	View *viz.View
	// Scale is device pixels per CSS pixel.
	Scale float64
	// Before runs before each frame, for the owner's messages.
	Before func()
	// Frames counts frames drawn; Last is our share of the last one and Worst that of the slowest.
	Frames      int
	Last, Worst time.Duration

	kind       *paint.Typesetter
	backList   paint.List
	frontList  paint.List
	measure    paint.List
	back       *ebiten.Image
	atlas      *ebiten.Image
	version    int
	textures   map[*paint.Texture]*texture
	width      int
	height     int
	generation int
	patch      []byte
	jobs       []job
	options    ebiten.DrawTrianglesOptions
}

type texture struct {
	image   *ebiten.Image
	version int
}

type job struct {
	scene         scene.Name
	caption       []string
	width, height float64
	scale         float64
	done          func([]byte, error)
}

// New makes a game of v with text set by kind.
func New(v *viz.View, kind *paint.Typesetter, scale float64) *Game {
	g := &Game{View: v, Scale: scale, kind: kind, textures: map[*paint.Texture]*texture{}}
	g.options.ColorScaleMode = ebiten.ColorScaleModePremultipliedAlpha
	for _, l := range []*paint.List{&g.backList, &g.frontList, &g.measure} {
		l.Type = kind
		l.Reset(scale)
	}
	return g
}

// Layout implements ebiten.Game: the screen is the drawing buffer, pixel for pixel.
func (g *Game) Layout(width, height int) (int, int) {
	g.width, g.height = int(float64(width)*g.Scale), int(float64(height)*g.Scale)
	g.View.Resize(float64(width), float64(height), &g.measure)
	return max(g.width, 1), max(g.height, 1)
}

// Update implements ebiten.Game.
func (g *Game) Update() error {
	if g.Before != nil {
		g.Before()
	}
	return nil
}

// Draw implements ebiten.Game. With nothing new it draws nothing, and the last picture stays.
func (g *Game) Draw(screen *ebiten.Image) {
	for _, j := range g.jobs {
		j.done(g.render(j))
	}
	g.jobs = g.jobs[:0]
	size := image.Pt(max(g.width, 1), max(g.height, 1))
	fresh := g.back == nil || g.back.Bounds().Size() != size
	back, front := g.View.Stale()
	if !fresh && !front && g.generation == g.kind.Generation {
		return
	}
	begun := time.Now()
	if fresh {
		if g.back != nil {
			g.back.Deallocate()
		}
		g.back = ebiten.NewImage(size.X, size.Y)
	}
	// Glyphs that move while a list is written would leave it with the wrong letters: write it again.
	for range 2 {
		if fresh || back || g.generation != g.kind.Generation {
			g.backList.Reset(g.Scale)
			g.View.DrawBack(&g.backList)
			back = true
		}
		g.frontList.Reset(g.Scale)
		g.View.DrawFront(&g.frontList)
		if g.generation == g.kind.Generation {
			break
		}
		g.generation = g.kind.Generation
	}
	if fresh || back {
		g.paint(g.back, &g.backList)
	}
	screen.DrawImage(g.back, &ebiten.DrawImageOptions{Blend: ebiten.BlendCopy})
	g.paint(screen, &g.frontList)
	g.View.Painted()
	g.Frames++
	g.Last = time.Since(begun)
	g.Worst = max(g.Worst, g.Last)
}

// paint draws a list onto an image.
func (g *Game) paint(dst *ebiten.Image, l *paint.List) {
	g.upload()
	if len(l.Vertices) == 0 {
		return
	}
	all := unsafe.Slice((*ebiten.Vertex)(unsafe.Pointer(unsafe.SliceData(l.Vertices))), len(l.Vertices))
	for _, op := range l.Ops {
		to := dst
		if op.Clipped {
			to = dst.SubImage(image.Rect(op.Clip[0], op.Clip[1], op.Clip[2], op.Clip[3])).(*ebiten.Image)
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
		source := g.atlas
		if op.Texture != nil {
			source = g.texture(op.Texture)
		}
		to.DrawTriangles32(all[low:high+1], indices, source, &g.options)
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
func (g *Game) upload() {
	a := &g.kind.Atlas
	if g.atlas == nil {
		g.atlas = ebiten.NewImageWithOptions(image.Rect(0, 0, a.W, a.H), &ebiten.NewImageOptions{Unmanaged: true})
	}
	if g.version == a.Version {
		return
	}
	g.version = a.Version
	// Only what is new: the whole atlas is four megabytes, and a drag meets new digits.
	d := g.kind.Dirty.Intersect(image.Rect(0, 0, a.W, a.H))
	g.patch = g.patch[:0]
	for y := d.Min.Y; y < d.Max.Y; y++ {
		g.patch = append(g.patch, a.Pix[4*(y*a.W+d.Min.X):4*(y*a.W+d.Max.X)]...)
	}
	if !d.Empty() {
		g.atlas.SubImage(d).(*ebiten.Image).WritePixels(g.patch)
	}
	g.kind.Dirty = image.Rectangle{}
}

func (g *Game) texture(t *paint.Texture) *ebiten.Image {
	have := g.textures[t]
	if have == nil || have.image.Bounds().Dx() != t.W || have.image.Bounds().Dy() != t.H {
		if have != nil {
			have.image.Deallocate()
		}
		have = &texture{image: ebiten.NewImageWithOptions(image.Rect(0, 0, t.W, t.H), &ebiten.NewImageOptions{Unmanaged: true}), version: -1}
		g.textures[t] = have
	}
	if have.version != t.Version {
		have.image.WritePixels(t.Pix)
		have.version = t.Version
	}
	return have.image
}

// Picture asks for a scene as PNG; done is called from the next frame.
func (g *Game) Picture(name scene.Name, caption []string, width, height, scale float64, done func([]byte, error)) {
	w, h := g.View.Size()
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
	g.jobs = append(g.jobs, job{name, caption, width, height, scale, done})
}

func (g *Game) render(j job) ([]byte, error) {
	l := &paint.List{Type: g.kind}
	restore := func() {}
	for range 2 {
		before := g.kind.Generation
		l.Reset(j.scale)
		restore = g.View.DrawScene(j.scene, j.width, j.height, j.caption, l)
		if before == g.kind.Generation {
			break
		}
	}
	defer func() { restore() }()
	size := image.Rect(0, 0, int(j.width*j.scale), int((j.height+viz.CaptionHeight(len(j.caption)))*j.scale))
	target := ebiten.NewImageWithOptions(size, &ebiten.NewImageOptions{Unmanaged: true})
	defer target.Deallocate()
	g.paint(target, l)
	picture := image.NewRGBA(size)
	target.ReadPixels(picture.Pix)
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&out, picture); err != nil {
		return nil, fmt.Errorf("screen: %w", err)
	}
	return out.Bytes(), nil
}
