package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"clexlab/assets"
	"clexlab/assets/static"
	"clexlab/viz/scene"
	"clexlab/wasm/engine/work"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/server"
	"clexlab/web/state"
)

// measure reads the text that a page without wishes begins to measure on the first of the models, as the page would, and
// returns what it makes of that as JSON.
func measure(models fs.FS) ([]byte, error) {
	index, err := server.Catalogue(models)
	if err != nil {
		return nil, err
	}
	offer := index.Models[0]
	_, m, err := state.First(index.Models)
	if err != nil {
		return nil, fmt.Errorf("still: %w", err)
	}
	read := func(name string) ([]byte, error) { return fs.ReadFile(models, name) }
	var losses []*scene.Loss
	var failed error
	w := &work.Worker{Yield: func() {}, Emit: func(a jobs.Answer) {
		if l, ok := a.View.(*scene.Loss); ok {
			losses = append(losses, l)
		}
		if a.Error != "" {
			failed = errors.New(a.Error)
		}
	}}
	w.Fetch = func(_ context.Context, t jobs.Weights) (config, weights []byte, err error) {
		if config, err = read(t.Config); err == nil {
			weights, err = read(t.Weights)
		}
		return config, weights, err
	}
	w.FetchText = func(_ context.Context, address string) ([]byte, error) {
		return fs.ReadFile(static.FS, strings.TrimPrefix(address, "/web/"))
	}
	var parts [3][]byte
	for i, name := range []string{offer.Config, offer.Load.Weights, offer.Tokenizer} {
		if parts[i], err = read(name); err != nil {
			return nil, fmt.Errorf("still: %w", err)
		}
	}
	if err := w.Load(parts[0], parts[1], parts[2], offer.Tuned); err != nil {
		return nil, fmt.Errorf("still: %w", err)
	}
	m.Need, m.Maps = nil, nil
	w.Do(context.Background(), jobs.Request{ID: m.Subject, Subject: &jobs.Subject{ID: m.Subject, Revision: m.Text.Revision, Address: assets.Book.Address, MaxTokens: m.Text.MaxTokens}})
	w.Do(context.Background(), jobs.Request{ID: 1, Measure: &m.Measure})
	if failed != nil {
		return nil, fmt.Errorf("still: %w", failed)
	}
	sum, err := server.WeightsSum(models, &offer)
	if err != nil {
		return nil, err
	}
	still, err := state.NewStill(sum, offer.Window(), losses)
	if err != nil {
		return nil, fmt.Errorf("still: %w", err)
	}
	data, err := json.Marshal(still)
	if err != nil {
		return nil, fmt.Errorf("still: %w", err)
	}
	return data, nil
}
