// Command compress writes brotli and gzip twins beside every WebAssembly program,
// script and document of a folder, unless those there are of the same file and effort. With -list it
// writes a table of what there is.
package main

import (
	"compress/gzip"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
)

func main() {
	log.SetFlags(0)
	effort := flag.Int("effort", 9, "brotli's level, 0 to 11; 11 is a few percent smaller than 9 and many times slower")
	table := flag.Bool("list", false, "only list files with their sizes in bytes")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: compress [-effort N] FOLDER")
	}
	entries, err := os.ReadDir(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	if *table {
		list(flag.Arg(0), entries)
		return
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
				if err := twin(name, name+ending, *effort, encoder); err != nil {
					log.Fatal(err)
				}
			}
		})
	}
	all.Wait()
}

// list writes each file's size, plain and compressed.
func list(dir string, entries []os.DirEntry) {
	size := func(name string) int64 {
		if i, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return i.Size()
		}
		return 0
	}
	fmt.Printf("%-22s %12s %12s %12s\n", "file", "raw", "brotli", "gzip")
	for _, e := range entries {
		if n := e.Name(); filepath.Ext(n) != ".br" && filepath.Ext(n) != ".gz" {
			fmt.Printf("%-22s %12d %12d %12d\n", n, size(n), size(n+".br"), size(n+".gz"))
		}
	}
}

// twin writes through a temporary file, so that an interrupted build leaves no half of one.
// What a twin was made from stands in a file beside it whose name begins with a dot.
func twin(from, to string, effort int, encoder func(io.Writer) io.WriteCloser) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	of := fmt.Sprintf("%x effort %d\n", sha256.Sum256(data), effort)
	note := filepath.Join(filepath.Dir(to), "."+filepath.Base(to)+".of")
	if was, err := os.ReadFile(note); err == nil && string(was) == of {
		now := time.Now()
		if os.Chtimes(to, now, now) == nil {
			return nil // the server takes no twin that is older than its file
		}
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
	if err := os.Rename(f.Name(), to); err != nil {
		return err
	}
	return os.WriteFile(note, []byte(of), 0o644)
}
