package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/tokenizer"
)

// running is a model with the method that it reads by.
type running struct {
	path      string
	model     *model.Model
	tok       *tokenizer.Tokenizer
	extension model.Extension
	file      *checkpoint.Checkpoint
	ends      []int32
	window    int
}

func load(ctx context.Context, o *options, stderr io.Writer) (*running, error) {
	begun := time.Now()
	c, tok, err := checkpoint.Loader{Int8: o.int8}.OpenPath(ctx, o.folder)
	if err != nil {
		return nil, err
	}
	r := &running{path: o.folder, file: c, tok: tok, ends: c.EndOfText, window: c.Config.Rotary.Window}
	if err := r.choose(c, o); err != nil {
		return nil, err
	}
	parameters := c.Weights.Parameters(c.Config)
	if r.model, err = model.New(c.Config, c.Weights); err != nil {
		return nil, fmt.Errorf("%s: %w", o.folder, err)
	}
	for _, note := range c.Notes {
		fmt.Fprintln(stderr, "note:", note)
	}
	fmt.Fprintf(stderr, "%s, %.1f million parameters, trained on %d tokens, read in %s\n",
		c.Config.Architecture, float64(parameters)/1e6, r.window, time.Since(begun).Round(time.Millisecond))
	return r, nil
}

// choose makes the scheme, and the rule that says which t a text is read at.
func (r *running) choose(c *checkpoint.Checkpoint, o *options) error {
	own, rule, err := c.Scheme()
	switch {
	case o.method == "" && err != nil:
		return fmt.Errorf("%s: %w (name another with -method)", o.folder, err)
	case o.method == "":
		r.extension.Scheme = own
	default:
		if own == nil || own.Name() != o.method {
			rule = clex.LengthRule{TMax: c.TMax()}
		}
		options := c.Options(o.method)
		if options.Network == nil && o.rule != nil {
			// Before training, CLEX is a formula that goes as far as one asks.
			options.TMax = max(clex.DefaultTMax, o.rule.Fixed)
		}
		if r.extension.Scheme, err = clex.New(o.method, c.Config.Rotary, options); err != nil {
			return fmt.Errorf("-method: %w", err)
		}
	}
	if o.rule != nil {
		rule = *o.rule
		if rule.Kind != clex.FixedRule {
			rule.TMax = c.TMax()
		}
		// A t that is asked for is that of its frequencies, however long the text is.
		r.extension.IgnoreLength = rule.Kind == clex.FixedRule
	}
	r.extension.Rule = rule
	// What cannot be encoded is said before anything is written.
	if _, _, err := r.extension.Encoding(1); err != nil {
		return err
	}
	return nil
}
