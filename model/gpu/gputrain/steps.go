package gputrain

import (
	"fmt"
	"math"

	"clexlab/model/gpu"
	"clexlab/model/train"
)

// dispatch is one of a step's dispatches, with what its kernel is told.
type dispatch struct {
	kernel  *kernel
	group   gpu.Group
	x, y, z int
	params  params
	// update marks the two that are told how far to go in this step.
	update bool
}

// list notes a dispatch. Groups of the same buffers are made once.
func (c *Computer) list(k *kernel, p params, x, y, z int, buffers ...gpu.Buffer) *dispatch {
	key := fmt.Sprint(k.Name, buffers)
	g, ok := c.groups[key]
	if !ok {
		g = c.driver.Bind(&k.Shader, buffers...)
		c.groups[key] = g
	}
	c.step = append(c.step, dispatch{kernel: k, group: g, x: x, y: y, z: z, params: p})
	return &c.step[len(c.step)-1]
}

// mostGroups is how many workgroups every device takes along one axis; a test has fewer.
var mostGroups = 65535

// each notes a dispatch of an invocation for every one of count items, in workgroups of size: along two axes where they are too many for one.
func (c *Computer) each(k *kernel, p params, count, size int, buffers ...gpu.Buffer) *dispatch {
	n := groups(count, size)
	y := groups(n, mostGroups)
	return c.list(k, p, groups(n, y), y, 1, buffers...)
}

// The tiles of matmul.
const (
	tileRows = 128
	tileCols = 64
	tileDeep = 16
)

// splits is into how many shares the sum over rows of a weight's gradient is cut, so that a
// device with many processors has work for all.
func splits(out, in, rows int) int {
	tiles := groups(out, tileRows) * groups(in, tileCols)
	s := min(groups(512, tiles), groups(rows, 256))
	share := groups(groups(rows, s), tileDeep) * tileDeep
	return groups(rows, share)
}

// product notes y = x·Wᵀ for rows of x, W of out×in at offset w (in floats), plus residual unless it is none.
func (c *Computer) product(x gpu.Buffer, weights gpu.Buffer, w int, y, residual gpu.Buffer, rows, out, in int) {
	p := params{rows: rows, cols: out, inner: in, b: w / 4}
	if residual == c.buf.none {
		c.list(c.k.forward, p, groups(out, tileCols), groups(rows, tileRows), 1, x, weights, y)
		return
	}
	c.list(c.k.residual, p, groups(out, tileCols), groups(rows, tileRows), 1, x, weights, y, residual)
}

// inputGradient notes dx = dy·W.
func (c *Computer) inputGradient(dx, dy gpu.Buffer, w, rows, out, in int) {
	c.list(c.k.inputGradient, params{rows: rows, cols: in, inner: out, b: w / 4}, groups(in, tileCols), groups(rows, tileRows), 1, dy, c.buf.weights, dx)
}

// weightGradient notes that dyᵀ·x is added to the gradient of a matrix out×in; x begins at row from.
func (c *Computer) weightGradient(span train.Span, dy, x gpu.Buffer, from, rows, out, in int) {
	s := splits(out, in, rows)
	share := groups(groups(rows, s), tileDeep) * tileDeep
	c.list(c.k.weightGradient, params{rows: out, cols: in, inner: rows, b: from * in / 4, share: share}, groups(in, tileCols), groups(out, tileRows), s, dy, x, c.buf.parts)
	c.gather(span, s)
}

// gather notes that count parts are added to the gradient of a span.
func (c *Computer) gather(span train.Span, count int) {
	n := (span.To - span.From) / 4
	c.each(c.k.gather, params{rows: count, cols: n, c: span.From / 4}, n, small, c.buf.parts, c.buf.gradient)
}

func (c *Computer) norm(x, weights, y, inverse gpu.Buffer, gain train.Span) {
	c.list(c.k.norm, params{rows: c.rows, cols: c.cfg.Dim, a: gain.From / 4, eps: float64(c.cfg.NormEps)}, c.rows, 1, 1, x, weights, y, inverse)
}

