//go:build !js && !embedded

package main

import "io/fs"

// embedded holds the built programs in a binary built with the tag embedded.
var embedded fs.FS
