//go:build js && wasm

package main

import (
	"fmt"
	"syscall/js"

	"clexlab/viz/paint"
	"clexlab/viz/scene"
)

// listen hears the page's messages and the frame's pointers and keys.
func (f *frame) listen() {
	on := func(name string, passive bool, do func(js.Value)) {
		options := js.Global().Get("Object").New()
		options.Set("capture", true)
		options.Set("passive", passive)
		f.window.Call("addEventListener", name, js.FuncOf(func(_ js.Value, args []js.Value) any {
			do(args[0])
			return nil
		}), options)
	}
	on("message", true, f.receive)
	// A canvas of another size is empty until the next frame.
	on("resize", true, func(js.Value) { wake() })
	on("dblclick", true, func(e js.Value) {
		f.View.Key("0")
		wake()
	})
	body := f.window.Get("document").Get("body")
	// The page scrolls under a finger that moves up or down; sideways it moves t.
	body.Get("style").Set("touchAction", "pan-y")
	// Ebiten paints it black, which shows as a line where the frame's height is no whole number
	// of pixels, and for a frame when it has another size.
	body.Get("style").Set("background", "transparent")
	f.window.Get("document").Get("documentElement").Get("style").Set("background", "transparent")
	canvas := f.window.Get("document").Call("querySelector", "canvas")
	if canvas.Truthy() {
		canvas.Call("setAttribute", "tabindex", "-1")
		canvas.Call("setAttribute", "aria-hidden", "true")
		canvas.Get("style").Set("touchAction", "pan-y")
	}
	at := func(e js.Value) paint.Point {
		return paint.Point{X: e.Get("clientX").Float(), Y: e.Get("clientY").Float()}
	}
	on("pointerdown", true, func(e js.Value) {
		if e.Get("button").Int() != 0 {
			return
		}
		if canvas.Truthy() {
			canvas.Call("setPointerCapture", e.Get("pointerId"))
		}
		f.View.PointerDown(e.Get("pointerId").Int(), at(e))
		wake()
	})
	on("pointermove", true, func(e js.Value) {
		f.View.PointerMove(e.Get("pointerId").Int(), at(e))
		wake()
	})
	up := func(e js.Value) {
		gone := e.Get("pointerType").String() != "mouse"
		f.View.PointerUp(e.Get("pointerId").Int(), at(e), gone)
		wake()
	}
	on("pointerup", true, up)
	on("pointercancel", true, up)
	f.window.Get("document").Get("documentElement").Call("addEventListener", "pointerleave", js.FuncOf(func(js.Value, []js.Value) any {
		f.View.PointerLeave()
		wake()
		return nil
	}))
	on("wheel", false, func(e js.Value) {
		e.Call("stopImmediatePropagation")
		dx, dy := e.Get("deltaX").Float(), e.Get("deltaY").Float()
		if e.Get("deltaMode").Int() == 1 {
			dx, dy = dx*16, dy*16
		}
		// What the picture does not use scrolls the page.
		if f.View.Wheel(at(e), dx, dy) {
			e.Call("preventDefault")
			wake()
		}
	})
	for _, name := range []string{"keydown", "keyup", "mousedown", "mousemove", "mouseup", "touchstart", "touchmove", "touchend"} {
		on(name, true, func(e js.Value) {
			e.Call("stopImmediatePropagation")
			if name == "keydown" {
				f.key(e)
			}
		})
	}
}

// key is for presses inside the frame: the page hears of them, the browser keeps them.
func (f *frame) key(e js.Value) {
	f.post(&scene.Key{Key: e.Get("key").String()})
}

// followType tells the picture the type size of the browser's settings, now and when it changes. The frame's document has no style of
// its own, so that its root has that size; the page's has a share of it. A box is measured, as some browsers scale text without
// saying so in the size of a font.
func (f *frame) followType() {
	const usual, widths = 16, 10
	document := f.window.Get("document")
	box := document.Call("createElement", "div")
	for name, value := range map[string]string{"position": "absolute", "visibility": "hidden", "width": fmt.Sprintf("%drem", widths)} {
		box.Get("style").Set(name, value)
	}
	document.Get("body").Call("append", box)
	measure := func() { f.SetType(box.Call("getBoundingClientRect").Get("width").Float() / (widths * usual)) }
	measure()
	if observer := f.window.Get("ResizeObserver"); observer.Truthy() {
		observer.New(js.FuncOf(func(js.Value, []js.Value) any {
			measure()
			return nil
		})).Call("observe", box)
	}
}
