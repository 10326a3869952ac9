//go:build js && wasm

package screen

import (
	"image"
	"unsafe"

	"github.com/hajimehoshi/ebiten/v2"

	"clexlab/viz/paint"
)

// Vertices of paint are handed to ebiten as they lie: both sizes must agree.
const _ = -(unsafe.Sizeof(paint.Vertex{}) ^ unsafe.Sizeof(ebiten.Vertex{}))

// Game is a Screen as an ebiten game.
type Game struct {
	*Screen
	// Before runs before each frame, for the owner's messages.
	Before func()
}

// Update implements ebiten.Game.
func (g *Game) Update() error {
	if g.Before != nil {
		g.Before()
	}
	return nil
}

// Draw implements ebiten.Game.
func (g *Game) Draw(screen *ebiten.Image) { g.Screen.Draw(ebitenImage{screen}) }

// EbitenImage makes an image of ebiten's.
func EbitenImage(size image.Point, alone bool) Image {
	return ebitenImage{ebiten.NewImageWithOptions(image.Rectangle{Max: size}, &ebiten.NewImageOptions{Unmanaged: alone})}
}

type ebitenImage struct{ *ebiten.Image }

var (
	premultiplied = &ebiten.DrawTrianglesOptions{ColorScaleMode: ebiten.ColorScaleModePremultipliedAlpha}
	replace       = &ebiten.DrawImageOptions{Blend: ebiten.BlendCopy}
)

func (i ebitenImage) Size() image.Point { return i.Bounds().Size() }

func (i ebitenImage) Sub(r image.Rectangle) Image { return ebitenImage{i.SubImage(r).(*ebiten.Image)} }

func (i ebitenImage) Triangles(vertices []paint.Vertex, indices []uint32, source Image) {
	all := unsafe.Slice((*ebiten.Vertex)(unsafe.Pointer(unsafe.SliceData(vertices))), len(vertices))
	i.DrawTriangles32(all, indices, source.(ebitenImage).Image, premultiplied)
}

func (i ebitenImage) Copy(from Image) { i.DrawImage(from.(ebitenImage).Image, replace) }

func (i ebitenImage) Write(pixels []byte) { i.WritePixels(pixels) }

func (i ebitenImage) Read(pixels []byte) { i.ReadPixels(pixels) }

func (i ebitenImage) Free() { i.Deallocate() }
