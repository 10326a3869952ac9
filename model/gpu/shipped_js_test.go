//go:build js && wasm

package gpu

import (
	"fmt"
	"io/fs"
	"path"
	"testing"
	"time"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/checkpoint"
	"clexlab/tinymodels"
)

// shipped is a model that ships, with the CLEX that it was tuned with.
func shipped(t testing.TB, name string) (*checkpoint.Checkpoint, clex.Scheme) {
	t.Helper()
	folder, err := fs.Sub(tinymodels.Files, path.Join(name, "clex"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := checkpoint.Read(t.Context(), folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := clex.New("clex", c.Config.Rotary, clex.Options{Network: c.CLEX})
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

// Every model that ships: known answers of each kernel at its sizes.
func TestShippedModelsKnownAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a software adapter a minute")
	}
	list, err := tinymodels.ReadManifest(tinymodels.Files)
	if err != nil || len(list.Models) == 0 {
		t.Fatal(err, "no model ships")
	}
	for _, m := range list.Models {
		t.Run(m.Name, func(t *testing.T) {
			c, _ := shipped(t, m.Name)
			g, err := New(t.Context(), open(t), c.Config, c.Weights)
			if err != nil {
				t.Fatal(err)
			}
			if err := g.SelfTest(t.Context(), c.Weights); err != nil {
				t.Error(err)
			}
		})
	}
}

// The first model of the page: logits, and the same greedy text for 200 tokens (20 in short), over the border of the trained window, where t moves.
func TestShippedModelWritesTheSame(t *testing.T) {
	d := open(t)
	read, written := 200, 200
	if testing.Short() {
		read, written = 246, 20
	}
	c, scheme := shipped(t, "small")
	p := newPair(t, d, c.Config, c.Weights, 460)
	tokens := (&shape{cfg: c.Config}).tokens(read)
	var texts [2][]model.Token
	var logits [2][]float32
	i := 0
	p.each(t, func(x model.Session) error {
		ext := &model.Extension{Scheme: scheme, Rule: clex.LengthRule{}}
		if _, err := ext.Fit(t.Context(), x, len(tokens)); err != nil {
			return err
		}
		if err := x.Prefill(t.Context(), tokens, nil); err != nil {
			return err
		}
		logits[i] = append(logits[i], x.Logits()...)
		for token, err := range model.Generate(t.Context(), x, model.Options{MaxTokens: written, Extension: ext}) {
			if err != nil {
				return err
			}
			texts[i] = append(texts[i], token)
		}
		i++
		return nil
	})
	compare(t, "logits", logits[1], logits[0], tolerance)
	if first, last := texts[0][0].T, texts[0][written-1].T; first == last {
		t.Errorf("t stays at %v", first)
	}
	for k, want := range texts[0] {
		if got := texts[1][k]; got.ID != want.ID || got.T != want.T {
			t.Fatalf("token %d is %d at t = %v, the CPU writes %d at %v", k, got.ID, got.T, want.ID, want.T)
		}
	}
}

// BenchmarkMachines measures both machines on the models that ship, side by side.
func BenchmarkMachines(b *testing.B) {
	list, err := tinymodels.ReadManifest(tinymodels.Files)
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range list.Models {
		b.Run(m.Name, func(b *testing.B) { benchmarkMachines(b, m.Name) })
	}
}

func benchmarkMachines(b *testing.B, name string) {
	d := open(b)
	c, _ := shipped(b, name)
	const most = 4096
	p := newPair(b, d, c.Config, c.Weights, most)
	lengths := []int{256, 1024, 4096}
	if d.Adapter().Software {
		lengths = lengths[:1]
	}
	for _, machine := range []struct {
		name string
		text model.Session
	}{{cpuName, p.cpu}, {"WebGPU on " + d.Adapter().Label(), p.gpu}} {
		for _, n := range lengths {
			tokens := (&shape{cfg: c.Config}).tokens(n)
			b.Run(fmt.Sprintf("%s/prefill %d", machine.name, n), func(b *testing.B) {
				start := time.Now()
				for range b.N {
					if err := machine.text.Truncate(0); err != nil {
						b.Fatal(err)
					}
					if err := machine.text.Prefill(b.Context(), tokens, nil); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N*n)/time.Since(start).Seconds(), "tokens/s")
			})
			b.Run(fmt.Sprintf("%s/decode at %d", machine.name, n), func(b *testing.B) {
				start, count := time.Now(), 0
				for range b.N {
					if err := machine.text.Truncate(n - 32); err != nil {
						b.Fatal(err)
					}
					for _, err := range model.Generate(b.Context(), machine.text, model.Options{MaxTokens: 32, Alternatives: 8}) {
						if err != nil {
							b.Fatal(err)
						}
						count++
					}
				}
				b.ReportMetric(float64(count)/time.Since(start).Seconds(), "tokens/s")
			})
		}
		// From a new t to finished maps of every head: what a drag waits for.
		n := lengths[len(lengths)-1]
		tokens := (&shape{cfg: c.Config}).tokens(n)
		b.Run(fmt.Sprintf("%s/t to maps of %d tokens", machine.name, n), func(b *testing.B) {
			for i := range b.N {
				o := &model.Observer{}
				for l := range c.Config.Layers {
					for h := range c.Config.Heads {
						o.Maps = append(o.Maps, &model.AttentionMap{Layer: l, Head: h, MaxCells: gridCells})
					}
				}
				e := clex.Encoding{InvFreq: append([]float64(nil), p.gpu.m.plain.InvFreq...), AttentionFactor: 1 + 0.01*float64(i%7)}
				if err := machine.text.Truncate(0); err != nil {
					b.Fatal(err)
				}
				if err := machine.text.SetEncoding(&e); err != nil {
					b.Fatal(err)
				}
				if err := machine.text.Prefill(b.Context(), tokens, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
