// Command compress writes brotli and gzip twins beside every WebAssembly program,
// script and document of a folder, unless newer ones are there.
package main

import (
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/andybalholm/brotli"
)

func main() {
	log.SetFlags(0)
	effort := flag.Int("effort", 9, "brotli's level, 0 to 11; 11 is a few percent smaller than 9 and many times slower")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: compress [-effort N] FOLDER")
	}
	entries, err := os.ReadDir(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	var all sync.WaitGroup
	for _, e := range entries {
		if !slices.Contains([]string{".wasm", ".js", ".html"}, filepath.Ext(e.Name())) {
			continue
		}
		name := filepath.Join(flag.Arg(0), e.Name())
		all.Go(func() {
			for ending, encoder := range map[string]func(io.Writer) io.WriteCloser{
				".br": func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, *effort) },
				".gz": func(w io.Writer) io.WriteCloser { z, _ := gzip.NewWriterLevel(w, gzip.BestCompression); return z },
			} {
				if err := twin(name, name+ending, encoder); err != nil {
					log.Fatal(err)
				}
			}
		})
	}
	all.Wait()
}

// twin writes through a temporary file, so that an interrupted build leaves no half of one.
func twin(from, to string, encoder func(io.Writer) io.WriteCloser) error {
	in, err := os.Stat(from)
	if err != nil {
		return err
	}
	if out, err := os.Stat(to); err == nil && !out.ModTime().Before(in.ModTime()) {
		return nil
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(to), ".twin")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	z := encoder(f)
	if _, err := z.Write(data); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	fmt.Printf("%-28s %9d bytes, was %9d\n", filepath.Base(to), size, len(data))
	return os.Rename(f.Name(), to)
}
