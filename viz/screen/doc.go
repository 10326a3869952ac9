// Package screen puts a viz.View on a screen: it uploads textures, draws triangles, keeps the
// back layer between frames, and writes pictures as PNG. It draws on Images; those of ebiten are
// for js and wasm only, as ebiten elsewhere wants a display as soon as it is imported.
package screen
