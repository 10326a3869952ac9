package main

import (
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
	frozen, err := r.file.Frozen(r.extension.Scheme, rule.Fixed)
	if err != nil {
		return fmt.Errorf("-hf: %w", err)
	}
	if err := checkpoint.Write(o.hf, frozen, o.precision); err != nil {
		return fmt.Errorf("-hf: %w", err)
	}
	class, err := os.ReadFile(filepath.Join(o.folder, "tokenizer_config.json"))
	if err != nil {
		// The class that takes any tokenizer.json as it is.
		class = []byte(`{"tokenizer_class": "PreTrainedTokenizerFast"}` + "\n")
	}
	for name, data := range map[string][]byte{"tokenizer.json": words, "tokenizer_config.json": class} {
		if err := os.WriteFile(filepath.Join(o.hf, name), data, 0o644); err != nil {
			return fmt.Errorf("-hf: %w", err)
		}
	}
	fmt.Fprintf(stderr, "%s: %s at t = %s, a context of %d tokens\n", o.hf, r.extension.Scheme.Name(), number(rule.Fixed), int(float64(r.window)*rule.Fixed))
	return nil
}
