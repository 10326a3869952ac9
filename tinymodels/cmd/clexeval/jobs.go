package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"clexlab/clex"
	"clexlab/model/train/evaluate"
	"clexlab/tinymodels"
)

// job is one row to measure.
type job struct {
	// path is where the weights are; own says that they do not ship.
	path    string
	own     bool
	variant tinymodels.Variant
	scheme  string
	trained bool
	logN    bool
	// tMin is the least t that it is read at, 0 for 1.
	tMin float64
}

// tMin is the least t at which CLEX reads in a row of its own: of 1, 2, 4, 8 and 16 the one with the lowest perplexity
// of 256 tokens on valid/.
const tMin = 4

// name is what -only calls it.
func (j job) name() string {
	name := j.scheme
	if j.variant.Name != "base" && !j.own {
		name = j.variant.Name + "/" + j.scheme
	}
	if j.logN {
		name += "+log-n"
	}
	if j.tMin > 0 {
		name += fmt.Sprintf("+from-%g", j.tMin)
	}
	return name
}

// jobs are the rows of the table: every variant under its own scheme, with and
// without log-n scaling and from t = 1 and tMin on for CLEX, and the base under every other scheme.
func jobs(dir string, m tinymodels.Model) []job {
	var out []job
	for _, v := range m.Variants {
		path := pathOf(dir, v)
		if v.Name != "base" {
			out = append(out, job{path: path, variant: v, scheme: v.Scheme, trained: true})
			if v.Name == "clex" {
				out = append(out, job{path: path, variant: v, scheme: v.Scheme, trained: true, logN: true}, job{path: path, variant: v, scheme: v.Scheme, trained: true, tMin: tMin})
			}
			continue
		}
		out = append(out, job{path: path, variant: v, scheme: "rope", trained: true})
		for _, s := range clex.Methods() {
			if s.Name != "rope" && s.Name != "clex" { // which is untrainedCLEX there
				out = append(out, job{path: path, variant: v, scheme: s.Name})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b job) int {
		return order(a.variant.Name, a.scheme, a.trained) - order(b.variant.Name, b.scheme, b.trained)
	})
	return out
}

// pathOf is where the weights of a variant are below the models' folder.
func pathOf(dir string, v tinymodels.Variant) string {
	return filepath.Join(dir, filepath.Dir(v.Config.Path))
}

// order puts CLEX and the base first, so that a stopped run has the rows that matter.
func order(variant, scheme string, trained bool) int {
	switch {
	case variant == "clex":
		return 0
	case trained && scheme == "rope" && variant == "base":
		return 1
	case strings.HasPrefix(variant, "clex"):
		return 2
	case trained:
		return 3
	}
	return 4
}

func sortRows(rows []evaluate.Row) {
	slices.SortStableFunc(rows, func(a, b evaluate.Row) int {
		if d := order(a.Variant, a.Scheme, a.Trained) - order(b.Variant, b.Scheme, b.Trained); d != 0 {
			return d
		}
		return strings.Compare(a.Variant+a.Scheme, b.Variant+b.Scheme)
	})
}

// loaded is a job with its model in memory.
type loaded struct {
	reader             *evaluate.Reader
	scheme             clex.Scheme
	rule               clex.LengthRule
	row                evaluate.Row
	parameters, window int
}

// load reads a job's weights and makes what reads with them: a variant tuned at a fixed factor is read at
// it, any other at the text's own, up to the largest t it was made for, where -t-max names no other.
func (e *evaluation) load(ctx context.Context, j job) (*loaded, error) {
	opened, err := e.open(ctx, j.path)
	if err != nil {
		return nil, err
	}
	c, m := opened.file, opened.model
	longest := max(e.plan.Longest, e.plan.Lengths[len(e.plan.Lengths)-1])
	x := &loaded{window: c.Config.Rotary.Window, parameters: c.Weights.Parameters(c.Config)}
	o := c.Options(j.scheme)
	o.LogN = j.logN
	x.rule.TMin, x.rule.TMax = j.tMin, max(1, j.tMin, float64(longest)/float64(x.window))
	if j.scheme == "clex" {
		if e.tMax > 0 {
			o.TMax = e.tMax
		}
		if o.TMax == 0 {
			o.TMax = x.rule.TMax
		}
		x.rule.TMax = min(x.rule.TMax, o.TMax)
	}
	if x.scheme, err = clex.New(j.scheme, c.Config.Rotary, o); err != nil {
		return nil, err
	}
	x.row = evaluate.Row{Scheme: j.scheme, Variant: j.variant.Name, Trained: j.trained, LogN: j.logN, TMin: j.tMin}
	if _, made, err := c.Scheme(); err != nil {
		return nil, err
	} else if made.Kind == clex.FixedRule && made.Fixed > 1 && j.trained {
		if e.tMax > 0 {
			made.Fixed = e.tMax
		}
		x.rule, x.row.Factor = made, made.Fixed
	} else {
		x.row.TMax = x.rule.TMax
	}
	if x.reader, err = evaluate.NewReader(m, x.scheme, x.rule, longest+64); err == nil {
		x.reader.Opening, _ = opened.tok.Frame()
	}
	return x, err
}

// equivalentRow is a row measured by the same plan on the same weights, whose scheme encodes all lengths as that of x does, if there is one.
func (e *evaluation) equivalentRow(x *loaded, part string) *evaluate.Row {
	for i := range e.results.Rows {
		done := &e.results.Rows[i]
		m := done.Measured[part]
		if m == nil || done.Same(&x.row) || done.Variant != x.row.Variant || done.LogN || x.row.LogN || done.Factor != 0 || x.row.Factor != 0 || done.TMax != x.row.TMax || done.TMin != x.row.TMin ||
			!slices.Equal(m.Lengths, e.plan.Lengths) || len(m.Losses[0]) != e.plan.Windows || x.row.Trained && x.row.Scheme == "clex" {
			continue
		}
		other, err := clex.New(done.Scheme, x.scheme.Rotary(), clex.Options{TMax: x.rule.TMax})
		if err != nil {
			continue
		}
		if same, err := evaluate.SameEncodings(x.scheme, other, x.rule, e.plan.Lengths); err == nil && same {
			return done
		}
	}
	return nil
}
