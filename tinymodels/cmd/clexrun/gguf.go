package main

import (
	"fmt"
	"io"

	"clexlab/clex"
)

// writeGGUF writes the model for llama.cpp, frozen at the t that the rule fixes.
func (r *running) writeGGUF(o *options, stderr io.Writer) error {
	rule := r.extension.Rule
	if rule.Kind != clex.FixedRule {
		return fmt.Errorf("-gguf: a file has one t: name it with -t")
	}
	err := writeFile(o.gguf, func(w io.Writer) error {
		return r.file.WriteGGUF(w, r.tok, r.extension.Scheme, rule.Fixed, o.precision)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%s: %s at t = %s, a context of %d tokens\n", o.gguf, r.extension.Scheme.Name(), number(rule.Fixed), int(float64(r.window)*rule.Fixed))
	return nil
}
