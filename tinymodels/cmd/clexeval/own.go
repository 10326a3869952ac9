package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/recall"
	"clexlab/model/tokenizer"
	"clexlab/tinymodels"
)

// longestByDefault bounds the lengths that a model of one's own is read at where none are named.
const longestByDefault = 16384

// opened is a model in memory.
type opened struct {
	path  string
	file  *checkpoint.Checkpoint
	model *model.Model
	tok   *tokenizer.Tokenizer
}

// open reads the model at a path, or returns the one that was read last.
func (e *evaluation) open(ctx context.Context, path string) (*opened, error) {
	if e.last != nil && e.last.path == path {
		return e.last, nil
	}
	e.last = nil // so that one is in memory at a time
	c, tok, err := checkpoint.Loader{Int8: e.int8}.OpenPath(ctx, path)
	if err != nil {
		return nil, err
	}
	m, err := model.New(c.Config, c.Weights)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, note := range c.Notes {
		fmt.Fprintln(os.Stderr, "note:", note)
	}
	e.last = &opened{path, c, m, tok}
	return e.last, nil
}

// runOwn measures the model at the path e.own: by the method it was made for, and by every other as it is.
func (e *evaluation) runOwn(ctx context.Context) error {
	if e.out == "" {
		return errors.New("-out: name the folder that results of a model of your own go to")
	}
	if e.states != "" {
		return errors.New("-rounding: for models that are trained here alone")
	}
	o, err := e.open(ctx, e.own)
	if err != nil {
		return err
	}
	own, _, err := o.file.Scheme()
	if err != nil {
		return fmt.Errorf("%s: %w", e.own, err)
	}
	e.name = strings.TrimSuffix(filepath.Base(filepath.Clean(e.own)), ".gguf")
	if err := readJSON(filepath.Join(e.out, "results.json"), &e.results); err != nil {
		return err
	}
	if held := e.results.Model; held != "" && held != e.name {
		return fmt.Errorf("-out: %s holds results of %q: one folder a model", e.out, held)
	}
	window := o.file.Config.Rotary.Window
	if len(e.plan.Lengths) == 0 {
		for _, times := range []int{1, 4, 16} {
			if n := times * window; times == 1 || n <= longestByDefault {
				e.plan.Lengths = append(e.plan.Lengths, n)
			}
		}
	}
	e.plan.Longest, e.plan.AskedLengths = slices.Max(e.plan.Lengths), e.plan.Lengths
	if err := e.read(o.tok); err != nil {
		return err
	}
	if err := e.task(o.tok); err != nil {
		return err
	}
	if err := os.MkdirAll(e.out, 0o755); err != nil {
		return err
	}
	if err := e.collect(); err != nil {
		return err
	}
	return e.measure(ctx, ownJobs(e.own, own.Name()), e.out)
}

// read reads what is measured on, part by part.
func (e *evaluation) read(tok *tokenizer.Tokenizer) error {
	e.documents, e.bytes = map[string][][]int32{}, map[string][]int{}
	if e.texts != "" {
		e.parts = []string{textPart}
		for _, name := range strings.Split(e.texts, ",") {
			text, err := os.ReadFile(name)
			if err != nil {
				return fmt.Errorf("-text: %w", err)
			}
			e.documents[textPart] = append(e.documents[textPart], tok.Encode(nil, string(text)))
		}
		return nil
	}
	for _, part := range e.parts {
		books, err := e.corpus.Books(part)
		if err != nil {
			return err
		}
		for _, b := range books {
			e.documents[part] = append(e.documents[part], tok.Encode(nil, b))
			e.bytes[part] = append(e.bytes[part], len(b))
		}
	}
	return nil
}

// task makes the task of recall in the tokenizer's tokens, those that open every text included.
func (e *evaluation) task(tok *tokenizer.Tokenizer) (err error) {
	e.plan.Depths = []float64{0, 0.25, 0.5, 0.75, 1}
	if e.plan.Questions == 0 {
		return nil
	}
	prefix, _ := tok.Frame()
	e.plan.Task, err = recall.NewTask(func(dst []int32, text string) []int32 { return tok.Encode(append(dst, prefix...), text) })
	if err != nil {
		return fmt.Errorf("%w (-questions 0 leaves recall out)", err)
	}
	return nil
}

// ownJobs are the rows of a model that was made for a scheme: that one, and all that need no training.
func ownJobs(path, scheme string) []job {
	v := tinymodels.Variant{Name: "base", Scheme: scheme}
	if scheme != "rope" {
		v.Name = scheme
	}
	out := []job{{path: path, own: true, variant: v, scheme: scheme, trained: true}}
	for _, s := range clex.Methods() {
		if s.Name != scheme && !s.Training && !s.Listed {
			out = append(out, job{path: path, own: true, variant: tinymodels.Variant{Name: "base"}, scheme: s.Name})
		}
	}
	slices.SortStableFunc(out[1:], func(a, b job) int {
		return cmp.Compare(order(a.variant.Name, a.scheme, a.trained), order(b.variant.Name, b.scheme, b.trained))
	})
	return out
}
