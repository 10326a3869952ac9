// Command clextrain makes the models that ship from their recipes.
//
// It learns the vocabulary if there is none, trains the base and then every
// variant that starts from it, and writes each in Hugging Face layout. It can be
// stopped at any time (Ctrl-C, at the end of the step that is being made) and goes on where it was when started again; where it is killed,
// or a GPU is lost, that is the state it last saved, two minutes ago at most and a step.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"clexlab/model/train"
	"clexlab/tinymodels/corpus"
)

func main() {
	var o options
	flag.StringVar(&o.model, "model", "small", "which model's recipes to follow")
	only := flag.String("only", "base,clex", "recipes to follow, comma-separated; \"all\" for every one")
	corpora := flag.String("corpus", corpus.Default, "folders of books, comma-separated, in which the parts lie that recipes name")
	flag.StringVar(&o.out, "out", "tinymodels", "folder of the models; recipes/ lies in it")
	flag.StringVar(&o.states, "checkpoints", "tinymodels/checkpoints", "folder for the states of unfinished runs")
	flag.BoolVar(&o.alone, "alone", false, "follow the named recipes only: a start that was not trained here is taken as it ships")
	onDevice := flag.Bool("gpu", false, "compute on a GPU: only where the program runs under Node with WebGPU (make train BACKEND=gpu)")
	flag.Parse()
	o.corpus = corpus.New(*corpora)
	o.only = strings.Split(*only, ",")
	if *onDevice {
		o.open = onGPU
	}

	ctx, stop := interruptible(context.Background())
	defer stop()
	if err := o.run(ctx); err != nil {
		if errors.Is(err, context.Canceled) {
			fmt.Println("stopped; start again to go on")
			return
		}
		fmt.Fprintln(os.Stderr, "clextrain:", err)
		os.Exit(1)
	}
}

type options struct {
	model, out, states string
	only               []string
	alone              bool
	corpus             corpus.Corpus
	// open has a GPU make the steps of a run that began with the weights start, nil for noise, until release, which is told whether the GPU has failed;
	// release is nil where open leaves the run to the processor. nil for the processor.
	open func(ctx context.Context, t *train.Trainer, start *train.Parameters) (release func(failed bool), err error)
}

// run follows the chosen recipes, a start before what starts from it.
func (o *options) run(ctx context.Context) error {
	recipes, err := readRecipes(os.DirFS(o.out), path.Join("recipes", o.model))
	if err != nil {
		return err
	}
	done := map[string]bool{}
	var follow func(name string) error
	follow = func(name string) error {
		r := recipes[name]
		if r == nil {
			return fmt.Errorf("no recipe %q in %s", name, filepath.Join(o.out, "recipes", o.model))
		}
		if done[name] {
			return nil
		}
		done[name] = true
		var needs []string
		if r.From != "" {
			needs = append(needs, r.From)
		}
		if r.Impact != nil {
			needs = append(needs, r.Impact.Tuned)
		}
		for _, name := range needs {
			if o.alone {
				break
			}
			if err := follow(name); err != nil {
				return err
			}
		}
		return o.follow(ctx, r)
	}
	names := o.only
	if slices.Equal(names, []string{"all"}) {
		names = slices.Sorted(maps.Keys(recipes))
	}
	// A recipe that fails does not keep the others from being followed.
	var failed error
	for _, name := range names {
		if err := follow(name); err != nil {
			if ctx.Err() != nil {
				return err
			}
			fmt.Fprintln(os.Stderr, "clextrain:", err)
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

func readRecipes(fsys fs.FS, dir string) (map[string]*train.Recipe, error) {
	names, err := fs.Glob(fsys, path.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	recipes := map[string]*train.Recipe{}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		r, err := train.ParseRecipe(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if want := strings.TrimSuffix(path.Base(name), ".json"); r.Name != want {
			return nil, fmt.Errorf("%s: name is %q, want %q as the file", name, r.Name, want)
		}
		recipes[r.Name] = r
	}
	return recipes, nil
}
