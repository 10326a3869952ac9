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
// The folder must be new: what lies in one may be the model itself.
func (r *running) writeHF(o *options, stderr io.Writer) error {
	rule := r.extension.Rule
	if rule.Kind != clex.FixedRule {
		return fmt.Errorf("-hf: a folder has one t: name it with -t")
	}
	there, err := os.ReadDir(o.hf)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("-hf: %w", err)
	}
	if len(there) > 0 {
		return fmt.Errorf("-hf: %s is not empty", o.hf)
	}
	words, err := tokenizerFile(o.folder)
	if err != nil {
		return fmt.Errorf("-hf: %w", err)
	}
	class, _ := os.ReadFile(filepath.Join(o.folder, checkpoint.TokenizerConfigFile))
	files, err := r.file.FrozenBundle(checkpoint.Words{Tokenizer: words, Class: class}, r.extension.Scheme, rule.Fixed, o.precision)
	if err != nil {
		return fmt.Errorf("-hf: %w", err)
	}
	if err := os.MkdirAll(o.hf, 0o755); err != nil {
		return fmt.Errorf("-hf: %w", err)
	}
	for _, file := range files {
		if err := writeFile(filepath.Join(o.hf, file.Name), file.Write); err != nil {
			return fmt.Errorf("-hf: %w", err)
		}
	}
	fmt.Fprintf(stderr, "%s: %s at t = %s, a context of %d tokens\n", o.hf, r.extension.Scheme.Name(), number(rule.Fixed), int(float64(r.window)*rule.Fixed))
	return nil
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