// normBack notes that dx grows by the gradient of a norm's input, and the gain's gradient.
func (c *Computer) normBack(x, dy, inverse gpu.Buffer, gain train.Span) {
	c.list(c.k.normBack, params{rows: c.rows, cols: c.cfg.Dim, a: gain.From / 4, share: normRows}, groups(c.rows, normRows), 1, 1, x, c.buf.weights, dy, inverse, c.buf.dx, c.buf.parts)
	c.gather(gain, groups(c.rows, normRows))
}

// forward notes the reading of the batch with weights, up to the last norm, into final.
func (c *Computer) forward(weights gpu.Buffer, r reading, shardRows int, final gpu.Buffer) {
	m, b, k := c.cfg, &c.buf, c.k
	d := m.Rotary.HeadDim
	qkv, att, pairs := (m.Heads+2*m.KVHeads)*d, m.Heads*d, d/2
	first := b.x
	if m.Layers > 0 {
		first = b.layers[0].x
	}
	c.each(k.angles, params{rows: c.rows, cols: pairs, shardRows: shardRows}, c.rows*pairs, small, r.positions, r.turns, r.table)
	c.each(k.embed, params{rows: c.rows, cols: m.Dim, a: c.layout.Embedding.From / 4}, c.rows*m.Dim/4, small, b.tokens, weights, first)
	for i := range b.layers {
		l, at := &b.layers[i], &c.layout.Layers[i]
		next := b.x
		if i+1 < m.Layers {
			next = b.layers[i+1].x
		}
		c.norm(l.x, weights, l.normed, l.inverse, at.AttentionNorm)
		c.product(l.normed, weights, at.QKV.From, l.qkv, b.none, c.rows, qkv, m.Dim)
		c.each(k.rotate, params{rows: c.rows, heads: m.Heads, kvHeads: m.KVHeads}, c.rows*(m.Heads+m.KVHeads)*pairs, large, r.table, l.qkv)
		c.list(k.attend, c.attention(), groups(c.window, small), m.Heads, c.rows/c.window, l.qkv, r.skips, l.mixed, l.lse)
		c.product(l.mixed, weights, at.O.From, l.mid, l.x, c.rows, m.Dim, att)
		c.norm(l.mid, weights, l.midNormed, l.midInverse, at.MLPNorm)
		c.product(l.midNormed, weights, at.GateUp.From, l.gateUp, b.none, c.rows, 2*m.HiddenDim, m.Dim)
		c.each(k.swiGLU, params{rows: c.rows, cols: m.HiddenDim}, c.rows*m.HiddenDim/4, large, l.gateUp, l.hidden)
		c.product(l.hidden, weights, at.Down.From, next, l.mid, c.rows, m.Dim, m.HiddenDim)
	}
	c.norm(b.x, weights, final, b.finalInverse, c.layout.FinalNorm)
}

func (c *Computer) attention() params {
	m := c.cfg
	return params{window: c.window, heads: m.Heads, kvHeads: m.KVHeads, scale: 1 / math.Sqrt(float64(m.Rotary.HeadDim))}
}

