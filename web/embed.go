//go:build !js && embedded

package main

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var files embed.FS

var embedded = func() fs.FS {
	sub, err := fs.Sub(files, "dist")
	if err != nil {
		panic(err)
	}
	return sub
}()
