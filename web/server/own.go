package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"clexlab/model/checkpoint"
	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
)

// ownUnder is the folder below the models' in which those of the server's owner have their addresses.
const ownUnder = "own"

// ownFile is a file of a model that the server's owner offers: it is read from its disk when it is asked for.
type ownFile struct {
	fsys fs.FS
	name string
	time time.Time
}

// ownModels finds the models in a folder: sub-folders in Hugging Face's layout, and .gguf files beside or inside them. What
// looks like a model and cannot be read is told to warn and left out.
func ownModels(fsys fs.FS, warn func(error)) ([]jobs.Offer, map[string]ownFile, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, nil, fmt.Errorf("server: models: %w", err)
	}
	var offers []jobs.Offer
	files := map[string]ownFile{}
	for _, e := range entries {
		var sub fs.FS
		switch {
		case strings.HasPrefix(e.Name(), "."):
			continue
		case e.IsDir():
			if sub, err = fs.Sub(fsys, e.Name()); err != nil {
				return nil, nil, fmt.Errorf("server: models: %w", err)
			}
			if list, err := fs.ReadDir(sub, "."); err != nil || !slices.ContainsFunc(list, func(e fs.DirEntry) bool { return isConfig(e.Name()) || isGGUF(e.Name()) }) {
				continue
			}
		case isGGUF(e.Name()):
			sub = one{fsys, e}
		default:
			continue
		}
		o, err := ownModel(strings.TrimSuffix(e.Name(), path.Ext(e.Name())), sub, files)
		if err != nil {
			warn(fmt.Errorf("models: %s is left out: %w", e.Name(), err))
			continue
		}
		offers = append(offers, o)
	}
	return offers, files, nil
}

func isConfig(name string) bool { return name == checkpoint.ConfigFile }
func isGGUF(name string) bool   { return strings.EqualFold(path.Ext(name), ".gguf") }

// ownModel is the offer of one folder, whose files are added to those that are served.
func ownModel(name string, fsys fs.FS, files map[string]ownFile) (jobs.Offer, error) {
	d, err := checkpoint.Describe(context.Background(), fsys)
	if err != nil {
		return jobs.Offer{}, err
	}
	c := &d.Config
	o := jobs.Offer{
		ID:    ownUnder + "-" + name,
		Model: scene.Model{Name: fmt.Sprintf("%s · %s", name, millions(d.Parameters)), TMax: d.TMax(), Layers: c.Layers, Heads: c.Heads, Rotary: c.Rotary, Network: d.CLEX},
		About: fmt.Sprintf("%s, %d layers, %d heads, trained on %d tokens; from the folder of this server's owner",
			c.Architecture, c.Layers, c.Heads, c.Rotary.Window),
		Parameters: int(d.Parameters), Vocab: c.Vocab, Memory: d.Int8Bytes, Brought: true,
	}
	if name, options, t, err := d.Asked(); err == nil {
		o.Method, o.Options, o.AskedT = name, &options, t
	}
	o.Size = d.FileBytes
	list, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return o, err
	}
	for _, e := range list {
		ext := strings.ToLower(path.Ext(e.Name()))
		if e.IsDir() || ext != ".json" && ext != ".safetensors" && ext != ".gguf" {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return o, err
		}
		files[path.Join("models", ownUnder, name, e.Name())] = ownFile{fsys, e.Name(), info.ModTime()}
		address := path.Join(ownUnder, url.PathEscape(name), url.PathEscape(e.Name()))
		o.Files = append(o.Files, jobs.File{Name: e.Name(), Address: address, Size: info.Size()})
	}
	return o, nil
}

func millions(n int64) string {
	if n < 1e9 {
		return fmt.Sprintf("%.1f M", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f B", float64(n)/1e9)
}

// one is a folder in which there is one file alone.
type one struct {
	fs.FS
	entry fs.DirEntry
}

// Open implements fs.FS.
func (o one) Open(name string) (fs.File, error) {
	if name != o.entry.Name() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return o.FS.Open(name)
}

// ReadDir implements fs.ReadDirFS.
func (o one) ReadDir(string) ([]fs.DirEntry, error) { return []fs.DirEntry{o.entry}, nil }

// serve answers with the file, or the part of it that is asked for.
func (f ownFile) serve(w http.ResponseWriter, r *http.Request) {
	file, err := f.fsys.Open(f.name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer file.Close()
	seeker, ok := file.(io.ReadSeeker)
	if !ok {
		http.Error(w, errors.ErrUnsupported.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", mediaType(f.name))
	// Its owner may change it while the server runs.
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, f.name, f.time, seeker)
}
