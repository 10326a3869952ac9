package screen

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"clexlab/assets"
	"clexlab/clex"
	"clexlab/viz"
	"clexlab/viz/fonts"
	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// graphics makes images that keep what is written on them and count what is drawn.
type graphics struct {
	t      *testing.T
	images []*plain
}

// plain is an image of one colour where anything was drawn, or a part of one.
type plain struct {
	*graphics
	pixels    *image.RGBA
	whole     *plain
	triangles int
	written   int // pixels
	copies    int
	freed     bool
}

func (g *graphics) make(size image.Point, _ bool) Image {
	p := &plain{graphics: g, pixels: image.NewRGBA(image.Rectangle{Max: size})}
	p.whole = p
	g.images = append(g.images, p)
	return p
}

func (p *plain) Size() image.Point { return p.pixels.Rect.Size() }
func (p *plain) Sub(r image.Rectangle) Image {
	return &plain{graphics: p.graphics, pixels: p.pixels.SubImage(r).(*image.RGBA), whole: p.whole}
}
func (p *plain) Copy(from Image) {
	if from.Size() != p.Size() {
		p.t.Errorf("an image of %v is copied on one of %v", from.Size(), p.Size())
	}
	p.copies++
}
func (p *plain) Write(pixels []byte) {
	size := p.Size()
	if len(pixels) != 4*size.X*size.Y {
		p.t.Fatalf("%d bytes for %v pixels", len(pixels), size)
	}
	for y := range size.Y {
		copy(p.pixels.Pix[y*p.pixels.Stride:], pixels[4*y*size.X:4*(y+1)*size.X])
	}
	p.whole.written += size.X * size.Y
}
func (p *plain) Read(pixels []byte) { copy(pixels, p.pixels.Pix) }
func (p *plain) Free()              { p.freed = true }
func (p *plain) Triangles(vertices []paint.Vertex, indices []uint32, source Image) {
	from, ok := source.(*plain)
	if !ok || p.whole.freed || from.freed {
		p.t.Fatal("an image that is no more takes part")
	}
	if len(indices)%3 != 0 {
		p.t.Errorf("%d indices", len(indices))
	}
	used := make([]bool, len(vertices))
	for _, i := range indices {
		used[i] = true // panics on what is out of range
	}
	if !used[0] || !used[len(used)-1] {
		p.t.Error("vertices are handed over that no triangle has")
	}
	for _, v := range vertices {
		if size := from.Size(); v.SrcX < 0 || v.SrcY < 0 || int(v.SrcX) > size.X || int(v.SrcY) > size.Y {
			p.t.Fatalf("texel %v, %v of a texture of %v", v.SrcX, v.SrcY, size)
		}
		if at := image.Pt(int(v.DstX), int(v.DstY)); at.In(p.pixels.Rect) {
			p.pixels.Set(at.X, at.Y, color.White)
		}
	}
	p.whole.triangles += len(indices) / 3
}

// shown is a screen with a picture of a model, and where it is drawn.
func shown(t *testing.T, name scene.Name) (*Screen, *graphics, *plain) {
	t.Helper()
	kind, err := paint.NewTypesetter(fonts.Regular, fonts.Bold)
	if err != nil {
		t.Fatal(err)
	}
	v := viz.NewView(nil)
	g := &graphics{t: t}
	s := New(v, kind, 2, g.make)
	var shown []string
	for _, m := range assets.Methods[:3] {
		shown = append(shown, m.Name)
	}
	cells := make([]float32, 4*8*8)
	for _, m := range []any{
		&scene.Model{Rotary: clex.Rotary{HeadDim: 8, Dims: 8, Base: 10000, Window: 256}, TMax: 16, Layers: 2, Heads: 2},
		&scene.State{Scene: name, T: 2, Shown: shown, Active: shown[0], Layer: -1, Head: -1, Token: -1, Theme: "light"},
		&scene.Maps{Method: shown[0], T: 2, Layer: -1, Head: -1, Layers: 2, Heads: 2, QueryTo: 8, KeyTo: 8, Rows: 8, Cols: 8, Max: cells},
	} {
		if err := v.Take(m); err != nil {
			t.Fatal(err)
		}
	}
	if w, h := s.Layout(600, 400); w != 1200 || h != 800 {
		t.Fatalf("a buffer of %d × %d", w, h)
	}
	return s, g, g.make(image.Pt(1200, 800), false).(*plain)
}

