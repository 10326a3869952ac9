package server

import (
	"bytes"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"clexlab/model/checkpoint"
	"clexlab/model/difference"
	"clexlab/tinymodels"
	"clexlab/wasm/wire/jobs"
)

// TestShippedDifferences: of the models that ship every set of weights but the first, which travels packed, has a difference that is served, that
// both the model and the single checkpoint name, that is two thirds of the whole at most, and that gives the file in the tree byte for byte.
func TestShippedDifferences(t *testing.T) {
	if testing.Short() {
		t.Skip("unpacks 40 MB")
	}
	t.Parallel()
	program := &fstest.MapFile{Data: []byte("program")}
	h, err := New(Options{Dist: fstest.MapFS{"app.wasm": program, "engine.wasm": program, "view.wasm": program}, Models: tinymodels.Files})
	if err != nil {
		t.Fatal(err)
	}
	index := h.index(t)
	single := map[string]*jobs.Difference{}
	for _, m := range index.Models {
		if m.Tuned == nil {
			single[m.Load.Weights] = m.Difference
		}
	}
	count := 0
	for _, m := range index.Models {
		if m.Tuned == nil {
			continue
		}
		if m.Difference != nil {
			t.Errorf("%s, which all differences are from, has one itself", m.Load.Weights)
		}
		first := get(h, "/web/models/"+m.Load.Weights, "gzip, br")
		length, _ := strconv.Atoi(first.Header.Get("Content-Length"))
		if coding := first.Header.Get("Content-Encoding"); coding != "gzip" || 100*length > 93*int(m.Size) {
			t.Errorf("%s travels as %q in %d of %d bytes", m.Load.Weights, coding, length, m.Size)
		}
		reference := body(t, first)
		done := map[string]bool{m.Load.Weights: true}
		for method, w := range m.Tuned {
			if done[w.Weights] {
				continue
			}
			done[w.Weights] = true
			count++
			d := w.Difference
			if d == nil || d.Of != m.Load.Weights || single[w.Weights] == nil || *single[w.Weights] != *d {
				t.Errorf("weights of %s: the difference is %+v, the checkpoint's %+v", method, d, single[w.Weights])
				continue
			}
			made := body(t, get(h, "/web/models/"+d.Address, "gzip, br"))
			t.Logf("%s: %d bytes for %d", w.Weights, len(made), w.Size)
			if 3*len(made) > 2*int(w.Size) {
				t.Errorf("%s: %d bytes for %d", d.Address, len(made), w.Size)
			}
			unpacked, err := difference.Unpack(bytes.NewReader(made))
			if err != nil {
				t.Fatal(err)
			}
			got, err := difference.Apply(unpacked, bytes.NewReader(reference), w.Size, nil)
			want, e := fs.ReadFile(tinymodels.Files, w.Weights)
			if err != nil || e != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %d bytes, %v: want the file in the tree (%v)", d.Address, len(got), err, e)
			}
		}
		for name := range single {
			if d := single[name]; strings.HasPrefix(name, m.ID+"/") && (name == m.Load.Weights) == (d != nil) {
				t.Errorf("%s: the difference is %+v", name, d)
			}
		}
	}
	if count < 10 {
		t.Errorf("only %d differences", count)
	}
}

// index is the list of models as it is served.
func (h *Handler) index(t *testing.T) jobs.Catalogue {
	t.Helper()
	c, err := jobs.ParseCatalogue(body(t, get(h, "/web/models/index.json", "")))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestOfflineKeepsDifferences: of weights that travel as a difference that one is kept, and not the whole file.
func TestOfflineKeepsDifferences(t *testing.T) {
	files, ck, plain, config := untuned(t)
	offered := func(kind checkpoint.Precision) (*Handler, jobs.Catalogue) {
		var tuned, untuned bytes.Buffer
		for weights, c := range map[*bytes.Buffer]*checkpoint.Checkpoint{&tuned: ck, &untuned: plain} {
			if err := c.WriteWeights(weights, kind); err != nil {
				t.Fatal(err)
			}
		}
		program := &fstest.MapFile{Data: []byte("program")}
		models := fstest.MapFS{"rig/tokenizer.json": {Data: files.Tokenizer}, "rig/clex/config.json": {Data: files.Config}, "rig/clex/model.safetensors": {Data: tuned.Bytes()},
			"rig/base/config.json": {Data: config}, "rig/base/model.safetensors": {Data: untuned.Bytes()}}
		h, err := New(Options{Dist: fstest.MapFS{"app.wasm": program, "engine.wasm": program, "view.wasm": program}, Models: models})
		if err != nil {
			t.Fatal(err)
		}
		return h, h.index(t)
	}
	for _, c := range []struct {
		kind       checkpoint.Precision
		difference bool
	}{{checkpoint.I8, true}, {checkpoint.F32, false}} {
		h, index := offered(c.kind)
		kept := h.offline(index.Models)
		has := func(name string) bool { return slices.Contains(kept, "/web/models/rig/"+name) }
		if has("base/model.difference") != c.difference || has("base/model.safetensors") == c.difference || !has("clex/model.safetensors") {
			t.Errorf("%v: kept are %q", c.kind, kept)
		}
		if d := index.Models[0].Tuned["rope"].Difference; (d != nil) != c.difference {
			t.Errorf("%v: the difference is %+v", c.kind, d)
		}
	}
}
