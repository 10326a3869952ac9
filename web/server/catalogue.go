package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"clexlab/assets"
	"clexlab/assets/static"
	"clexlab/model/checkpoint"
	"clexlab/tinymodels"
	"clexlab/viz/scene"
	"clexlab/wasm/wire/jobs"
	"clexlab/web/state"
)

// Catalogue lists the checkpoints in fsys with all that the page needs to know
// before it loads one: sizes, rotary geometry, and CLEX's network. First come the
// models whose methods have weights of their own, then single checkpoints, those
// tuned for CLEX before the others; among equals the smallest, since the page loads
// the first of all unasked.
func Catalogue(fsys fs.FS) (jobs.Catalogue, error) {
	var c jobs.Catalogue
	manifest, err := tinymodels.ReadManifest(fsys)
	if err != nil {
		return c, err
	}
	for _, m := range manifest.Models {
		from := len(c.Models)
		for _, v := range m.Variants {
			sub, err := fs.Sub(fsys, path.Dir(v.Config.Path))
			if err != nil {
				return c, fmt.Errorf("server: %s: %w", v.Config.Path, err)
			}
			ck, err := checkpoint.Read(context.Background(), sub, nil)
			if err != nil {
				return c, fmt.Errorf("server: %s: %w", path.Dir(v.Config.Path), err)
			}
			n := ck.Weights.Parameters(ck.Config)
			c.Models = append(c.Models, jobs.Offer{
				ID: m.Name + "-" + v.Name,
				Model: scene.Model{Name: fmt.Sprintf("%s · %s · %.1f M", m.Name, v.Name, float64(n)/1e6), TMax: ck.TMax(),
					Layers: ck.Config.Layers, Heads: ck.Config.Heads, Rotary: ck.Config.Rotary, Network: ck.CLEX},
				Load: jobs.Load{Config: v.Config.Path, Weights: v.Weights.Path, Tokenizer: m.Tokenizer.Path, Size: v.Weights.Size},
				About: fmt.Sprintf("%d layers, %d heads, trained on %d tokens at a time; tuned with %s",
					ck.Config.Layers, ck.Config.Heads, ck.Config.Rotary.Window, v.Scheme),
				Parameters: n, Vocab: ck.Config.Vocab,
			})
		}
		if all, ok := tuned(m, c.Models[from:]); ok {
			if m.Results != "" {
				if all.Measured, err = measured(fsys, m.Results); err != nil {
					return c, err
				}
			}
			c.Models = append(c.Models, all)
		}
	}
	rank := func(o jobs.Offer) int {
		switch {
		case o.Tuned != nil:
			return 0
		case o.Network != nil:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(c.Models, func(a, b jobs.Offer) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Size, b.Size), cmp.Compare(a.ID, b.ID))
	})
	return c, nil
}

// tuned offers all variants of a model as one: each method runs on the weights
// that were tuned with it, the others on those that were not tuned at all.
func tuned(m tinymodels.Model, offers []jobs.Offer) (jobs.Offer, bool) {
	with := func(method string) int {
		found := -1
		for i, v := range m.Variants {
			// A variant belongs to the way of training it is named after, or else to its scheme.
			of := v.Scheme
			if a, ok := assets.Lookup(v.Name); ok && a.Training {
				of = v.Name
			}
			// Of several variants of one method the one named after it counts.
			if of == method && (found < 0 || v.Name == method) {
				found = i
			}
		}
		return found
	}
	clex, plain := with("clex"), with("rope")
	if clex < 0 || plain < 0 {
		return jobs.Offer{}, false
	}
	all := offers[clex]
	all.ID, all.Name = m.Name, fmt.Sprintf("%s · %.1f M", m.Name, float64(all.Parameters)/1e6)
	all.Tuned = map[string]jobs.Weights{}
	for _, a := range assets.Methods {
		i := with(a.Name)
		if i < 0 && (a.Training || a.Listed) {
			continue
		}
		if i < 0 {
			i = plain
		}
		if i != clex {
			all.Tuned[a.Name] = jobs.Weights{Name: m.Variants[i].Name, Factor: m.Variants[i].Factor, Config: offers[i].Config, Weights: offers[i].Load.Weights, Size: offers[i].Size}
		}
	}
	all.About = fmt.Sprintf("%d layers, %d heads, trained on %d tokens at a time; each method runs on the weights that were tuned with it, or on the untuned ones where there are none",
		all.Layers, all.Heads, all.Rotary.Window)
	return all, true
}

// first is the file with the request that loads a model, for the script that sends it
// before the page's program runs.
func first(models []jobs.Offer) (*file, error) {
	text, _, err := state.First(models)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	load, write, err := jobs.First(models[0], text)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	data, err := json.Marshal([]string{load, write})
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	f := newFile("first.json", data)
	return f, f.compress()
}

// offline lists what the service worker keeps from the first visit on: the
// programs, the first model, and the weights that plain RoPE has of its own. Other
// weights it keeps when they are used.
func (h *Handler) offline(models []jobs.Offer) []string {
	out := []string{"/web/engine.js", "/web/engine.wasm", "/web/wasm_exec.js", "/web/view.html", "/web/view.js", "/web/view.wasm",
		"/web/models/index.json", "/web/models/first.json", "/web/" + static.IconSVG, assets.Book.Address}
	if len(models) > 0 {
		m := models[0]
		out = append(out, "/web/models/"+m.Config, "/web/models/"+m.Load.Weights, "/web/models/"+m.Tokenizer)
		if plain, ok := m.Tuned["rope"]; ok {
			out = append(out, "/web/models/"+plain.Config)
			if d := plain.Difference; d != nil {
				out = append(out, "/web/models/"+d.Address, "/web/models/"+d.Of)
			} else {
				out = append(out, "/web/models/"+plain.Weights)
			}
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(name string) bool { return h.files[strings.TrimPrefix(name, "/web/")] == nil })
}
