package model

import "clexlab/model/kernel"

// layerCache is the key-value cache of one layer, a piece for each head of keys.
type layerCache struct {
	headDim, capacity int
	// plain holds keys before rotation. keys are those after rotation, of which the
	// first rotated are those of the encoding in force.
	plain   []kernel.Rounded
	values  []kernel.Values
	keys    []kernel.Keys
	rotated int
	// read and turned hold keys on their way from plain to keys.
	read, turned []float32
}

// turnedKeys is how many keys are written to the cache of rotated keys at once.
const turnedKeys = 4

func newLayerCache(c *Config, capacity int) layerCache {
	d := c.Rotary.HeadDim
	k := layerCache{
		headDim: d, capacity: capacity,
		plain: make([]kernel.Rounded, c.KVHeads), values: make([]kernel.Values, c.KVHeads), keys: make([]kernel.Keys, c.KVHeads),
		read: make([]float32, turnedKeys*d), turned: make([]float32, turnedKeys*d),
	}
	for h := range k.keys {
		k.plain[h], k.values[h], k.keys[h] = kernel.NewRounded(capacity, d), kernel.NewValues(capacity, d), kernel.NewKeys(capacity, d)
	}
	return k
}

// store puts the keys and values of n tokens from qkv, one row a token, at positions from start.
func (k *layerCache) store(c *Config, qkv []float32, start, n int) {
	d, stride := k.headDim, c.queryDim()+2*c.kvDim()
	for h := range c.KVHeads {
		for i := range n {
			from := i*stride + c.queryDim() + h*d
			k.plain[h].Set(start+i, qkv[from:from+d])
			from += c.kvDim()
			k.values[h].Set(start+i, qkv[from:from+d])
		}
	}
	k.rotated = min(k.rotated, start)
}

// rotate makes rows [0, n) of keys those of r.
func (k *layerCache) rotate(c *Config, r *rotation, n int) {
	d := k.headDim
	for h := range c.KVHeads {
		for p := k.rotated; p < n; {
			m := min(turnedKeys-p%turnedKeys, n-p)
			k.plain[h].Read(k.read[:m*d], p)
			for i := range m {
				r.rotate(k.turned[i*d:(i+1)*d], k.read[i*d:(i+1)*d], p+i, 1)
			}
			k.keys[h].Set(p, k.turned[:m*d])
			p += m
		}
	}
	k.rotated = max(k.rotated, n)
}

// attend computes the attention of layer l for the n tokens in qkv, at
// positions from start, into scratch.attended. Their keys and values are stored.
func (s *Sequence) attend(l int, qkv []float32, start, n int, o *Observer) {
	c, cache := &s.m.cfg, &s.cache[l]
	cache.rotate(c, &s.rotation, start+n)
	s.rotateQueries(qkv, start, n)
	if n == 1 {
		// A closure would be an allocation a token.
		for h := range c.Heads {
			s.attendHead(l, h, start, n)
		}
	} else {
		kernel.For(c.Heads, func(h int) { s.attendHead(l, h, start, n) })
	}
	o.attention(s, l, start, n)
}

// attendHead is attend for one head. Under a remap the near and the far keys
// meet differently rotated queries; the streams of both are one softmax.
func (s *Sequence) attendHead(l, h, start, n int) {
	c, b, cache := &s.m.cfg, &s.scratch, &s.cache[l]
	d := c.Rotary.HeadDim
	kv := h / (c.Heads / c.KVHeads)
	span := kernel.Span{
		Q: b.near[h*b.rows*d:], StrideQ: d,
		K: &cache.keys[kv], V: &cache.values[kv],
		Rows: n, Keys: start + n, Dim: d,
		Low: kernel.AllBefore, High: start + 1,
	}
	a := &b.attention[h]
	a.Begin(n, d)
	if m := s.rotation.encoding.Remap; m != nil && start+n > m.Shift {
		far := span
		far.Q, far.High = b.far[h*b.rows*d:], start-m.Shift+1
		a.Over(far)
		span.Low = far.High
	}
	a.Over(span)
	a.Finish(b.attended[h*d:], c.queryDim(), nil)
}

// rotateQueries writes the block's rotated queries to scratch.near and, under
// a remap, those of the shifted part to scratch.far: head by head, a row per token.
func (s *Sequence) rotateQueries(qkv []float32, start, n int) {
	c, b, r := &s.m.cfg, &s.scratch, &s.rotation
	d, stride := c.Rotary.HeadDim, c.queryDim()+2*c.kvDim()
	for i := range n {
		factor := r.queryFactor(start+i, d)
		for h := range c.Heads {
			q := qkv[i*stride+h*d:][:d]
			at := (h*b.rows + i) * d
			r.rotate(b.near[at:at+d], q, start+i, factor)
			if m := r.encoding.Remap; m != nil && start+i >= m.Shift {
				// Keys keep their positions: a distance of m-n-Shift+Local is that
				// of a query at m-Shift+Local.
				r.rotate(b.far[at:at+d], q, start+i-m.Shift+m.Local, factor)
			}
		}
	}
}

// weights writes to row, one value per key seen, the attention of head h for
// the block's token i. Queries must be those of layer l.
func (s *Sequence) weights(row []float32, l, h, i, start int) {
	c, b, cache := &s.m.cfg, &s.scratch, &s.cache[l]
	d := c.Rotary.HeadDim
	keys := &cache.keys[h/(c.Heads/c.KVHeads)]
	at := (h*b.rows + i) * d
	split := 0
	if m := s.rotation.encoding.Remap; m != nil {
		split = max(0, start+i-m.Shift+1)
	}
	split = min(split, len(row))
	a := &b.attention[h]
	a.Scores(keys, row[:split], b.far[at:at+d], 0)
	a.Scores(keys, row[split:], b.near[at:at+d], split)
	kernel.SoftmaxRow(row)
}
