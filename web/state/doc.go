// Package state is what the page knows and how it changes: plain values, one
// reducer, no browser. Settings is the part of it that a link carries; every
// setting survives the round trip through the address. Document is a text with
// its undo history. Messages go into State.Update, effects come out, and the
// page carries them out, so everything here is tested natively.
package state
