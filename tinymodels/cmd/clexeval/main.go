// Command clexeval measures every shipped variant of a model under its own
// scheme, and the base under every scheme that needs no training, on books no
// model has seen. It writes results.json and a Markdown table beside the model;
// rows that are already there are kept unless -again is given, so it can be stopped.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/recall"
	"clexlab/model/tokenizer"
	"clexlab/model/train/evaluate"
	"clexlab/tinymodels"
	"clexlab/tinymodels/corpus"
)

func main() {
	var e evaluation
	flag.StringVar(&e.name, "model", "small", "which model to evaluate")
	corpora := flag.String("corpus", corpus.Default, "folders of books, comma-separated, with valid/ and test/ in them")
	flag.StringVar(&e.dir, "models", "tinymodels", "folder of the models")
	only := flag.String("only", "", "rows to measure, comma-separated, as scheme, variant/scheme or variant/scheme+log-n; empty for all, none to write the table and plots anew")
	lengths := flag.String("lengths", "256,512,1024,2048,4096", "text lengths in tokens")
	flag.IntVar(&e.plan.Windows, "windows", 200, "windows a perplexity is measured on")
	flag.IntVar(&e.plan.Limit, "limit", 0, "most tokens read for one perplexity, 0 for no limit; long lengths then take fewer windows")
	flag.IntVar(&e.plan.Questions, "questions", 20, "questions at every depth and length")
	flag.IntVar(&e.plan.Facts, "facts", 1, "facts in the text of a question, of which one is asked for")
	flag.IntVar(&e.taleTokens, "tale", 4000, "length of the tales that plain RoPE and CLEX write, 0 for none")
	flag.BoolVar(&e.again, "again", false, "measure rows that results.json already holds")
	flag.StringVar(&e.states, "rounding", "", "only measure what int8 costs the base, from its float32 weights in this folder of training states (tinymodels/checkpoints)")
	flag.Parse()
	e.corpus = corpus.New(*corpora)
	if *only != "" {
		e.only = strings.Split(*only, ",")
	}
	for _, s := range strings.Split(*lengths, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < evaluate.Tail+1 {
			fmt.Fprintf(os.Stderr, "clexeval: -lengths: %q is no length above %d\n", s, evaluate.Tail)
			os.Exit(2)
		}
		e.plan.Lengths = append(e.plan.Lengths, n)
	}
	slices.Sort(e.plan.Lengths)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := e.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "clexeval:", err)
		os.Exit(1)
	}
}

type evaluation struct {
	name, dir string
	corpus    corpus.Corpus
	only      []string
	again     bool
	// taleTokens is the length of the tales, 0 for none.
	taleTokens int
	// states is where the float32 weights lie if their rounding is to be measured.
	states  string
	plan    evaluate.Plan
	results evaluate.Results
}

// job is one row to measure.
type job struct {
	variant tinymodels.Variant
	scheme  string
	trained bool
	logN    bool
}

func (e *evaluation) run(ctx context.Context) error {
	root := filepath.Join(e.dir, e.name)
	data, err := os.ReadFile(filepath.Join(root, "tokenizer.json"))
	if err != nil {
		return err
	}
	tok, err := tokenizer.Parse(data)
	if err != nil {
		return err
	}
	books, err := e.corpus.Books("valid")
	if err != nil {
		return err
	}
	for _, b := range books {
		e.plan.Documents = append(e.plan.Documents, tok.Encode(nil, b))
	}
	if e.states != "" {
		return e.rounding(ctx, e.states)
	}
	if e.plan.Task, err = recall.NewTask(tok.Encode); err != nil {
		return err
	}
	e.plan.Depths = []float64{0, 0.25, 0.5, 0.75, 1}
	path := filepath.Join(root, "results.json")
	if data, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(data, &e.results); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	manifest, err := tinymodels.ReadManifest(os.DirFS(e.dir))
	if err != nil {
		return err
	}
	for _, m := range manifest.Models {
		if m.Name != e.name {
			continue
		}
		for _, j := range jobs(m) {
			if err := e.do(ctx, j); err != nil {
				return fmt.Errorf("%s under %s: %w", j.variant.Name, j.scheme, err)
			}
			if err := e.write(root); err != nil {
				return err
			}
		}
		if err := e.tales(ctx, m, tok); err != nil {
			return err
		}
		if err := e.write(root); err != nil {
			return err
		}
	}
	return nil
}

