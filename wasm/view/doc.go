//go:build js && wasm

// Command view is the picture in the page's iframe: it reads the page's messages (package wire),
// hands them to a viz.View, feeds it pointers and keys, and lets ebiten draw it.
// The frame's own document tells it the type size that the reader has set in the browser.
//
// It listens to pointers itself and keeps ebiten's own listeners from seeing them: those
// would focus the canvas at a click and swallow the Tab key and the page's scrolling
// (ebiten 2.10, internal/ui/ui_js.go). It says hello at start; a lost WebGL
// context makes ebiten reload the frame, which then says hello again.
package main
