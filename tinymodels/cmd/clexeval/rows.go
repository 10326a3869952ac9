package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"clexlab/model/recall"
	"clexlab/model/train/evaluate"
)

// measure does the jobs that are asked for and writes what they say after each.
func (e *evaluation) measure(ctx context.Context, list []job, root string) error {
	for _, j := range list {
		if len(e.only) > 0 && !slices.Contains(e.only, j.name()) {
			continue
		}
		if err := e.do(ctx, j); err != nil {
			return fmt.Errorf("%s under %s: %w", j.variant.Name, j.scheme, err)
		}
		if err := e.write(root); err != nil {
			return err
		}
	}
	return nil
}

// do measures what of a row is not there yet.
func (e *evaluation) do(ctx context.Context, j job) error {
	x, err := e.load(ctx, j)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(e.results.Rows, func(r evaluate.Row) bool { return r.Same(&x.row) })
	if at < 0 {
		at = len(e.results.Rows)
		e.results.Rows = append(e.results.Rows, x.row)
	}
	row := &e.results.Rows[at]
	if row.Measured == nil {
		row.Measured = map[string]*evaluate.Measurement{}
	}
	e.results.Model, e.results.Parameters, e.results.Window = e.name, x.parameters, x.window
	row.TMax = max(row.TMax, x.row.TMax)
	last := time.Now()
	e.plan.Progress = func(what string, done, total int) {
		if now := time.Now(); now.Sub(last) > 10*time.Second {
			fmt.Printf("%s: %s, %d of %d\n", j.name(), what, done, total)
			last = now
		}
	}
	for _, part := range e.parts {
		held := row.Measured[part]
		if e.again {
			held = nil
		}
		if held == nil {
			if same := e.equivalentRow(x, part); same != nil {
				fmt.Printf("%s is %s at these lengths\n", j.name(), same.Scheme)
				row.Measured[part] = same.Measured[part]
				continue
			}
			held = &evaluate.Measurement{}
		}
		changed, err := e.complete(ctx, j, x, part, held)
		if err != nil {
			return err
		}
		if !changed {
			continue
		}
		row.Measured[part] = held
		if err := e.keep(j, x, part, held); err != nil {
			return err
		}
	}
	return nil
}

// complete measures on a part of the corpus what m lacks of the plan, and tells whether that was anything.
func (e *evaluation) complete(ctx context.Context, j job, x *loaded, part string, m *evaluate.Measurement) (changed bool, err error) {
	plan := e.plan
	plan.Documents = e.documents[part]
	begin := time.Now()
	if lengths := plan.Missing(m); len(lengths) > 0 {
		plan.Lengths, changed = lengths, true
		read, err := x.reader.Measure(ctx, plan)
		if err != nil {
			return false, err
		}
		m.Merge(read)
		fmt.Printf("%-16s %-5s %v tokens: perplexity %v, %s\n", j.name(), part, lengths, read.Perplexity, time.Since(begin).Round(time.Second))
	}
	if plan.Questions > 0 {
		plan.Probes = recall.Probes
		asked, err := x.reader.Ask(ctx, plan, m)
		if err != nil {
			return false, err
		}
		if asked {
			changed = true
			fmt.Printf("%-16s %-5s recall %v, %s\n", j.name(), part, m.Recall, time.Since(begin).Round(time.Second))
		}
	}
	return changed, nil
}

// keep writes what was measured of a row into a file of its own, where rows have such.
func (e *evaluation) keep(j job, x *loaded, part string, m *evaluate.Measurement) error {
	if e.rows == "" {
		return nil
	}
	alone := x.row
	alone.Measured = map[string]*evaluate.Measurement{part: m}
	name := filepath.Join(e.rows, strings.ReplaceAll(j.name(), "/", ".")+"."+part+".json")
	return writeJSON(name, rowFile{e.name, x.parameters, x.window, alone})
}

// rowFile is a row in a file of its own.
type rowFile struct {
	Model      string
	Parameters int
	Window     int
	Row        evaluate.Row
}

// collect puts the rows that lie in files into the results.
func (e *evaluation) collect() error {
	if e.rows == "" {
		return nil
	}
	if err := os.MkdirAll(e.rows, 0o755); err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(e.rows, "*.json"))
	if err != nil {
		return err
	}
	for _, name := range names {
		var f rowFile
		if err := readJSON(name, &f); err != nil {
			return err
		}
		if f.Model != e.name {
			continue
		}
		e.results.Model, e.results.Parameters, e.results.Window = f.Model, f.Parameters, f.Window
		at := slices.IndexFunc(e.results.Rows, func(r evaluate.Row) bool { return r.Same(&f.Row) })
		if at < 0 {
			e.results.Rows = append(e.results.Rows, f.Row)
			continue
		}
		if e.results.Rows[at].Measured == nil {
			e.results.Rows[at].Measured = map[string]*evaluate.Measurement{}
		}
		e.results.Rows[at].TMax = max(e.results.Rows[at].TMax, f.Row.TMax)
		for part, m := range f.Row.Measured {
			if held := e.results.Rows[at].Measured[part]; held != nil && !e.again {
				held.Merge(m)
				continue
			}
			e.results.Rows[at].Measured[part] = m
		}
	}
	return nil
}
