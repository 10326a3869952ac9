// Command clexeval measures every shipped variant of a model under its own
// scheme, and the base under every scheme that needs no training, on books no
// model was trained on: those of valid/, on which recipes are chosen, and those of test/, on which
// nothing is. It writes results.json, a Markdown table and plots beside the model, and into the
// base's card how the base writes. What is already there is kept unless -again is given and what it lacks is
// measured (lengths, windows, questions), so it can be stopped.
//
// clexeval -out FOLDER MODEL measures a model of one's own, a folder in Hugging Face's layout or a .gguf file, by the method that it was
// made for and by every other, on the books or on what -text names, and writes the same files into the folder.
//
// With -rows each row is left in a file of a folder instead, so that several
// processes can share the work; a run with -only none puts what lies there into results.json.
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

	"clexlab/model/checkpoint"
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
	only := flag.String("only", "", "rows to measure, comma-separated, as scheme, variant/scheme variant/scheme+log-n or variant/scheme+from-4; empty for all, none to write the table and plots anew")
	parts := flag.String("part", "valid,test", "parts of the corpus to read")
	lengths := flag.String("lengths", "", "text lengths in tokens (default: 256 and its doubles to 16,384; of a model of one's own 1, 4 and 16 trained windows, 16,384 at most)")
	flag.StringVar(&e.out, "out", "", "folder that the results of a model of one's own go to")
	flag.StringVar(&e.texts, "text", "", "files of text to measure on, comma-separated, in place of -corpus, for a model of one's own")
	flag.Float64Var(&e.tMax, "t-max", 0, "largest t that a model of your own is read at, in place of the one that it was tuned to; 0 for that one")
	flag.BoolVar(&e.int8, "int8", false, "round matrices to a byte a weight as they are read, which takes a quarter of the memory")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: clexeval [flags]                    a model that ships\n       clexeval -out FOLDER [flags] MODEL  a folder with config.json, or a .gguf file")
		flag.PrintDefaults()
	}
	flag.IntVar(&e.plan.Windows, "windows", 80, "windows a perplexity is measured on")
	flag.IntVar(&e.plan.LongWindows, "long-windows", 16, "windows above 4,096 tokens")
	flag.IntVar(&e.plan.Questions, "questions", 3, "questions at every depth and length, 0 for none")
	flag.IntVar(&e.plan.LongQuestions, "long-questions", 1, "questions at every depth above 4,096 tokens, of the first kind alone")
	flag.IntVar(&e.written, "texts", 40, "texts that the base writes to be judged, 0 for none")
	flag.IntVar(&e.sampleTokens, "sample", 4000, "length of the texts that plain RoPE and CLEX write, 0 for none")
	flag.BoolVar(&e.again, "again", false, "measure anew what results.json already holds; with -rows, take what lies there in its place")
	flag.StringVar(&e.rows, "rows", "", "folder for rows, a file each")
	flag.StringVar(&e.states, "rounding", "", "only measure what int8 costs the base, from its float32 weights in this folder of training states (tinymodels/checkpoints)")
	flag.Parse()
	e.corpus = corpus.New(*corpora)
	e.parts = strings.Split(*parts, ",")
	e.plan.Long, e.plan.Longest = 4096, 16384
	if *only != "" {
		e.only = strings.Split(*only, ",")
	}
	if err := e.arguments(flag.Args(), *lengths); err != nil {
		fmt.Fprintln(os.Stderr, "clexeval:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := e.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "clexeval:", err)
		os.Exit(1)
	}
}

// arguments reads what names no flag, and the lengths.
func (e *evaluation) arguments(models []string, lengths string) error {
	switch {
	case e.tMax != 0 && !(e.tMax >= 1 && e.tMax <= 1024):
		return fmt.Errorf("-t-max is %v, must be 1 … 1024", e.tMax)
	case len(models) > 1:
		return fmt.Errorf("%d models are named, want one (flags come before it)", len(models))
	case len(models) == 1:
		e.own = models[0]
	case e.out != "" || e.texts != "" || e.tMax != 0:
		return errors.New("-out, -text and -t-max: name the model of your own that they are for")
	case lengths == "":
		lengths = "256,512,1024,2048,4096,8192,16384"
	}
	if lengths == "" {
		return nil
	}
	for _, s := range strings.Split(lengths, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < evaluate.Tail+1 {
			return fmt.Errorf("-lengths: %q is no length above %d", s, evaluate.Tail)
		}
		e.plan.Lengths = append(e.plan.Lengths, n)
	}
	slices.Sort(e.plan.Lengths)
	e.plan.AskedLengths = slices.DeleteFunc(slices.Clone(e.plan.Lengths), func(n int) bool { return e.own == "" && !slices.Contains(askedLengths, n) })
	return nil
}

// askedLengths are the lengths at which models that ship are asked.
var askedLengths = []int{256, 1024, 4096, 16384}

type evaluation struct {
	name, dir, rows string
	// own is the path of a model that does not ship, out the folder of its results, texts the files it is measured on, if not on the corpus.
	own, out, texts string
	int8            bool
	// tMax is the largest t that a model of one's own is read at, 0 for the one that it was tuned to.
	tMax        float64
	last        *opened
	corpus      corpus.Corpus
	parts, only []string
	again       bool
	// sampleTokens is the length of the texts that plain RoPE and CLEX write, 0 for none; written how many the base writes to be judged.
	sampleTokens, written int
	// states is where the float32 weights lie if their rounding is to be measured.
	states    string
	plan      evaluate.Plan
	documents map[string][][]int32
	// bytes is how long each document is as text.
	bytes   map[string][]int
	known   map[string]bool
	results evaluate.Results
}

func (e *evaluation) run(ctx context.Context) error {
	if e.own != "" {
		return e.runOwn(ctx)
	}
	root := filepath.Join(e.dir, e.name)
	data, err := os.ReadFile(filepath.Join(root, checkpoint.TokenizerFile))
	if err != nil {
		return err
	}
	tok, err := tokenizer.Parse(data)
	if err != nil {
		return err
	}
	if err := e.read(tok); err != nil {
		return err
	}
	if e.states != "" {
		return e.rounding(ctx, e.states)
	}
	if err := e.task(tok); err != nil {
		return err
	}
	if err := readJSON(filepath.Join(root, "results.json"), &e.results); err != nil {
		return err
	}
	if err := e.collect(); err != nil {
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
		if err := e.measure(ctx, jobs(e.dir, m), root); err != nil {
			return err
		}
		if err := e.samples(ctx, m, tok); err != nil {
			return err
		}
		if err := e.writing(ctx, m, tok); err != nil {
			return err
		}
		if err := e.write(root); err != nil {
			return err
		}
		if err := e.card(root); err != nil {
			return err
		}
	}
	return nil
}

// write stores results.json, the table and the plots, unless rows go to files.
func (e *evaluation) write(root string) error {
	if len(e.results.Rows) == 0 || e.rows != "" && !slices.Equal(e.only, []string{"none"}) {
		return nil
	}
	sortRows(e.results.Rows)
	var names []string
	for _, part := range parts {
		names = append(names, part.name)
	}
	e.results.TakeSeeds("clex", names...)
	if err := writeJSON(filepath.Join(root, "results.json"), &e.results); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, "RESULTS.md"), []byte(table(&e.results, e.own != "")), 0o644); err != nil {
		return err
	}
	return plots(root, &e.results)
}

// readJSON reads a file into v; one that is not there leaves it as it is.
func readJSON(name string, v any) error {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func writeJSON(name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(data, '\n'), 0o644)
}
