// Package viz draws the pictures of clexlab: frequency trajectories, the spectrum and its phases,
// attention maps, loss by position and recall grids.
//
// A View is told everything (State, Model, Text, Maps, Loss, Recall), is handed pointers and keys,
// and paints itself into a paint.List; what a person does in the picture comes back through Out.
// Each scene is one panel in one file. A picture has two layers: the back, which changes when data
// or settings do and is cached by the screen, and the front, which follows t and the pointer and is
// painted afresh in every frame of a drag.
//
// Nothing here knows JavaScript, a model, or ebiten: package screen puts the triangles on ebiten's
// screen, package wasm/view talks to the page.
package viz
