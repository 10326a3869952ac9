//go:build js && wasm

package gputrain

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"clexlab/model/gpu"
	"clexlab/model/train"
)

var device gpu.Driver

func open(t testing.TB) gpu.Driver {
	t.Helper()
	if device == nil {
		d, err := gpu.Open(t.Context())
		if err != nil {
			if strings.Contains(err.Error(), "not loaded") {
				t.Fatal(err) // the test's own surroundings are wrong
			}
			t.Skip(err)
		}
		device = d
	}
	return device
}

// recipe is a run that uses everything a step has: skips that are weighed, answers that weigh more, several factors, a field,
// grouped heads, a vocabulary that fills no tile, windows that fill no workgroup.
const recipe = `{
  "name": "tiny", "from": "FROM", "distil": DISTIL,
  "model": {"vocab": 140, "width": 36, "hidden": 52, "layers": 2, "heads": 4, "kv_heads": 2, "head_dim": HEAD, "rope_theta": 10000, "window": 70, "tied_head": TIED},
  "scheme": {"name": "clex", "t_max": 4},
  "positions": [{"sampler": "contiguous", "share": 0.3}, {"sampler": "chunks", "share": 0.7, "min_chunks": 2, "max_chunks": 4}],
  "weigh_skips": true, "average": {"from": 0.25, "decay": 0.9},
  "t": {"min": 1, "max": 4, "prob_one": 0.25},
  "corpus": ["train"],
  "text": {"recall": 0.3, "dense": 0.3, "facts": 2, "answer_weight": 8},
  "batch": 6, "shard_rows": 2, "steps": 8,
  "learning_rate": 0.003, "final_rate": 0.1, "warmup": 2, "weight_decay": 0.1, "clip": 0.5,
  "field_rate": 0.01, "field_step": 0.25, "field_turn": 1, "seed": 3
}`

func parse(t testing.TB, text string) *train.Recipe {
	t.Helper()
	r, err := train.ParseRecipe([]byte(replace(text, "HEAD", "8")))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// noisy are weights that are far from those a run begins with, so that every part has a gradient.
func noisy(t testing.TB, r *train.Recipe) *train.Parameters {
	t.Helper()
	p, err := train.NewParameters(r.Model.Config(), 7)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range p.Flat {
		p.Flat[i] += float32(0.1 * rng.NormFloat64())
	}
	return p
}

func replace(text string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		for k := 0; k+len(pairs[i]) <= len(text); k++ {
			if text[k:k+len(pairs[i])] == pairs[i] {
				text = text[:k] + pairs[i+1] + text[k+len(pairs[i]):]
			}
		}
	}
	return text
}

// shapes are those of the models that ship, and one of 24 million parameters like that of another trainer for browsers.
var shapes = map[string]train.Shape{
	"small":  {Vocab: 2048, Dim: 192, HiddenDim: 512, Layers: 4, Heads: 4, KVHeads: 4, HeadDim: 48, Base: 10000, Window: 256, TiedHead: true},
	"medium": {Vocab: 2048, Dim: 320, HiddenDim: 864, Layers: 6, Heads: 5, KVHeads: 5, HeadDim: 64, Base: 10000, Window: 256, TiedHead: true},
	"24M":    {Vocab: 16384, Dim: 384, HiddenDim: 1024, Layers: 10, Heads: 8, KVHeads: 8, HeadDim: 48, Base: 10000, Window: 128, TiedHead: true},
}

// running is a run of a shape with so many rows a batch.
func running(b *testing.B, shape string, rows int) (*train.Trainer, *Computer) {
	b.Helper()
	d := open(b)
	r := parse(b, replace(recipe, "TIED", "true", "FROM", "", "DISTIL", "0"))
	r.Model = shapes[shape]
	r.Batch, r.ShardRows, r.Steps = rows, rows/2, 1000
	tr, err := train.NewTrainer(r, book(b, r), nil)
	if err != nil {
		b.Fatal(err)
	}
	c, err := New(b.Context(), d, r, tr.Vectors(), nil)
	if err != nil {
		b.Fatal(err)
	}
	tr.Compute(c)
	return tr, c
}

// BenchmarkStep trains the shapes that ship on random text, on batches of several sizes.
func BenchmarkStep(b *testing.B) {
	for _, shape := range []string{"small", "medium", "24M"} {
		for _, tokens := range []int{2048, 16384} {
			b.Run(fmt.Sprintf("%s/%d-tokens", shape, tokens), func(b *testing.B) {
				tr, c := running(b, shape, tokens/shapes[shape].Window)
				defer c.Close()
				begin, steps := time.Now(), 0
				for b.Loop() {
					if _, err := tr.Step(b.Context()); err != nil {
						b.Fatal(err)
					}
					steps++
				}
				b.ReportMetric(float64(steps*tokens)/time.Since(begin).Seconds(), "tokens/s")
			})
		}
	}
}

// BenchmarkKernels times all dispatches of one kernel in a step, kernel by kernel.
func BenchmarkKernels(b *testing.B) {
	tr, c := running(b, "small", 64)
	defer c.Close()
	if _, err := tr.Step(b.Context()); err != nil {
		b.Fatal(err)
	}
	seen := map[*kernel]bool{}
	for _, s := range c.step {
		if seen[s.kernel] {
			continue
		}
		seen[s.kernel] = true
		b.Run(s.kernel.Name, func(b *testing.B) {
			for b.Loop() {
				c.c.Reset()
				for i := range c.step {
					if o := &c.step[i]; o.kernel == s.kernel {
						o.params.pack(c.c.Uniform(c.uniforms))
						c.c.Run(o.kernel.pipeline, o.group, o.x, o.y, o.z)
					}
				}
				c.c.Finish(c.buf.uniforms)
				if _, err := c.driver.Submit(&c.c).Wait(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
