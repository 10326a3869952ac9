// Package wire carries messages between clexlab's programs: any message of package
// viz/scene between page and picture here, requests to the engine's workers and their
// answers in package jobs below it. It has no messages of its own. Small fields travel as
// JSON; tables of numbers ([]float32) and files ([]byte) travel beside it as buffers. What a drag says is no JSON: t alone and
// how it was solved are sixteen bytes, and whatever else is measured while it lasts is said field by field. Attention maps go
// from the worker that measures straight to the picture, through a port of a channel; the page hears a summary
// of them, which it makes its words and its table of. Every message carries the
// protocol's version, because two programs out of different releases can meet in one cache:
// each refuses the other's messages then and says to reload.
package wire
