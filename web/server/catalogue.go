package server

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"clexlab/assets/static"
	"clexlab/model/checkpoint"
	"clexlab/tinymodels"
	"clexlab/wasm/wire/jobs"
)

// Catalogue lists the checkpoints in fsys with all that the page needs to know
// before it loads one: sizes, rotary geometry, and CLEX's network. A checkpoint
// tuned for CLEX comes first.
func Catalogue(fsys fs.FS) (jobs.Catalogue, error) {
	var c jobs.Catalogue
	manifest, err := tinymodels.ReadManifest(fsys)
	if err != nil {
		return c, err
	}
	for _, m := range manifest.Models {
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
				ID: m.Name + "-" + v.Name, Name: fmt.Sprintf("%s · %s · %.1f M", m.Name, v.Name, float64(n)/1e6),
				Load: jobs.Load{Config: v.Config.Path, Weights: v.Weights.Path, Tokenizer: m.Tokenizer.Path, Size: v.Weights.Size},
				About: fmt.Sprintf("%d layers, %d heads, trained on %d tokens at a time; tuned with %s",
					ck.Config.Layers, ck.Config.Heads, ck.Config.Rotary.Window, v.Scheme),
				Parameters: n, Layers: ck.Config.Layers, Heads: ck.Config.Heads, Vocab: ck.Config.Vocab,
				Rotary: ck.Config.Rotary, Network: ck.CLEX,
			})
		}
	}
	slices.SortStableFunc(c.Models, func(a, b jobs.Offer) int {
		switch {
		case (a.Network != nil) == (b.Network != nil):
			return strings.Compare(a.ID, b.ID)
		case a.Network != nil:
			return -1
		}
		return 1
	})
	return c, nil
}

// offline lists what the service worker keeps: the programs and the first model.
func (h *Handler) offline(models []jobs.Offer) []string {
	out := []string{"/web/engine.js", "/web/engine.wasm", "/web/wasm_exec.js", "/web/view.html", "/web/view.js", "/web/view.wasm",
		"/web/models/index.json", "/web/" + static.IconSVG}
	if len(models) > 0 {
		m := models[0]
		out = append(out, "/web/models/"+m.Config, "/web/models/"+m.Weights, "/web/models/"+m.Tokenizer)
	}
	return slices.DeleteFunc(out, func(name string) bool { return h.files[strings.TrimPrefix(name, "/web/")] == nil })
}
