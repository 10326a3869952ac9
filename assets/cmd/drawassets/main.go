// Command drawassets writes the generated files of assets/static: the icons as
// SVG and PNG. Run it through go generate ./assets.
package main

import (
	"image/png"
	"log"
	"os"
	"path/filepath"

	"clexlab/assets/brand"
)

func main() {
	log.SetFlags(0)
	const root = "static"
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			log.Fatal(err)
		}
	}
	write("icons/icon.svg", brand.SVG())
	for _, icon := range []struct {
		name     string
		size     int
		maskable bool
	}{{"icon-192.png", 192, false}, {"icon-512.png", 512, false}, {"maskable-512.png", 512, true}} {
		f, err := os.Create(filepath.Join(root, "icons", icon.name))
		if err != nil {
			log.Fatal(err)
		}
		enc := png.Encoder{CompressionLevel: png.BestCompression}
		if err := enc.Encode(f, brand.PNG(icon.size, icon.maskable)); err != nil {
			log.Fatal(err)
		}
		if err := f.Close(); err != nil {
			log.Fatal(err)
		}
	}
}
