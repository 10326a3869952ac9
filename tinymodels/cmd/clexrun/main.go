// Command clexrun runs a model from a terminal: it writes a text under any length-extension
// method, at any t, and tells its loss by position.
//
//	clexrun tinymodels/small/clex
//	clexrun -method yarn -t 8 -length 2048 -prompt "Once upon a time" tinymodels/small/base
//	clexrun -prompt @book.txt -loss loss.csv tinymodels/small/clex
//	clexrun -t 4 -gguf clex-4.gguf tinymodels/small/clex
//	clexrun -t 4 -hf clex-4 tinymodels/small/clex
//	clexrun -clex clex-for-transformers tinymodels/small/clex
//
// A model is a folder in Hugging Face's layout: config.json, model.safetensors (in one file or
// sharded) and tokenizer.json, which may lie a folder higher; or one .gguf file. The text goes to standard output as
// it is written, everything else to standard error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil:
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "\nclexrun: stopped")
		os.Exit(130)
	default:
		fmt.Fprintln(os.Stderr, "clexrun:", err)
		os.Exit(1)
	}
}

// options are what is asked for.
type options struct {
	folder, method, prompt, loss, gguf, hf, clex string
	precision                                    checkpoint.Precision
	// rule is nil where neither -t nor anything else says: the model's own.
	rule   *clex.LengthRule
	length int
	int8   bool
	model.Sampling
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	m, err := load(ctx, o, stderr)
	if err != nil {
		return err
	}
	if o.gguf != "" {
		return m.writeGGUF(o, stderr)
	}
	if o.hf != "" {
		return m.writeHF(o, stderr)
	}
	if o.clex != "" {
		return m.writeCLEX(o, stderr)
	}
	tokens, err := m.write(ctx, o, stdout, stderr)
	if err != nil || o.loss == "" {
		return err
	}
	return m.writeLoss(ctx, o.loss, tokens, stderr)
}

func parse(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("clexrun", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: clexrun [flags] MODEL\n\nMODEL is a folder with config.json, model.safetensors and tokenizer.json, or a .gguf file.")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.method, "method", "", "length-extension method, one of "+strings.Join(methods(), ", ")+" (default: what the model was made for)")
	t := flags.String("t", "", "length scaling factor, at least 1, or \"auto\" to follow the length (default: what the model was made for)")
	flags.IntVar(&o.length, "length", 0, "tokens of the whole text, the prompt included (default: twice the trained window; with -loss nothing is written unless it is given)")
	flags.StringVar(&o.prompt, "prompt", "Once upon a time", "the text to go on from; @FILE reads it from a file")
	flags.StringVar(&o.loss, "loss", "", "write the loss of the whole text by position to this CSV file")
	flags.StringVar(&o.gguf, "gguf", "", "write the model at the t of -t for llama.cpp to this file, and nothing else")
	flags.StringVar(&o.hf, "hf", "", "write it at the t of -t for readers of Hugging Face's layout to this new folder, and nothing else")
	flags.StringVar(&o.clex, "clex", "", "write it with CLEX's field, for every t, to this new folder, whose card has the Python that makes transformers read it, and nothing else")
	precision := flags.String("type", "f16", "type of the matrices of -gguf, -hf and -clex: f32, f16 or, for -gguf, q8_0")
	flags.BoolVar(&o.int8, "int8", false, "round matrices to a byte a weight as they are read, which takes a quarter of the memory")
	flags.Uint64Var(&o.Seed, "seed", 1, "seed of the draws")
	flags.Float64Var(&o.Temperature, "temperature", 0.8, "0 takes the likeliest token always")
	flags.Float64Var(&o.TopP, "top-p", 0.95, "keep the fewest tokens that reach this probability; 1 keeps all")
	flags.IntVar(&o.TopK, "top-k", 0, "keep that many tokens; 0 keeps all")
	flags.Float64Var(&o.MinP, "min-p", 0, "keep tokens at least that many times as likely as the likeliest")
	if err := flags.Parse(args); err != nil {
		return nil, flag.ErrHelp
	}
	if flags.NArg() != 1 {
		return nil, fmt.Errorf("%d models are named, want one (clexrun -h lists the flags, which come before it)", flags.NArg())
	}
	o.folder = flags.Arg(0)
	if o.length < 0 {
		return nil, fmt.Errorf("-length %d: want 1 or more", o.length)
	}
	switch *t {
	case "":
	case "auto":
		o.rule = &clex.LengthRule{}
	default:
		factor, err := strconv.ParseFloat(*t, 64)
		rule := clex.AtT(factor)
		if err != nil || rule.Validate() != nil {
			return nil, fmt.Errorf("-t %q: want a number from 1, or auto", *t)
		}
		o.rule = &rule
	}
	types := map[string]checkpoint.Precision{"f32": checkpoint.F32, "f16": checkpoint.F16, "q8_0": checkpoint.I8}
	var known bool
	if o.precision, known = types[*precision]; !known {
		return nil, fmt.Errorf("-type %q: want f32, f16 or q8_0", *precision)
	}
	switch {
	case o.gguf != "" && o.hf != "", o.gguf != "" && o.clex != "", o.hf != "" && o.clex != "":
		return nil, fmt.Errorf("-gguf, -hf and -clex: one at a time")
	case o.gguf == "" && o.hf+o.clex != "" && o.precision == checkpoint.I8:
		return nil, fmt.Errorf("-type q8_0: other readers of -hf and -clex know f32 and f16 alone")
	case o.clex != "" && (*t != "" || o.method != ""):
		return nil, fmt.Errorf("-clex: the folder holds CLEX's field for every t: -t and -method have nothing to say")
	}
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if file, ok := strings.CutPrefix(o.prompt, "@"); ok {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("-prompt: %w", err)
		}
		o.prompt = string(text)
	}
	return o, nil
}

// methods are the names of every scheme.
func methods() (names []string) {
	for _, m := range clex.Methods() {
		names = append(names, m.Name)
	}
	return names
}
