package work

import (
	"archive/zip"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"

	"clexlab/clex"
	"clexlab/model/checkpoint"
	"clexlab/wasm/wire/jobs"
)

// OutFile is a file that grows and then gets an address.
type OutFile interface {
	io.Writer
	// Close gives the file an address that the page can fetch, with its media type and its size.
	Close(kind string) (address string, size int64)
}

// precisions are the types of matrices by the names that people know them by.
var precisions = map[string]checkpoint.Precision{"f32": checkpoint.F32, "f16": checkpoint.F16, "q8_0": checkpoint.I8}

// export writes a model for other programs, from its files, which hold it more exactly than a worker does.
func (w *Worker) export(ctx context.Context, r *jobs.Export) error {
	p, ok := precisions[r.Precision]
	if !ok {
		return fmt.Errorf("precision %q: want f32, f16 or q8_0", r.Precision)
	}
	files := r.Files
	if files == nil {
		files = []jobs.File{{Name: checkpoint.ConfigFile, Address: r.Config}, {Name: checkpoint.WeightsFile, Address: r.Weights, Size: r.Size, Difference: r.Difference},
			{Name: checkpoint.TokenizerFile, Address: r.Tokenizer}}
	}
	fsys := w.Files(ctx, files)
	loader := checkpoint.Loader{Progress: func(done, total int64) {
		w.Emit(jobs.Answer{Reading: &jobs.Progress{Done: done, Total: total}})
	}}
	c, tok, err := loader.Open(ctx, fsys)
	if err != nil {
		return err
	}
	if r.Bounds != nil {
		c.Config.Rotary.Window = r.Bounds.Window
	}
	o := c.Options(r.Method)
	if o.Network == nil {
		o.TMax = max(c.TMax(), r.T)
	}
	s, err := clex.New(r.Method, c.Config.Rotary, o)
	if err != nil {
		return err
	}
	out := w.NewFile()
	b := bufio.NewWriterSize(out, 4<<20)
	name, kind := r.Name+"-"+r.Method+"-t"+strconv.FormatFloat(r.T, 'g', 4, 64), "application/octet-stream"
	if r.Format == jobs.GGUF {
		name += "." + r.Precision + ".gguf"
		err = c.WriteGGUF(b, tok, s, r.T, p)
	} else {
		if r.Format == jobs.CLEXFolder {
			name = r.Name + "-clex"
		}
		name, kind = name+".zip", "application/zip"
		var words checkpoint.Words
		if words.Tokenizer, err = fs.ReadFile(fsys, checkpoint.TokenizerFile); errors.Is(err, fs.ErrNotExist) {
			words.Tokenizer, err = tok.MarshalJSON() // a GGUF file has it inside
		}
		if err == nil {
			words.Class, _ = fs.ReadFile(fsys, checkpoint.TokenizerConfigFile)
			err = archive(b, c, words, s, r, p)
		}
	}
	if err == nil {
		err = b.Flush()
	}
	if err != nil {
		return err
	}
	address, size := out.Close(kind)
	w.Emit(jobs.Answer{Exported: &jobs.Exported{Name: name, Address: address, Size: size}})
	return nil
}

// archive writes a folder in Hugging Face's layout as a zip archive. Weights do not get smaller, so nothing is compressed.
func archive(w io.Writer, c *checkpoint.Checkpoint, words checkpoint.Words, s clex.Scheme, r *jobs.Export, p checkpoint.Precision) error {
	var files []checkpoint.BundleFile
	var err error
	if r.Format == jobs.CLEXFolder {
		files, err = c.CLEXBundle(words, p)
	} else {
		files, err = c.FrozenBundle(words, s, r.T, p)
	}
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	for _, f := range files {
		part, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Store})
		if err != nil {
			return err
		}
		if err := f.Write(part); err != nil {
			return err
		}
	}
	return z.Close()
}
