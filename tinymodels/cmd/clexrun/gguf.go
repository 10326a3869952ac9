package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"

	"clexlab/clex"
)

// writeGGUF writes the model for llama.cpp, frozen at the t that the rule fixes.
func (r *running) writeGGUF(o *options, stderr io.Writer) error {
	rule := r.extension.Rule
	if rule.Kind != clex.FixedRule {
		return fmt.Errorf("-gguf: a file has one t: name it with -t")
	}
	f, err := os.Create(o.gguf)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(f, 1<<20)
	err = r.file.WriteGGUF(b, r.tok, r.extension.Scheme, rule.Fixed, o.precision)
	if err = cmp.Or(err, b.Flush(), f.Close()); err != nil {
		os.Remove(o.gguf)
		return err
	}
	fmt.Fprintf(stderr, "%s: %s at t = %s, a context of %d tokens\n", o.gguf, r.extension.Scheme.Name(), number(rule.Fixed), int(float64(r.window)*rule.Fixed))
	return nil
}
