package model

import "clexlab/model/kernel"

// blockTokens is how many tokens Prefill reads at once: enough to reuse each
// weight many times from cache, few enough to cancel within a moment.
const blockTokens = 128

// scratch is the memory of one block's forward pass.
type scratch struct {
	token [1]int32
	// x is the residual stream, normed its normalised copy, attended the heads'
	// outputs, all one row per token.
	x, normed, attended []float32
	// qkv, up and mlp are the fused projections and the activated MLP.
	qkv, up, mlp []float32
	// out is a projection about to be added to x.
	out []float32
	// rows is how many tokens fit, near and far the rotated queries: Heads pieces
	// of rows×HeadDim. far is those of a remap's shifted part.
	rows      int
	near, far []float32
	// attention is the state of each head's streaming softmax, ws of the matrix products.
	attention []kernel.Attention
	ws        kernel.Workspace
	// row is, for each head that is looked at, one query's attention over all keys.
	row [][]float32
	// blockLogits holds the logits of a whole block; only a loss needs it.
	blockLogits []float32
}

func newScratch(c *Config, rows int) scratch {
	upDim := c.HiddenDim
	if c.gated() {
		upDim = 2 * c.HiddenDim
	}
	floats := func(width int) []float32 { return make([]float32, rows*width) }
	return scratch{
		x: floats(c.Dim), normed: floats(c.Dim), attended: floats(c.queryDim()),
		qkv: floats(c.queryDim() + 2*c.kvDim()), up: floats(upDim), mlp: floats(c.HiddenDim),
		out: floats(c.Dim), rows: rows,
		near: floats(c.queryDim()), far: floats(c.queryDim()),
		attention: make([]kernel.Attention, c.Heads), row: make([][]float32, c.Heads),
	}
}

// forward reads one block of tokens that fits; logits asks for those after the last token.
func (s *Sequence) forward(tokens []int32, o *Observer, logits bool) {
	m, c, b := s.m, &s.m.cfg, &s.scratch
	n, start := len(tokens), len(s.tokens)
	s.tokens = append(s.tokens, tokens...)
	s.rotation.fill(start + n)

	x := b.x[:n*c.Dim]
	m.embed(x, tokens)
	o.norms(0, x, c.Dim)
	for l := range m.layers {
		s.project(l, x, b.qkv, start, n)
		if l == len(m.layers)-1 && !logits && !o.needs(start, n) {
			// Later tokens need nothing of this block's last layer but its keys and values.
			s.known = false
			return
		}
		s.finishLayer(l, x, b.qkv, start, n, o)
	}
	s.finish(tokens, x, o, logits)
}

// project computes layer l's queries, keys and values of n tokens at positions from start, from the
// residual stream x, and stores keys and values.
func (s *Sequence) project(l int, x, qkv []float32, start, n int) {
	c, b, w := &s.m.cfg, &s.scratch, &s.m.layers[l]
	normed := b.normed[:n*c.Dim]
	c.norm(normed, x, &w.attentionNorm)
	w.qkv.apply(&b.ws, qkv, normed, n)
	c.normHeads(qkv, w, n)
	s.cache[l].store(c, qkv, start, n)
}

// finishLayer takes the residual stream x of projected tokens through the rest of layer l.
func (s *Sequence) finishLayer(l int, x, qkv []float32, start, n int, o *Observer) {
	c, b, w := &s.m.cfg, &s.scratch, &s.m.layers[l]
	normed, out := b.normed[:n*c.Dim], b.out[:n*c.Dim]
	s.attend(l, qkv, start, n, o)
	w.o.apply(&b.ws, out, b.attended, n)
	if !c.Parallel() {
		kernel.Add(x, x, out)
	}
	c.norm(normed, x, &w.mlpNorm)
	if c.Parallel() {
		kernel.Add(x, x, out)
	}
	w.up.apply(&b.ws, b.up, normed, n)
	mlp := b.mlp[:n*c.HiddenDim]
	c.activate(mlp, b.up, n)
	w.down.apply(&b.ws, out, mlp, n)
	kernel.Add(x, x, out)
	o.norms(l+1, x, c.Dim)
}

// finish computes the losses and the logits after the last of tokens, which s.tokens ends with, from the final residual stream x.
func (s *Sequence) finish(tokens []int32, x []float32, o *Observer, logits bool) {
	m, c, b := s.m, &s.m.cfg, &s.scratch
	s.known = o.loss(s, tokens, x)
	if logits && !s.known {
		last := b.normed[:c.Dim]
		c.norm(last, x[(len(tokens)-1)*c.Dim:], &m.finalNorm)
		m.head.apply(&b.ws, s.logits, last, 1)
		s.known = true
	}
}

// norm normalises each row of x into dst by the form's normalisation.
func (c *Config) norm(dst, x []float32, n *Norm) {
	for i := 0; i < len(dst); i += c.Dim {
		if c.Architecture == LLaMA {
			kernel.RMSNorm(dst[i:i+c.Dim], x[i:i+c.Dim], n.Weight, c.NormEps)
		} else {
			kernel.LayerNorm(dst[i:i+c.Dim], x[i:i+c.Dim], n.Weight, n.Bias, c.NormEps)
		}
	}
}

// normHeads normalises the heads of queries and keys of n tokens where the model does.
func (c *Config) normHeads(qkv []float32, w *block, n int) {
	if !c.HeadNorm {
		return
	}
	d := c.Rotary.HeadDim
	for i := range n {
		row := qkv[i*(c.queryDim()+2*c.kvDim()):]
		for h := range c.Heads + c.KVHeads {
			weight := w.queryNorm
			if h >= c.Heads {
				weight = w.keyNorm
			}
			kernel.RMSNorm(row[h*d:(h+1)*d], row[h*d:(h+1)*d], weight, c.NormEps)
		}
	}
}
