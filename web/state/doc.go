// Package state is what the page knows and how it changes: plain values, no browser. Settings
// is the part of it that a link carries; every setting survives the round trip through the
// address. Document is a text with its authors and its undo history. A Message applies itself
// to the State and returns Effects, which the page carries out, so everything here is tested
// natively. Each file is one feature: its messages, what they do, and what is asked for then.
package state
