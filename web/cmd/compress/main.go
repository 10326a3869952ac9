// Command compress writes brotli and gzip twins beside every WebAssembly program,
// script and document of a folder, unless those there are of the same file and effort, and programs coded with another one as their
// dictionary where there is the program zstd. With -list it writes a table of what there is.
package main

import (
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"

	"clexlab/web/dictionary"
)

func main() {
	log.SetFlags(0)
	effort := flag.Int("effort", 11, "brotli's level, 0 to 11; 11 is an eighth smaller than 9 and many times slower")
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
				if err := twin(name, name+ending, fmt.Sprintf("effort %d", *effort), encoder); err != nil {
					log.Fatal(err)
				}
			}
			if of := dictionary.Of[e.Name()]; of != "" {
				if err := coded(name, filepath.Join(flag.Arg(0), of)); errors.Is(err, exec.ErrNotFound) {
					log.Printf("%s: not coded with %s, as there is no program zstd here", e.Name(), of)
				} else if err != nil {
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
	fmt.Printf("%-22s %12s %12s %12s %12s\n", "file", "raw", "brotli", "gzip", "dictionary")
	for _, e := range entries {
		if n := e.Name(); !strings.HasPrefix(n, ".") && !slices.Contains([]string{".br", ".gz", dictionary.Ending}, filepath.Ext(n)) {
			fmt.Printf("%-22s %12d %12d %12d %12d\n", n, size(n), size(n+".br"), size(n+".gz"), size(n+dictionary.Ending))
		}
	}
}

// twin writes the compressed form of a file, which way tells besides the file.
func twin(from, to, way string, encoder func(io.Writer) io.WriteCloser) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return renew(to, fmt.Sprintf("%x %s\n", sha256.Sum256(data), way), len(data), func(part string) error {
		f, err := os.Create(part)
		if err != nil {
			return err
		}
		defer f.Close()
		z := encoder(f)
		if _, err := z.Write(data); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		return f.Close()
	})
}

// coded writes a program with another one as its dictionary.
func coded(from, with string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	known, err := os.ReadFile(with)
	if err != nil {
		return err
	}
	return renew(from+dictionary.Ending, fmt.Sprintf("%x with %x\n", sha256.Sum256(data), sha256.Sum256(known)), len(data),
		func(part string) error { return dictionary.Make(part, from, with) })
}

// renew has a file made unless the one there is of the same things. It is made under another name, so that an interrupted build
// leaves no half of one. What it was made of stands in a file beside it whose name begins with a dot.
func renew(to, of string, was int, make func(part string) error) error {
	note := filepath.Join(filepath.Dir(to), "."+filepath.Base(to)+".of")
	if known, err := os.ReadFile(note); err == nil && string(known) == of {
		now := time.Now()
		if os.Chtimes(to, now, now) == nil {
			return nil // the server takes no twin that is older than its file
		}
	}
	part := filepath.Join(filepath.Dir(to), "."+filepath.Base(to)+".part")
	defer os.Remove(part)
	if err := make(part); err != nil {
		return err
	}
	made, err := os.Stat(part)
	if err != nil {
		return err
	}
	fmt.Printf("%-28s %9d bytes, was %9d\n", filepath.Base(to), made.Size(), was)
	if err := os.Rename(part, to); err != nil {
		return err
	}
	return os.WriteFile(note, []byte(of), 0o644)
}
