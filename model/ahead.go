package model

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// aheadTokens is the most tokens drawn at once, and aheadDraws how many such
// draws are under way: few enough that a change of t shows soon.
const (
	aheadTokens = 8
	aheadDraws  = 2
)

// ahead is the state of a generation whose tokens are drawn by a Drawer.
type ahead struct {
	drawer Drawer
	// left is how many tokens may still be drawn, batch the size of the last draw.
	left, batch int
	// ts and counts are, for each draw under way, its t and its tokens.
	ts       []float64
	counts   []int
	uniforms []float64
	// ready are tokens that have come and were not handed out yet, drawn under t.
	ready []Drawn
	t     float64
}

// drop takes back what was drawn and not handed out.
func (a *ahead) drop() {
	if extra := len(a.ready) + a.drawer.Ahead(); extra > 0 {
		// A drawer that failed cannot be truncated and need not be.
		_ = a.drawer.Truncate(a.drawer.Len() - extra)
	}
}

// take is next for a Drawer.
func (g *generation) take(ctx context.Context, start time.Time) (Token, error) {
	a := g.ahead
	for a.left > 0 && len(a.counts) < aheadDraws {
		if err := g.drawAhead(ctx); err != nil {
			return Token{}, err
		}
	}
	if len(a.ready) == 0 {
		var err error
		if a.ready, err = a.drawer.Drawn(ctx); err != nil {
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
		return Token{}, fmt.Errorf("model: the logits after token %d are not finite", g.s.Len()-len(a.ready)-a.drawer.Ahead()-1)
	}
	g.count++
	t := Token{ID: d.ID, LogProb: d.LogProb, Alternatives: d.Alternatives, T: a.t}
	t.N = g.s.Len() - len(a.ready) - a.drawer.Ahead()
	switch {
	case slices.Contains(g.StopTokens, d.ID):
		t.Stop = StopByToken
		// A stop token is not part of the text.
		t.N--
		a.ready = append([]Drawn{d}, a.ready...)
	case g.count == g.MaxTokens:
		t.Stop = StopByLimit
	case t.N == g.s.Capacity():
		t.Stop = StopByCapacity
	}
	g.write(&t)
	t.Elapsed = time.Since(start)
	return t, nil
}

// drawAhead begins one more draw, of tokens that share a t.
func (g *generation) drawAhead(ctx context.Context) error {
	a := g.ahead
	// The first token must not wait for others.
	a.batch = min(max(1, 2*a.batch), aheadTokens)
	n, t := min(a.batch, a.left), 0.0
	if x := g.Extension; x != nil {
		length := g.s.Len() + 1
		var err error
		if t, err = x.Fit(ctx, g.s, length); err != nil {
			return err
		}
		for i := 1; i < n; i++ {
			if x.T(length+i) != t {
				n = i
			}
		}
	}
	a.uniforms = a.uniforms[:0]
	for range n {
		a.uniforms = append(a.uniforms, g.sampler.uniform())
	}
	if err := a.drawer.Draw(&g.Sampling, a.uniforms, g.Alternatives); err != nil {
		return err
	}
	a.left -= n
	a.ts, a.counts = append(a.ts, t), append(a.counts, n)
	return nil
}
