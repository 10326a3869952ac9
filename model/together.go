package model

import (
	"context"
	"fmt"
	"math"
)

// KeyValues are the keys, before rotation, and the values that one layer has of the positions From to
// To-1: for each head of keys To-From rows of HeadDim values, in each slice.
type KeyValues struct {
	From, To     int
	Keys, Values []float32
}

// Relay connects a sequence with those that read the chunks before and after its own in the same text.
// Layer l of a chunk needs of the chunks before it nothing but layer l's keys and
// values, so that sequences on different cores or workers follow each other less than a layer apart.
type Relay struct {
	// Take waits for the keys and values of a layer for all positions before the chunk. It is
	// asked for each layer in turn, and not by the first chunk.
	Take func(ctx context.Context, layer int) (KeyValues, error)
	// Pass, if set, is given those of a layer for all positions to the end of the chunk. They are
	// the receiver's.
	Pass func(layer int, kv KeyValues) error
}

// Chunks cuts a text of n tokens for readers that read it together: reader i has tokens [c[i], c[i+1]), none of
// them empty. The chunks take equally long, so that later ones, whose tokens look back on more, are shorter. They
// begin where Prefill's blocks do.
func (c *Config) Chunks(n, readers int) []int {
	// Multiplications for a token, and for each key that it sees; the latter take a little longer.
	perKey := 1.4 * 2 * float64(c.Layers*c.queryDim())
	mlp := 2
	if c.gated() {
		mlp = 3
	}
	perToken := float64(c.Layers*c.Dim) * float64(2*c.queryDim()+2*c.kvDim()+mlp*c.HiddenDim)
	cost := func(at float64) float64 { return perToken*at + perKey*at*at/2 }
	cuts := []int{0}
	for i := 1; i < readers; i++ {
		goal := cost(float64(n)) * float64(i) / float64(readers)
		at := (math.Sqrt(perToken*perToken+2*perKey*goal) - perToken) / perKey
		cut := int(math.Round(at/blockTokens)) * blockTokens
		if cut > cuts[len(cuts)-1] && cut < n {
			cuts = append(cuts, cut)
		}
	}
	return append(cuts, n)
}

// PrefillTogether reads tokens [from, to) of a text into s, an empty sequence with room for to, while others read the
// rest: r brings the keys and values before from and takes those to the end. Afterwards s holds
// the text to there, each bit as if it had read all of it by itself under its encoding. o receives what it asks for of the
// tokens read, and the loss of token to if there is one; maps have the cells of the whole text. What several readers
// observe is what one reader does when it is joined (see Observer.Join). Errors of r and of ctx leave s empty.
func (s *Sequence) PrefillTogether(ctx context.Context, tokens []int32, from, to int, r Relay, o *Observer) error {
	switch {
	case len(s.tokens) > 0:
		return fmt.Errorf("model: a text is read together into an empty sequence, this one has %d tokens", len(s.tokens))
	case from < 0 || from >= to || to > len(tokens):
		return fmt.Errorf("model: tokens %d to %d are to be read of %d", from, to, len(tokens))
	case from > 0 && r.Take == nil:
		return fmt.Errorf("model: nothing brings the keys before token %d", from)
	}
	if err := s.check(tokens[:to]); err != nil {
		return err
	}
	if err := s.m.checkTokens(tokens[to:]); err != nil {
		return err
	}
	if err := o.Begin(&s.m.cfg, from, to, false); err != nil {
		return err
	}
	if o != nil {
		for _, m := range o.Maps {
			m.begin(0, len(tokens), from)
		}
	}
	err := s.readChunk(ctx, tokens[:to], from, r, o)
	if err != nil {
		s.tokens, s.known = s.tokens[:0], false
		for i := range s.cache {
			s.cache[i].rotated = 0
		}
		return err
	}
	if o != nil && o.Loss != nil && to < len(tokens) && to >= o.Loss.From {
		o.Loss.NLL = append(o.Loss.NLL, nll(s.logits, tokens[to]))
	}
	o.End(to)
	return nil
}

// readChunk reads the last tokens, from position from on, layer by layer.
func (s *Sequence) readChunk(ctx context.Context, tokens []int32, from int, r Relay, o *Observer) error {
	m, c := s.m, &s.m.cfg
	to := len(tokens)
	s.rotation.fill(to)
	width := c.queryDim() + 2*c.kvDim()
	x, qkv := make([]float32, (to-from)*c.Dim), make([]float32, (to-from)*width)
	blocks := func(do func(start, n int, x, qkv []float32)) error {
		for start := from; start < to; start += blockTokens {
			if err := ctx.Err(); err != nil {
				return err
			}
			n, at := min(blockTokens, to-start), start-from
			do(start, n, x[at*c.Dim:(at+n)*c.Dim], qkv[at*width:(at+n)*width])
		}
		return nil
	}
	m.embed(x, tokens[from:])
	o.norms(0, x, c.Dim)
	for l := range m.layers {
		if err := blocks(func(start, n int, x, qkv []float32) { s.project(l, x, qkv, start, n) }); err != nil {
			return err
		}
		if from > 0 {
			kv, err := r.Take(ctx, l)
			if err != nil {
				return err
			}
			if kv.From != 0 || kv.To != from {
				return fmt.Errorf("model: keys %d to %d came for layer %d, want those before %d", kv.From, kv.To, l, from)
			}
			if err := s.cache[l].put(c, kv); err != nil {
				return err
			}
		}
		if r.Pass != nil {
			if err := r.Pass(l, s.cache[l].keyValues(c, to)); err != nil {
				return err
			}
		}
		if err := blocks(func(start, n int, x, qkv []float32) {
			if l < len(m.layers)-1 || start+n == to || o.needs(start, n) {
				s.finishLayer(l, x, qkv, start, n, o)
			}
			if o != nil && o.Progress != nil {
				o.Progress((l*(to-from)+start+n-from)/len(m.layers), to-from)
			}
		}); err != nil {
			return err
		}
	}
	s.known = false
	return blocks(func(start, n int, x, _ []float32) {
		s.tokens = append(s.tokens[:0], tokens[:start+n]...)
		if start+n == to || o.needs(start, n) {
			s.finish(tokens[start:start+n], x, o, start+n == to)
		}
	})
}

// put makes kv the cache's.
func (k *layerCache) put(c *Config, kv KeyValues) error {
	n, d := kv.To-kv.From, k.headDim
	if want := c.KVHeads * n * d; len(kv.Keys) != want || len(kv.Values) != want || n < 0 || kv.From < 0 || kv.To > k.capacity {
		return fmt.Errorf("model: %d keys and %d values are none of positions %d to %d", len(kv.Keys), len(kv.Values), kv.From, kv.To)
	}
	for h := range c.KVHeads {
		for i := range n {
			at := (h*n + i) * d
			k.plain[h].Set(kv.From+i, kv.Keys[at:at+d])
			k.values[h].Set(kv.From+i, kv.Values[at:at+d])
		}
	}
	k.rotated = min(k.rotated, kv.From)
	return nil
}

// keyValues is a copy of the cache's first n positions.
func (k *layerCache) keyValues(c *Config, n int) KeyValues {
	size := n * k.headDim
	kv := KeyValues{To: n, Keys: make([]float32, c.KVHeads*size), Values: make([]float32, c.KVHeads*size)}
	for h := range c.KVHeads {
		k.plain[h].Read(kv.Keys[h*size:(h+1)*size], 0)
		k.values[h].Read(kv.Values[h*size:(h+1)*size], 0)
	}
	return kv
}
