//go:build js && wasm

package main

import (
	"fmt"
	"math"
	"syscall/js"

	"github.com/hajimehoshi/ebiten/v2"

	"clexlab/viz/fonts"
	"clexlab/viz/paint"
	"clexlab/viz/scene"
	"clexlab/viz/screen"
	"clexlab/wasm/view/program"
	"clexlab/wasm/wire"
)

// maxScale caps device pixels per CSS pixel: a phone's third pixel costs twice the fragments for what nobody sees.
const maxScale = 2

// frame is the iframe that the program runs in.
type frame struct {
	window, parent js.Value
	origin         string
	*program.Program
}

func main() {
	window := js.Global()
	scale := math.Min(window.Get("devicePixelRatio").Float(), maxScale)
	// Ebiten sizes its buffer by window.devicePixelRatio, which it reads after this.
	property := js.Global().Get("Object").New()
	property.Set("value", scale)
	property.Set("configurable", true)
	js.Global().Get("Object").Call("defineProperty", window, "devicePixelRatio", property)

	f := &frame{window: window, parent: window.Get("parent"), origin: window.Get("location").Get("origin").String()}
	kind, err := paint.NewTypesetter(fonts.Regular, fonts.Bold)
	if err != nil {
		f.post(&scene.Fault{Fatal: true, Text: fmt.Sprintf("the picture's font cannot be read: %v", err)})
		return
	}
	f.Program = program.New(kind, scale, screen.EbitenImage, f.post, wake)
	f.listen()
	f.followType()
	wire.OfferPaper(window, f.Paper)

	ebiten.SetScreenClearedEveryFrame(false)
	//lint:ignore SA1019 the only means to draw on demand, and ebiten keeps it
	ebiten.SetFPSMode(ebiten.FPSModeVsyncOffMinimum)
	f.post(&scene.Hello{})
	game := &screen.Game{Screen: f.Screen, Before: f.BeforeFrame}
	if err := ebiten.RunGameWithOptions(game, &ebiten.RunGameOptions{InitUnfocused: true}); err != nil {
		f.Fault(0, true, fmt.Errorf("the picture cannot be drawn: %w; check that WebGL is switched on in this browser", err))
	}
}

func (f *frame) post(m any) {
	if err := wire.Post(f.parent, f.origin, m); err != nil {
		js.Global().Get("console").Call("error", err.Error())
	}
}

func wake() {
	//lint:ignore SA1019 belongs to FPSModeVsyncOffMinimum
	ebiten.ScheduleFrame()
}

// receive hears the page. It brings a port to the worker that measures, whose maps come
// straight from there.
func (f *frame) receive(event js.Value) {
	ours := event.Get("source").Equal(f.parent) && event.Get("origin").String() == f.origin
	if port, ok := wire.ReadPort(event); ok && ours {
		wire.ListenMaps(port, f.Take)
		return
	}
	if m, err := wire.Read(event, f.parent, f.origin); m != nil || err != nil {
		f.Take(m, err)
	}
}
