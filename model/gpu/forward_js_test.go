//go:build js && wasm

package gpu

import (
	"fmt"
	"math"
	"testing"

	"clexlab/clex"
	"clexlab/clex/clextest"
	"clexlab/model"
)

// pair is one model on both machines, each with an empty text.
type pair struct {
	cpu *model.Sequence
	gpu *Sequence
}

func newPair(t testing.TB, d Driver, c model.Config, w *model.Weights, capacity int) pair {
	t.Helper()
	m, err := model.New(c, w)
	if err != nil {
		t.Fatal(err)
	}
	cpu, err := m.NewSequence(capacity)
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(t.Context(), d, c, w)
	if err != nil {
		t.Fatal(err)
	}
	gpu, err := g.NewSequence(t.Context(), capacity)
	if err != nil {
		t.Fatal(err)
	}
	return pair{cpu, gpu}
}

// each does the same on both.
func (p pair) each(t testing.TB, do func(s model.Session) error) {
	t.Helper()
	for _, s := range []model.Session{p.cpu, p.gpu} {
		if err := do(s); err != nil {
			t.Fatalf("%T: %v", s, err)
		}
	}
}

// tolerance is how far logits may differ: the GPU's keys and values are of float32, the CPU's of 16 bits.
const tolerance = 3e-3

func (p pair) compareLogits(t testing.TB, when string) {
	t.Helper()
	compare(t, when+": logits", p.gpu.Logits(), p.cpu.Logits(), tolerance)
}

func compare(t testing.TB, what string, got, want []float32, within float64) {
	t.Helper()
	if len(got) != len(want) || len(got) == 0 {
		t.Errorf("%s: %d values, the CPU has %d", what, len(got), len(want))
		return
	}
	for i := range got {
		if d := math.Abs(float64(got[i] - want[i])); !(d <= within) {
			t.Errorf("%s: value %d is %v, the CPU has %v", what, i, got[i], want[i])
			return
		}
	}
}

// Every scheme, read in blocks and token by token, and read on after a change of encoding.
func TestLogitsAreTheCPUs(t *testing.T) {
	d := open(t)
	for i, s := range tried() {
		p := newPair(t, d, s.cfg, s.weights(), 90)
		tokens := s.tokens(90)
		for name, e := range clextest.Encodings(t, s.cfg.Rotary) {
			if i > 0 && name != "attention factor, log-n and remap" && name != "clex" {
				// The other shapes differ in what schemes do not touch.
				continue
			}
			when := fmt.Sprintf("%s, %s", s.name, name)
			p.each(t, func(x model.Session) error {
				if err := x.Truncate(0); err != nil {
					return err
				}
				if err := x.SetEncoding(&e); err != nil {
					return err
				}
				return x.Prefill(t.Context(), tokens[:41], nil)
			})
			p.compareLogits(t, when)
			for _, token := range tokens[41:42] {
				p.each(t, func(x model.Session) error { return x.Decode(token) })
			}
			p.compareLogits(t, when+", decoded")
			plain := clex.Encoding{InvFreq: p.gpu.m.plain.InvFreq, AttentionFactor: 1}
			p.each(t, func(x model.Session) error {
				if err := x.SetEncoding(&plain); err != nil {
					return err
				}
				return x.Prefill(t.Context(), tokens[42:58], nil)
			})
			p.compareLogits(t, when+", then plain")
		}
	}
}

func TestLongTextInBlocks(t *testing.T) {
	d := open(t)
	s := shapes[0]
	const n = softwareBlock + part + 70
	p := newPair(t, d, s.cfg, s.weights(), n+8)
	tokens := s.tokens(n + 8)
	loss := [2]model.LossTrace{}
	i := 0
	p.each(t, func(x model.Session) error {
		i++
		return x.Prefill(t.Context(), tokens[:n], &model.Observer{Loss: &loss[i-1]})
	})
	p.compareLogits(t, "long")
	compare(t, "loss", loss[1].NLL, loss[0].NLL, tolerance)
	for _, token := range tokens[n:] {
		p.each(t, func(x model.Session) error { return x.Decode(token) })
	}
	p.compareLogits(t, "long, decoded")
}
