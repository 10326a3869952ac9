// Command still measures what the first look of the page shows, on the model that ships, and writes it into a folder of
// built programs, unless what lies there is of the same weights.
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"

	"clexlab/tinymodels"
	"clexlab/web/server"
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: still FOLDER")
	}
	name := filepath.Join(flag.Arg(0), server.StillFile)
	if old, err := os.ReadFile(name); err == nil && server.StillIsOf(old, tinymodels.Files) {
		return
	}
	still, err := measure(tinymodels.Files)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(name, still, 0o644); err != nil {
		log.Fatal(err)
	}
}
