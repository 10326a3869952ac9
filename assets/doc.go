// Package assets holds what the page looks like as data: the colours and line
// patterns of the length-extension methods, chosen once for the page's CSS and
// for the pictures.
//
// Beside it lie static (style sheets and icons, embedded for the server) and
// lessons (the guided steps). The methods are those of package clex, so a new one
// needs nothing here; the server writes palette.css from them. The icons are generated from Go
// by `go generate ./assets`; a test fails when they differ from what the generator writes.
package assets

//go:generate go run ./cmd/drawassets