// jobs are the rows of the table: every variant under its own scheme, with and
// without log-n scaling for CLEX, and the base under every scheme.
func jobs(m tinymodels.Model) []job {
	var out []job
	for _, v := range m.Variants {
		if v.Name != "base" {
			out = append(out, job{variant: v, scheme: v.Scheme, trained: true})
			if v.Scheme == "clex" {
				out = append(out, job{variant: v, scheme: v.Scheme, trained: true, logN: true})
			}
			continue
		}
		out = append(out, job{variant: v, scheme: "rope", trained: true})
		for _, s := range clex.Methods() {
			if s.Name != "rope" {
				out = append(out, job{variant: v, scheme: s.Name})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b job) int { return order(a) - order(b) })
	return out
}

// order puts the base and CLEX first, so that a stopped run has the rows that matter.
func order(j job) int {
	switch {
	case j.trained && j.scheme == "clex":
		return 0
	case j.scheme == "rope":
		return 1
	case j.trained:
		return 2
	}
	return 3
}

func (e *evaluation) do(ctx context.Context, j job) error {
	name := j.scheme
	if j.variant.Name != "base" {
		name = j.variant.Name + "/" + j.scheme
	}
	if j.logN {
		name += "+log-n"
	}
	if len(e.only) > 0 && !slices.Contains(e.only, name) {
		return nil
	}
	same := func(r evaluate.Row) bool {
		return r.Variant == j.variant.Name && r.Scheme == j.scheme && r.LogN == j.logN
	}
	if at := slices.IndexFunc(e.results.Rows, same); at >= 0 {
		if !e.again {
			return nil
		}
		e.results.Rows = slices.Delete(e.results.Rows, at, at+1)
	}
	c, err := checkpoint.Read(ctx, os.DirFS(filepath.Join(e.dir, filepath.Dir(j.variant.Config.Path))), nil)
	if err != nil {
		return err
	}
	m, err := model.New(c.Config, c.Weights)
	if err != nil {
		return err
	}
	longest := e.plan.Lengths[len(e.plan.Lengths)-1]
	window := c.Config.Rotary.Window
	o := c.Options(j.scheme)
	o.LogN = j.logN
	if j.scheme == "clex" && o.TMax == 0 {
		o.TMax = float64(longest) / float64(window)
	}
	scheme, err := clex.New(j.scheme, c.Config.Rotary, o)
	if err != nil {
		return err
	}
	// A variant tuned at a fixed factor is read at it, any other at the text's own.
	rule := clex.LengthRule{TMax: max(1, float64(longest)/float64(window))}
	if o.TMax > 0 {
		rule.TMax = min(rule.TMax, o.TMax)
	}
	row := evaluate.Row{Scheme: j.scheme, Variant: j.variant.Name, Trained: j.trained, LogN: j.logN}
	if _, made, err := c.Scheme(); err != nil {
		return err
	} else if made.Kind == clex.FixedRule && made.Fixed > 1 && j.trained {
		rule, row.Factor = made, made.Fixed
	}
	if twin, err := e.twin(scheme, rule, row); err != nil {
		return err
	} else if twin != nil {
		fmt.Printf("%-12s is %s at these lengths\n", name, twin.Scheme)
		copied := *twin
		copied.Scheme, copied.Trained, copied.LogN, copied.Factor = row.Scheme, row.Trained, row.LogN, row.Factor
		e.results.Rows = append(e.results.Rows, copied)
		return nil
	}
	r, err := evaluate.NewReader(m, scheme, rule, longest+1)
	if err != nil {
		return err
	}
	last := time.Now()
	e.plan.Progress = func(what string, done, total int) {
		if now := time.Now(); now.Sub(last) > 10*time.Second {
			fmt.Printf("%s: %s, %d of %d\n", name, what, done, total)
			last = now
		}
	}
	begin := time.Now()
	if err := r.Measure(ctx, e.plan, &row); err != nil {
		return err
	}
	fmt.Printf("%-12s log-n %-5v perplexity %v  recall %v  %s\n", name, j.logN, row.Perplexity, row.Recall, time.Since(begin).Round(time.Second))
	e.results.Model, e.results.Parameters, e.results.Window = e.name, c.Weights.Parameters(c.Config), window
	e.results.Rows = append(e.results.Rows, row)
	return nil
}

// twin is a row measured by the same plan on the same weights, whose scheme encodes all lengths as scheme does, if there is one:
// dynamic NTK with a growth of 1, for one, is NTK-aware scaling. Rows do not say how many facts a text held.
func (e *evaluation) twin(scheme clex.Scheme, rule clex.LengthRule, row evaluate.Row) (*evaluate.Row, error) {
	for i := range e.results.Rows {
		done := &e.results.Rows[i]
		if done.Variant != row.Variant || done.LogN || done.Factor != 0 || row.Factor != 0 || done.Scheme == "clex" || e.plan.Facts > 1 ||
			!slices.Equal(done.Lengths, e.plan.Lengths) || !slices.Equal(done.Windows, slices.Repeat([]int{e.plan.Windows}, len(e.plan.Lengths))) ||
			done.Questions != len(e.plan.Depths)*e.plan.Questions {
			continue
		}
		other, err := clex.New(done.Scheme, scheme.Rotary(), clex.Options{})
		if err != nil {
			return nil, err
		}
		if same, err := evaluate.Alike(scheme, other, rule, e.plan.Lengths); err != nil || same {
			return done, err
		}
	}
	return nil, nil
}

// write stores results.json and the table.
func (e *evaluation) write(root string) error {
	if len(e.results.Rows) == 0 {
		return nil
	}
	data, err := json.MarshalIndent(e.results, "", " ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, "results.json"), append(data, '\n'), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, "RESULTS.md"), []byte(table(&e.results)), 0o644); err != nil {
		return err
	}
	return plots(root, &e.results)
}
