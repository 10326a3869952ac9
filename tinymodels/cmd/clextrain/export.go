package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/model/tokenizer"
	"clexlab/model/train"
)

// export writes what a run leaves behind in Hugging Face layout, int8 rows for the page. The float32
// weights stay in the run's state for what starts from them.
func (o *options) export(ctx context.Context, t *train.Trainer) error {
	if err := t.Store(ctx); err != nil {
		return err
	}
	dir := filepath.Join(o.out, o.model, t.Recipe.Name)
	p, network, err := t.Result()
	if err != nil {
		return err
	}
	recipe, err := json.Marshal(t.Recipe)
	if err != nil {
		return err
	}
	c := &checkpoint.Checkpoint{
		Config:   p.Config,
		Weights:  p.Weights(),
		Metadata: map[string]string{"format": "pt", "clexlab.recipe": string(recipe), "clexlab.steps": fmt.Sprint(t.Steps())},
	}
	if network != nil {
		c.CLEX = network
		c.Scaling = checkpoint.CLEXScaling(network, t.Recipe.Scheme.TMax)
	} else if choice := t.Recipe.Scheme; choice.Name != "rope" {
		s, err := clex.New(choice.Name, c.Config.Rotary, clex.Options{})
		if err != nil {
			return err
		}
		if err := c.SetScheme(s, choice.Factor); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := checkpoint.Write(dir, c, checkpoint.I8); err != nil {
		return err
	}
	fmt.Println("wrote", dir)
	return nil
}

// finished returns the weights at the end of the recipe that r starts from: those
// of its run on this machine or, where there was none, the int8 ones that ship.
func (o *options) finished(ctx context.Context, r *train.Recipe) (*train.Parameters, error) {
	p, _, err := o.trained(ctx, r.Name, r.From)
	return p, err
}

// trained returns the weights at the end of the recipe called from, which the recipe called name needs, and that recipe.
func (o *options) trained(ctx context.Context, name, from string) (*train.Parameters, *train.Recipe, error) {
	recipes, err := readRecipes(os.DirFS(o.out), "recipes/"+o.model)
	if err != nil {
		return nil, nil, err
	}
	r := recipes[from]
	if r == nil {
		return nil, nil, fmt.Errorf("recipe %q starts from %q, which is not there", name, from)
	}
	p, steps, err := train.ReadParameters(filepath.Join(o.states, o.model, from), r)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		dir := filepath.Join(o.out, o.model, from)
		c, err := checkpoint.Read(ctx, os.DirFS(dir), nil)
		if err != nil {
			return nil, nil, fmt.Errorf("recipe %q starts from %q, which has not been trained here and does not lie in %s: follow it first: %w", name, from, dir, err)
		}
		fmt.Printf("%s/%s starts from the int8 weights in %s: %s has not been trained here\n", o.model, name, dir, from)
		if p, err = train.NewParameters(r.Model.Config(), 0); err != nil {
			return nil, nil, err
		}
		return p, r, p.Import(c.Weights)
	case err != nil:
		return nil, nil, err
	case steps < r.Steps:
		return nil, nil, fmt.Errorf("recipe %q starts from %q, which is at step %d of %d", name, from, steps, r.Steps)
	}
	return p, r, nil
}

// sample prints how the model goes on from a few words, so that one sees it learn.
func (o *options) sample(tok *tokenizer.Tokenizer, t *train.Trainer) {
	m, err := model.New(t.Parameters.Config, t.Parameters.Weights())
	if err != nil {
		fmt.Println("no sample:", err)
		return
	}
	s, err := m.NewSequence(160)
	if err == nil {
		var e clex.Encoding
		if err = t.Encoding(&e, 1); err == nil {
			err = s.SetEncoding(&e)
		}
	}
	if err == nil {
		err = s.Prefill(context.Background(), tok.Encode(nil, "Once upon a time there was a"), nil)
	}
	if err != nil {
		fmt.Println("no sample:", err)
		return
	}
	var text strings.Builder
	options := model.Options{Sampling: model.Sampling{Temperature: 0.8, TopP: 0.95, Seed: 1}, MaxTokens: 100, Decoder: tok.Stream()}
	for token, err := range model.Generate(context.Background(), s, options) {
		if err != nil {
			break
		}
		text.WriteString(token.Text)
	}
	fmt.Printf("        Once upon a time there was a%s\n", text.String())
}
