//go:build js && wasm

package gpu

import (
	"testing"

	"clexlab/model"
)

// narrow is a device that binds little while a model is laid out.
type narrow struct {
	Driver
	bytes int
}

func (d *narrow) Adapter() Adapter {
	a := d.Driver.Adapter()
	if d.bytes > 0 {
		a.Limits.BindingBytes = d.bytes
	}
	return a
}

// A model whose matrices lie in pieces knows the answers, and its logits are the CPU's.
func TestPiecesAreTheWhole(t *testing.T) {
	real := open(t)
	for _, s := range tried()[:min(5, len(tried()))] {
		d := &narrow{Driver: real, bytes: 1024}
		w := s.weights()
		m, err := New(t.Context(), d, s.cfg, w)
		if err != nil {
			t.Fatal(err)
		}
		d.bytes = 0
		l := &m.layers[0]
		for name, n := range map[string]int{"embedding": len(m.table.pieces), "head": len(m.head.pieces), "Q, K and V": len(l.qkv.pieces), "Gate and Up": len(l.up.pieces), "Down": len(l.down.pieces)} {
			if n < 2 {
				t.Errorf("%s: %s lies in %d pieces", s.name, name, n)
			}
		}
		if err := m.SelfTest(t.Context(), w); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		p := newPair(t, real, s.cfg, w, 60)
		if p.gpu, err = m.NewSequence(t.Context(), 60); err != nil {
			t.Fatal(err)
		}
		tokens := s.tokens(50)
		p.each(t, func(x model.Session) error { return x.Prefill(t.Context(), tokens, nil) })
		p.compareLogits(t, s.name+" in pieces")
		p.each(t, func(x model.Session) error { return x.Decode(tokens[0]) })
		p.compareLogits(t, s.name+" in pieces, decoded")
	}
}
