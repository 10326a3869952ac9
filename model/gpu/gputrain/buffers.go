package gputrain

import (
	"context"

	"clexlab/model/gpu"
)

// buffers are the memory of training on the device; the kernels' files give the shapes.
type buffers struct {
	uniforms, none                                   gpu.Buffer
	tokens, targets, rowWeights, answers             gpu.Buffer
	pupil, master                                    reading
	starts, order                                    gpu.Buffer
	layers                                           []layerBuffers
	x, final, finalInverse, teacherFinal             gpu.Buffer
	logits, teacherLogits, nll                       gpu.Buffer
	dx, dh, dqkv, dGateUp, dHidden, along, frequency gpu.Buffer
	parts, squares, clipped, sums                    gpu.Buffer
	gradient, weights, first, second, mean, decays   gpu.Buffer
	teacherWeights                                   gpu.Buffer
}

// reading is where a text stands: what the pupil reads at far positions, its teacher reads at 0, 1, 2 …
type reading struct{ positions, skips, turns, table gpu.Buffer }

// layerBuffers are what backward needs of a layer's forward.
type layerBuffers struct {
	x, normed, inverse, qkv, mixed, lse        gpu.Buffer
	mid, midNormed, midInverse, gateUp, hidden gpu.Buffer
}

// logitBytes bounds the logits that are held at once; a test has fewer.
var logitBytes = 64 << 20

// normRows is how many rows a workgroup of normback walks over.
const normRows = 64

// squaresVectors is how many vectors of the gradient a workgroup of squares sums.
const squaresVectors = 1 << 12

// allocate takes the memory of a run.
func (c *Computer) allocate(ctx context.Context) error {
	m, b := c.cfg, &c.buf
	d := m.Rotary.HeadDim
	rows, qkv, att, pairs := c.rows, (m.Heads+2*m.KVHeads)*d, m.Heads*d, d/2
	c.chunk = min(rows, max(128, min(logitBytes, c.driver.Adapter().Limits.BindingBytes)/(4*m.Vocab)))
	total := c.layout.Total
	type want struct {
		to     *gpu.Buffer
		floats int
	}
	list := []want{
		{&b.uniforms, 4096 * gpu.SlotBytes / 4}, {&b.none, 4},
		{&b.tokens, rows}, {&b.targets, rows}, {&b.rowWeights, rows}, {&b.answers, rows}, {&b.starts, m.Vocab + 1}, {&b.order, rows},
		{&b.x, rows * m.Dim}, {&b.final, rows * m.Dim}, {&b.finalInverse, rows}, {&b.logits, c.chunk * m.Vocab}, {&b.nll, 2 * rows},
		{&b.dx, rows * m.Dim}, {&b.dh, rows * max(m.Dim, att)}, {&b.dqkv, rows * qkv}, {&b.dGateUp, rows * 2 * m.HiddenDim}, {&b.dHidden, rows * m.HiddenDim},
		{&b.along, rows * m.Heads}, {&b.frequency, rows * pairs}, {&b.sums, c.shards * (2 + pairs)},
		{&b.squares, groups(total/4, squaresVectors)}, {&b.clipped, 4},
		{&b.gradient, total}, {&b.weights, total}, {&b.first, total}, {&b.second, total}, {&b.mean, total}, {&b.decays, total},
	}
	readings := []*reading{&b.pupil}
	if c.distil > 0 {
		readings = append(readings, &b.master)
		list = append(list, want{&b.teacherFinal, rows * m.Dim}, want{&b.teacherLogits, c.chunk * m.Vocab}, want{&b.teacherWeights, total})
	}
	for _, r := range readings {
		list = append(list, want{&r.positions, rows}, want{&r.skips, 2 * rows}, want{&r.turns, 4 * c.shards * pairs}, want{&r.table, 2 * rows * pairs})
	}
	b.layers = make([]layerBuffers, m.Layers)
	for i := range b.layers {
		l := &b.layers[i]
		list = append(list,
			want{&l.x, rows * m.Dim}, want{&l.normed, rows * m.Dim}, want{&l.inverse, rows}, want{&l.qkv, rows * qkv}, want{&l.mixed, rows * att}, want{&l.lse, rows * m.Heads},
			want{&l.mid, rows * m.Dim}, want{&l.midNormed, rows * m.Dim}, want{&l.midInverse, rows}, want{&l.gateUp, rows * 2 * m.HiddenDim}, want{&l.hidden, rows * m.HiddenDim})
	}
	parts := groups(rows, normRows) * m.Dim
	for _, s := range [][2]int{{qkv, m.Dim}, {m.Dim, att}, {2 * m.HiddenDim, m.Dim}, {m.Dim, m.HiddenDim}} {
		parts = max(parts, splits(s[0], s[1], rows)*s[0]*s[1])
	}
	parts = max(parts, splits(m.Vocab, m.Dim, c.chunk)*m.Vocab*m.Dim)
	list = append(list, want{&b.parts, parts})
	sizes := make([]int, len(list))
	for i, w := range list {
		sizes[i] = 4 * w.floats
	}
	made, err := c.driver.Alloc(ctx, sizes...)
	if err != nil {
		return err
	}
	c.all = made
	for i, w := range list {
		*w.to = made[i]
	}
	return nil
}
