// Package paint turns shapes, lines and text into triangles. A List collects
// one picture: everything lands in one vertex array that samples one glyph
// atlas, so a whole scene costs a handful of draw calls. Nothing here knows
// what draws the triangles, and so everything runs in plain tests.
//
// Coordinates are CSS pixels, y downwards; a List multiplies by its Scale when
// it writes vertices, which are in device pixels. Edges are feathered over one
// device pixel instead of multisampled.
package paint
