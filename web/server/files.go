package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"

	"clexlab/web/dictionary"
)

// file is one shipped file in every form in which it is sent.
type file struct {
	kind string // media type
	sum  [sha256.Size]byte
	tag  string // ETag of the plain form
	data []byte
	// packed holds the compressed forms by content coding.
	packed map[string][]byte
	// against is what a browser calls the dictionary of the form dcz, if it has one; serves is set for such a dictionary.
	against string
	serves  bool
}

// files is all that lies under /web/, by name ("engine.wasm", "styles/base.css").
type files map[string]*file

// add takes every file of fsys in under a folder. A file with the ending .br or
// .gz is the compressed form of the one it is named for.
func (f files) add(under string, fsys fs.FS) error {
	return fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		if ext := path.Ext(name); ext == ".br" || ext == ".gz" || ext == dictionary.Ending {
			return nil
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		one := newFile(name, data)
		for coding, ext := range map[string]string{"br": ".br", "gzip": ".gz"} {
			if !fresh(fsys, name, name+ext) {
				continue
			}
			if twin, err := fs.ReadFile(fsys, name+ext); err == nil {
				one.packed[coding] = twin
			}
		}
		if len(one.packed) == 0 && compressible(one.kind) {
			if err := one.compress(); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		f[path.Join(under, name)] = one
		return nil
	})
}

// addDictionaries takes in what was coded with another program as its dictionary.
func (f files) addDictionaries(dist fs.FS) error {
	for name, of := range dictionary.Of {
		file, with := f[name], f[of]
		if file == nil || with == nil || !fresh(dist, name, name+dictionary.Ending) {
			continue
		}
		coded, err := fs.ReadFile(dist, name+dictionary.Ending)
		if err != nil {
			return fmt.Errorf("server: %w", err)
		}
		if dictionary.Fits(coded, with.sum) {
			file.packed[dictionary.Coding], file.against, with.serves = coded, dictionary.Name(with.sum), true
		}
	}
	return nil
}

// fresh reports whether a compressed twin is there and not older than its file:
// a program that was built again must not be served as it was.
func fresh(fsys fs.FS, name, twin string) bool {
	file, err := fs.Stat(fsys, name)
	if err != nil {
		return false
	}
	packed, err := fs.Stat(fsys, twin)
	return err == nil && !packed.ModTime().Before(file.ModTime())
}

func newFile(name string, data []byte) *file {
	sum := sha256.Sum256(data)
	return &file{kind: mediaType(name), sum: sum, tag: hex.EncodeToString(sum[:8]), data: data, packed: map[string][]byte{}}
}

// compress makes both forms of a text, once, when the server starts.
func (f *file) compress() error {
	var b, z bytes.Buffer
	br := brotli.NewWriterLevel(&b, 9)
	if _, err := br.Write(f.data); err != nil {
		return err
	}
	if err := br.Close(); err != nil {
		return err
	}
	gz := gzip.NewWriter(&z)
	if _, err := gz.Write(f.data); err != nil {
		return err
	}
	if err := gz.Close(); err != nil {
		return err
	}
	f.packed["br"], f.packed["gzip"] = b.Bytes(), z.Bytes()
	return nil
}

// serve answers with f, compressed as the browser likes it best. forever is set
// for addresses that name the version: what they stand for never changes.
func (f *file) serve(w http.ResponseWriter, r *http.Request, forever bool) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "no-cache")
	if forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if f.serves && forever {
		h.Set("Use-As-Dictionary", `match="`+path.Dir(r.URL.Path)+`/*.wasm"`)
	}
	data, tag := f.data, f.tag
	for _, coding := range []string{dictionary.Coding, "br", "gzip"} {
		if coding == dictionary.Coding && r.Header.Get("Available-Dictionary") != f.against {
			continue
		}
		if p := f.packed[coding]; p != nil && accepts(r, coding) {
			data, tag = p, f.tag+"-"+coding
			h.Set("Content-Encoding", coding)
			break
		}
	}
	h.Set("ETag", `"`+tag+`"`)
	if r.Header.Get("If-None-Match") == `"`+tag+`"` {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(data)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(data)
	}
}

// mediaType does not ask the machine, whose table may know less.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".wasm":
		return "application/wasm"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".json":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

func compressible(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.Contains(kind, "json") || strings.Contains(kind, "javascript") || strings.Contains(kind, "svg")
}

// accepts reports whether the browser takes a content coding.
func accepts(r *http.Request, coding string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name != coding {
			continue
		}
		q, weighed := strings.CutPrefix(strings.TrimSpace(weight), "q=")
		v, err := strconv.ParseFloat(q, 64)
		return !weighed || err == nil && v > 0
	}
	return false
}
