package model

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// batchTokens is the most tokens drawn at once, and batchesInFlight how many such
// draws are under way: few enough that a change of t shows soon.
const (
	batchTokens     = 8
	batchesInFlight = 2
)

// inFlight is the state of a generation whose tokens are drawn by a Sampler.
type inFlight struct {
	sampler Sampler
	// left is how many tokens may still be drawn, batch the size of the last draw.
	left, batch int
	// ts and counts are, for each draw under way, its t and its tokens.
	ts       []float64
	counts   []int
	uniforms []float64
	// ready are tokens that have come and were not handed out yet, drawn under t.
	ready []Sampled
	t     float64
}

// drop takes back what was drawn and not handed out.
func (a *inFlight) drop() {
	if extra := len(a.ready) + a.sampler.InFlight(); extra > 0 {
		// A sampler that failed cannot be truncated and need not be.
		_ = a.sampler.Truncate(a.sampler.Len() - extra)
	}
}

// takeSampled is next for a Sampler.
func (g *generation) takeSampled(ctx context.Context, start time.Time) (Token, error) {
	a := g.inFlight
	for a.left > 0 && len(a.counts) < batchesInFlight {
		if err := g.sampleMore(ctx); err != nil {
			return Token{}, err
		}
	}
	if len(a.ready) == 0 {
		var err error
		if a.ready, err = a.sampler.Sampled(ctx); err != nil {
			return Token{}, err
		}
		if len(a.ready) == 0 {
			return Token{}, fmt.Errorf("model: nothing was drawn after token %d", g.s.Len())
		}
		a.t = a.ts[0]
		a.ts, a.counts = slices.Delete(a.ts, 0, 1), slices.Delete(a.counts, 0, 1)
	}
	d := a.ready[0]
	a.ready = a.ready[1:]
	if math.IsNaN(d.LogProb) || math.IsInf(d.LogProb, 0) {
		return Token{}, fmt.Errorf("model: the logits after token %d are not finite", g.s.Len()-len(a.ready)-a.sampler.InFlight()-1)
	}
	g.count++
	t := Token{ID: d.ID, LogProb: d.LogProb, Alternatives: d.Alternatives, T: a.t}
	t.N = g.s.Len() - len(a.ready) - a.sampler.InFlight()
	switch {
	case slices.Contains(g.StopTokens, d.ID):
		t.Stop = StopByToken
		// A stop token is not part of the text.
		t.N--
		a.ready = append([]Sampled{d}, a.ready...)
	case g.count == g.MaxTokens:
		t.Stop = StopByLimit
	case t.N == g.s.Capacity():
		t.Stop = StopByCapacity
	}
	g.write(&t)
	t.Elapsed = time.Since(start)
	return t, nil
}

// sampleMore begins one more draw, of tokens that share a t.
func (g *generation) sampleMore(ctx context.Context) error {
	a := g.inFlight
	// The first token must not wait for others.
	a.batch = min(max(1, 2*a.batch), batchTokens)
	n, t := min(a.batch, a.left), 0.0
	if x := g.Extension; x != nil {
		length := g.s.Len() + 1
		var err error
		if t, err = x.Fit(ctx, g.s, length); err != nil {
			return err
		}
		for i := 1; i < n; i++ {
			same, err := x.Same(length, length+i)
			if err != nil {
				return err
			}
			if !same {
				n = i
			}
		}
	}
	a.uniforms = a.uniforms[:0]
	for range n {
		a.uniforms = append(a.uniforms, g.sampler.uniform())
	}
	if err := a.sampler.Sample(&g.Sampling, a.uniforms, g.Alternatives); err != nil {
		return err
	}
	a.left -= n
	a.ts, a.counts = append(a.ts, t), append(a.counts, n)
	return nil
}
