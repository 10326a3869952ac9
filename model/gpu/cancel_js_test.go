//go:build js && wasm

package gpu

import (
	"context"
	"testing"
	"time"

	"clexlab/model"
)

// A read that is cancelled while the device works leaves a text that reads on.
func TestCancelledAtAnyTime(t *testing.T) {
	d := open(t)
	s := shapes[0]
	p := newPair(t, d, s.cfg, s.weights(), 200)
	tokens := s.tokens(180)
	look := func() *model.Observer {
		o := &model.Observer{Loss: &model.LossTrace{}}
		for l := range s.cfg.Layers {
			o.Maps = append(o.Maps, &model.AttentionMap{Layer: l, MaxCells: 48})
		}
		return o
	}
	for i := range 12 {
		ctx, cancel := context.WithCancel(t.Context())
		timer := time.AfterFunc(time.Duration(i)*4*time.Millisecond, cancel)
		if err := p.gpu.Truncate(0); err != nil {
			t.Fatal(err)
		}
		if err := p.gpu.Prefill(ctx, tokens[:100+i], look()); err != nil && err != context.Canceled {
			t.Fatal(err)
		}
		timer.Stop()
		cancel()
	}
	if err := p.gpu.Truncate(0); err != nil {
		t.Fatal(err)
	}
	p.each(t, func(x model.Session) error { return x.Prefill(t.Context(), tokens, look()) })
	p.compareLogits(t, "after cancelled reads")
}
