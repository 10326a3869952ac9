// Package screen puts a viz.View on ebiten's screen: it uploads textures, draws
// triangles, keeps the back layer between frames, and writes pictures as PNG.
// It builds for js and wasm only: ebiten elsewhere wants a display as soon as it is imported.
package screen