// The back layer is painted once, the front one whenever t moves, and with nothing new nothing.
func TestPaintsWhatIsNew(t *testing.T) {
	s, g, on := shown(t, scene.Trajectories)
	s.Draw(on)
	back := g.images[1]
	if back.Size() != on.Size() || back.triangles == 0 || on.triangles == 0 || on.copies != 1 {
		t.Fatalf("back %v with %d triangles, front with %d", back.Size(), back.triangles, on.triangles)
	}
	first, front := back.triangles, on.triangles
	s.Draw(on)
	if on.triangles != front || on.copies != 1 {
		t.Error("a frame with nothing new is painted")
	}
	if err := s.View.Take(&scene.Factor{T: 9, Seq: 1}); err != nil {
		t.Fatal(err)
	}
	s.Draw(on)
	if back.triangles != first || on.triangles <= front || on.copies != 2 {
		t.Errorf("t moved: %d triangles more behind, %d in front", back.triangles-first, on.triangles-front)
	}
	s.Layout(500, 400)
	s.Draw(g.make(image.Pt(1000, 800), false))
	if last := g.images[len(g.images)-1]; !back.freed || last.Size() != image.Pt(1000, 800) || last.triangles == 0 {
		t.Errorf("another size: the old layer is freed: %v, the new one is %v", back.freed, last.Size())
	}
}

// The atlas on the screen is the typesetter's, though only what is new of it travels; a map's
// texture travels once.
func TestTexturesTravelOnce(t *testing.T) {
	s, g, on := shown(t, scene.Attention)
	s.Draw(on)
	atlas, had := s.atlas.(*plain), s.atlas.(*plain).written
	if !bytes.Equal(atlas.pixels.Pix, s.kind.Atlas.Pix) {
		t.Error("the atlas on the screen is not the typesetter's")
	}
	if len(s.textures) == 0 {
		t.Fatal("no map is drawn")
	}
	written := map[*plain]int{}
	for of, have := range s.textures {
		p := have.image.(*plain)
		if p.Size() != image.Pt(of.W, of.H) || p.written != of.W*of.H || !bytes.Equal(p.pixels.Pix, of.Pix) {
			t.Errorf("a texture of %d × %d: %d pixels were written", of.W, of.H, p.written)
		}
		written[p] = p.written
	}
	var l paint.List
	l.Type = s.kind
	l.Reset(2)
	l.Text(0, 0, "☃Ωß", paint.Style{Size: 31}, 0, paint.RGB(1, 2, 3))
	if err := s.View.Take(&scene.Factor{T: 3, Seq: 1}); err != nil {
		t.Fatal(err)
	}
	s.Draw(on)
	if !bytes.Equal(atlas.pixels.Pix, s.kind.Atlas.Pix) {
		t.Error("new letters are missing on the screen")
	}
	if n := atlas.written - had; n == 0 || n > had {
		t.Errorf("for three letters %d pixels travel", n)
	}
	for p, n := range written {
		if p.written != n {
			t.Error("a texture that has not changed travels again")
		}
	}
	if g.images[0] != on {
		t.Fatal("the screen is not the first image")
	}
}

// A picture for a file has its own size, with room for its caption, and leaves the screen as it was.
func TestPicture(t *testing.T) {
	s, g, on := shown(t, scene.Overview)
	s.Draw(on)
	var file []byte
	s.Picture(scene.Spectrum, []string{"a line", "another"}, 300, 200, 3, func(data []byte, err error) {
		if err != nil {
			t.Error(err)
		}
		file = data
	})
	if file != nil {
		t.Fatal("the picture is there before its frame")
	}
	s.Draw(on)
	p, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if want := image.Pt(900, 3*(200+2*16+10)); p.Bounds().Size() != want {
		t.Errorf("a file of %v, want %v", p.Bounds().Size(), want)
	}
	dots := 0
	for y := range p.Bounds().Dy() {
		for x := range p.Bounds().Dx() {
			if _, _, _, a := p.At(x, y).RGBA(); a > 0 {
				dots++
			}
		}
	}
	if dots == 0 {
		t.Error("the file is empty")
	}
	var long []byte
	s.Picture(scene.Spectrum, []string{strings.Repeat("word ", 40)}, 300, 200, 3, func(data []byte, _ error) { long = data })
	s.Draw(on)
	if p, err := png.Decode(bytes.NewReader(long)); err != nil || p.Bounds().Dy() < 3*(200+4*16+10) {
		t.Errorf("a caption of 40 words on 300 pixels has no room: %v, %v", p.Bounds(), err)
	}
	if last := g.images[len(g.images)-1]; !last.freed {
		t.Error("the picture's image stays")
	}
	if w, h := s.View.Size(); w != 600 || h != 400 || s.View.SceneShown() != scene.Overview {
		t.Errorf("the screen has become %s of %v × %v", s.View.SceneShown(), w, h)
	}
	for _, size := range [][3]float64{{-1, 100, 1}, {100, 100, -1}, {5000, 100, 2}, {100, 9000, 1}} {
		var failed error
		s.Picture("", nil, size[0], size[1], size[2], func(_ []byte, err error) { failed = err })
		if failed == nil || !strings.Contains(failed.Error(), "at most 8192") {
			t.Errorf("a picture of %v: %v", size, failed)
		}
	}
	s.Picture("", nil, 0, 0, 0, func(data []byte, err error) { file = data })
	s.Draw(on)
	if c, err := png.DecodeConfig(bytes.NewReader(file)); err != nil || c.Width != 1200 || c.Height != 800 {
		t.Errorf("as on the screen: %d × %d, %v", c.Width, c.Height, err)
	}
}
