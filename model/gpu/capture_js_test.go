//go:build js && wasm

package gpu

import (
	"context"
	"testing"

	"clexlab/clex/clextest"
	"clexlab/model"
)

// Maps, profiles, whole rows and loss, over several blocks, after a beginning that was not looked at.
func TestAttentionIsTheCPUs(t *testing.T) {
	d := open(t)
	s := shapes[0]
	const from, n = 30, 30 + softwareBlock + 37
	p := newPair(t, d, s.cfg, s.weights(), n)
	tokens := s.tokens(n)
	e := clextest.Encodings(t, s.cfg.Rotary)["attention factor, log-n and remap"]
	edges := []int{0, 1, 2, 4, 8, 16, 32, 64, 128}
	var seen [2]model.Observer
	i := 0
	p.each(t, func(x model.Session) error {
		o := &seen[i]
		i++
		if err := x.SetEncoding(&e); err != nil {
			return err
		}
		if err := x.Prefill(t.Context(), tokens[:from], nil); err != nil {
			return err
		}
		o.Loss = &model.LossTrace{}
		for l := range s.cfg.Layers {
			for h := range s.cfg.Heads {
				if l == 1 {
					continue // a layer that nobody looks at
				}
				o.Maps = append(o.Maps, &model.AttentionMap{Layer: l, Head: h, MaxCells: 48})
				o.Profiles = append(o.Profiles, &model.DistanceProfile{Layer: l, Head: h, Edges: edges})
			}
		}
		return x.Prefill(t.Context(), tokens[from:], o)
	})
	p.compareLogits(t, "looked at")
	compare(t, "loss", seen[1].Loss.NLL, seen[0].Loss.NLL, tolerance)
	if seen[0].Loss.First != seen[1].Loss.First {
		t.Errorf("the first loss is of %d, the CPU's of %d", seen[1].Loss.First, seen[0].Loss.First)
	}
	for k, want := range seen[0].Maps {
		got := seen[1].Maps[k]
		if got.Rows != want.Rows || got.Cols != want.Cols || got.From != want.From || got.To != want.To {
			t.Fatalf("map %d×%d of %d to %d, the CPU's %d×%d of %d to %d", got.Rows, got.Cols, got.From, got.To, want.Rows, want.Cols, want.From, want.To)
		}
		compare(t, "largest weights", got.Max, want.Max, tolerance)
		compare(t, "mean weights", got.Mean, want.Mean, 1e-3)
	}
	for k, want := range seen[0].Profiles {
		got := seen[1].Profiles[k]
		for b := range edges {
			if d := got.Mass[b] - want.Mass[b]; d > 1e-3 || d < -1e-3 || got.Pairs[b] != want.Pairs[b] || got.Queries != want.Queries {
				t.Errorf("profile %d bin %d: %v of %d pairs, the CPU has %v of %d", k, b, got.Mass[b], got.Pairs[b], want.Mass[b], want.Pairs[b])
			}
		}
	}
	var rows [2]model.AttentionRows
	i = 0
	p.each(t, func(x model.Session) error {
		r := &rows[i]
		i++
		*r = model.AttentionRows{Layer: 2, Head: 1, From: 250, To: 300}
		if err := x.Truncate(0); err != nil {
			return err
		}
		return x.Prefill(t.Context(), tokens, &model.Observer{Rows: []*model.AttentionRows{r}})
	})
	for k := range rows[0].Weights {
		compare(t, "row", rows[1].Weights[k], rows[0].Weights[k], tolerance)
	}
}

// Going back to an encoding restores what it made, and dragging uploads nothing but frequencies.
func TestDraggingUploadsOnlyFrequencies(t *testing.T) {
	d := open(t)
	s := shapes[0]
	p := newPair(t, d, s.cfg, s.weights(), 64)
	tokens := s.tokens(60)
	all := clextest.Encodings(t, s.cfg.Rotary)
	counting := &counter{Driver: p.gpu.m.driver}
	read := func(name string) []float32 {
		e := all[name]
		if err := p.gpu.Truncate(0); err != nil {
			t.Fatal(err)
		}
		if err := p.gpu.SetEncoding(&e); err != nil {
			t.Fatal(err)
		}
		if err := p.gpu.Prefill(t.Context(), tokens, nil); err != nil {
			t.Fatal(err)
		}
		return append([]float32(nil), p.gpu.Logits()...)
	}
	first := read("yarn")
	p.gpu.m.driver = counting
	read("pi")
	if want := encodingWords*4 + counting.slots*SlotBytes; counting.bytes > want {
		t.Errorf("a change of t wrote %d bytes, the uniforms have %d", counting.bytes, want)
	}
	compare(t, "back again", read("yarn"), first, 0)
	p.gpu.m.driver = d
}

// counter counts what submits write.
type counter struct {
	Driver
	bytes, slots int
}

func (c *counter) Submit(commands *Commands) Pending {
	c.slots = commands.slots
	c.bytes = commands.written
	return c.Driver.Submit(commands)
}

func TestCancelled(t *testing.T) {
	d := open(t)
	s := shapes[0]
	p := newPair(t, d, s.cfg, s.weights(), 2*hardwareBlock+10)
	tokens := s.tokens(2*p.gpu.block + 5) // what follows the first block can still be left out
	ctx, cancel := context.WithCancel(t.Context())
	o := &model.Observer{Loss: &model.LossTrace{}, Progress: func(done, total int) { cancel() }}
	if err := p.gpu.Prefill(ctx, tokens, o); err != context.Canceled {
		t.Fatalf("a cancelled read ends with %v", err)
	}
	n := p.gpu.Len()
	if n == 0 || p.gpu.Logits() != nil {
		t.Fatalf("after it there are %d tokens", n)
	}
	// It goes on from where it was.
	if err := p.cpu.Prefill(t.Context(), tokens, nil); err != nil {
		t.Fatal(err)
	}
	if n < len(tokens) {
		if err := p.gpu.Prefill(t.Context(), tokens[n:], nil); err != nil {
			t.Fatal(err)
		}
		p.compareLogits(t, "after a cancelled read")
	}
}
