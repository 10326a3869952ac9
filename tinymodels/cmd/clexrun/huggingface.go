package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"clexlab/clex"
	"clexlab/model/checkpoint"
)

// writeHF writes the model as a folder in Hugging Face's layout, frozen at the t that the rule fixes.
func (r *running) writeHF(o *options, stderr io.Writer) error {
	rule := r.extension.Rule
	if rule.Kind != clex.FixedRule {
		return fmt.Errorf("-hf: a folder has one t: name it with -t, or write CLEX's field with -clex")
	}
	err := r.writeFolder(o.hf, func(w checkpoint.Words) ([]checkpoint.BundleFile, error) {
		return r.file.FrozenBundle(w, r.extension.Scheme, rule.Fixed, o.precision)
	})
	if err != nil {
		return fmt.Errorf("-hf: %w", err)
	}
	fmt.Fprintf(stderr, "%s: %s at t = %s, a context of %d tokens\n", o.hf, r.extension.Scheme.Name(), number(rule.Fixed), int(float64(r.window)*rule.Fixed))
	return nil
}

// writeCLEX writes the model with CLEX's field, for every t, and a card with the Python by which transformers reads it.
func (r *running) writeCLEX(o *options, stderr io.Writer) error {
	err := r.writeFolder(o.clex, func(w checkpoint.Words) ([]checkpoint.BundleFile, error) { return r.file.CLEXBundle(w, o.precision) })
	if err != nil {
		return fmt.Errorf("-clex: %w", err)
	}
	fmt.Fprintf(stderr, "%s: CLEX with its field, t up to %s: %s there says how transformers is taught to read it\n", o.clex, number(r.file.TMax()), checkpoint.CardFile)
	return nil
}

// writeFolder writes what make makes into a folder that must be new: what lies in one may be the model itself.
func (r *running) writeFolder(folder string, make func(checkpoint.Words) ([]checkpoint.BundleFile, error)) error {
	there, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(there) > 0 {
		return fmt.Errorf("%s is not empty", folder)
	}
	words, err := r.words()
	if err != nil {
		return err
	}
	files, err := make(words)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, file := range files {
		if err := writeFile(filepath.Join(folder, file.Name), file.Write); err != nil {
			return err
		}
	}
	return nil
}

// words are the files of the model's tokenizer as they lie beside it; that of a .gguf file is written anew.
func (r *running) words() (w checkpoint.Words, err error) {
	files := checkpoint.FilesAt(r.path)
	if w.Tokenizer, err = fs.ReadFile(files, checkpoint.TokenizerFile); errors.Is(err, fs.ErrNotExist) {
		w.Tokenizer, err = r.tok.MarshalJSON()
	}
	if err != nil {
		return w, err
	}
	if w.Class, err = fs.ReadFile(files, checkpoint.TokenizerConfigFile); errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return w, err
}

// writeFile writes a file, or leaves none behind.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(f, 1<<20)
	if err := cmp.Or(write(b), b.Flush(), f.Close()); err != nil {
		os.Remove(name)
		return err
	}
	return nil
}