// backward notes the way back, from logits that are made a chunk of rows at a time.
func (c *Computer) backward() {
	m, b, k := c.cfg, &c.buf, c.k
	d := m.Rotary.HeadDim
	qkv, att, pairs := (m.Heads+2*m.KVHeads)*d, m.Heads*d, d/2
	for from := 0; from < c.rows; from += c.chunk {
		rows := min(c.chunk, c.rows-from)
		logits := func(final, weights, to gpu.Buffer) {
			c.list(k.forward, params{rows: rows, cols: m.Vocab, inner: m.Dim, a: from * m.Dim / 4, b: c.layout.Head.From / 4}, groups(m.Vocab, tileCols), groups(rows, tileRows), 1, final, weights, to)
		}
		logits(b.final, b.weights, b.logits)
		loss := params{rows: rows, cols: m.Vocab, a: from, distil: c.distil}
		if c.distil > 0 {
			logits(b.teacherFinal, b.teacherWeights, b.teacherLogits)
			c.list(k.softCrossEntropy, loss, rows, 1, 1, b.targets, b.rowWeights, b.logits, b.nll, b.teacherLogits)
		} else {
			c.list(k.crossEntropy, loss, rows, 1, 1, b.targets, b.rowWeights, b.logits, b.nll)
		}
		c.weightGradient(c.layout.Head, b.logits, b.final, from, rows, m.Vocab, m.Dim)
		c.list(k.inputGradient, params{rows: rows, cols: m.Dim, inner: m.Vocab, b: c.layout.Head.From / 4, c: from * m.Dim / 4}, groups(m.Dim, tileCols), groups(rows, tileRows), 1, b.logits, b.weights, b.dh)
	}
	c.normBack(b.x, b.dh, b.finalInverse, c.layout.FinalNorm)
	for i := len(b.layers) - 1; i >= 0; i-- {
		l, at := &b.layers[i], &c.layout.Layers[i]
		c.weightGradient(at.Down, b.dx, l.hidden, 0, c.rows, m.Dim, m.HiddenDim)
		c.inputGradient(b.dHidden, b.dx, at.Down.From, c.rows, m.Dim, m.HiddenDim)
		c.each(k.swiGLUBack, params{rows: c.rows, cols: m.HiddenDim}, c.rows*m.HiddenDim/4, large, l.gateUp, b.dHidden, b.dGateUp)
		c.weightGradient(at.GateUp, b.dGateUp, l.midNormed, 0, c.rows, 2*m.HiddenDim, m.Dim)
		c.inputGradient(b.dh, b.dGateUp, at.GateUp.From, c.rows, 2*m.HiddenDim, m.Dim)
		c.normBack(l.mid, b.dh, l.midInverse, at.MLPNorm)

		c.weightGradient(at.O, b.dx, l.mixed, 0, c.rows, m.Dim, att)
		c.inputGradient(b.dh, b.dx, at.O.From, c.rows, m.Dim, att)
		tiles, sequences := groups(c.window, small), c.rows/c.window
		c.list(k.attendQuery, c.attention(), tiles, m.Heads, sequences, l.qkv, b.pupil.skips, l.mixed, l.lse, b.dh, b.along, b.dqkv)
		c.list(k.attendKey, c.attention(), tiles, m.KVHeads, sequences, l.qkv, b.pupil.skips, l.lse, b.dh, b.along, b.dqkv)
		c.list(k.attendValue, c.attention(), tiles, m.KVHeads, sequences, l.qkv, b.pupil.skips, l.lse, b.dh, b.along, b.dqkv)
		c.each(k.rotateBack, params{rows: c.rows, heads: m.Heads, kvHeads: m.KVHeads}, c.rows*pairs, small, b.pupil.table, b.pupil.positions, l.qkv, b.dqkv, b.frequency)
		c.weightGradient(at.QKV, b.dqkv, l.normed, 0, c.rows, qkv, m.Dim)
		c.inputGradient(b.dh, b.dqkv, at.QKV.From, c.rows, qkv, m.Dim)
		c.normBack(l.x, b.dh, l.inverse, at.AttentionNorm)
	}
	c.list(k.embedBack, params{cols: m.Dim, c: c.layout.Embedding.From / 4}, m.Vocab, 1, 1, b.starts, b.order, b.dx, b.gradient)
}

// finish notes what comes after the gradient: sums to be told, its norm, the weights' step.
func (c *Computer) finish() {
	b, k, vectors := &c.buf, c.k, c.layout.Total/4
	c.list(k.shardSums, params{shardRows: c.rows / c.shards}, c.shards, 1, 1, b.nll, b.answers, b.frequency, b.sums)
	c.list(k.squares, params{cols: vectors, share: squaresVectors}, groups(vectors, squaresVectors), 1, 1, b.gradient, b.squares)
	c.list(k.clip, params{rows: groups(vectors, squaresVectors)}, 1, 1, 1, b.squares, b.clipped).update = true
	c.each(k.adamW, params{cols: c.layout.Total}, c.layout.Total, large, b.gradient, b.clipped, b.decays, b.weights, b.first, b.second, b.mean).update = true
}
