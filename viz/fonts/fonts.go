// Package fonts holds the pictures' typeface: Go Regular and Go Medium by Bigelow & Holmes, under the
// licence of the Go project (see golang.org/x/image/font/gofont), cut down to the
// characters that labels and tokens use.
package fonts

import _ "embed"

//go:generate go run ./subset

// Regular and Bold are TrueType files.
var (
	//go:embed regular.ttf
	Regular []byte
	//go:embed medium.ttf
	Bold []byte
)
