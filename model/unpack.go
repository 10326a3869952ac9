package model

import "clexlab/clex"

// Unpacked returns weights that make m again, and the shape that goes with them: rows of queries and keys stand half a head apart
// whatever they were made of. A layer is laid out when [Weights.Layer] asks for it, so that a model that holds no weights but the
// kernels' (see [NewReleasing]) can be given to another machine without a second copy. Embedding and norms are shared with m.
func (m *Model) Unpacked() (Config, *Weights) {
	c := m.cfg
	c.Rotary.Pairing = clex.HalfSplit
	w := &Weights{Embedding: m.embedding, Layers: make([]Layer, c.Layers), FinalNorm: m.finalNorm, HeadBias: m.head.bias, unpack: m.layer}
	if !c.TiedHead {
		w.Head = m.head.parts(c.Vocab)[0].Matrix
	}
	return c, w
}

// Layer is layer i. Of weights that a Model was taken apart to, it is laid out anew by each call.
func (w *Weights) Layer(i int) *Layer {
	if w.unpack != nil {
		l := w.unpack(i)
		return &l
	}
	return &w.Layers[i]
}

// layer is layer i as it was before it was packed.
func (m *Model) layer(i int) Layer {
	c, b := &m.cfg, &m.layers[i]
	qkv := b.qkv.parts(c.queryDim(), c.kvDim(), c.kvDim())
	l := Layer{
		AttentionNorm: b.attentionNorm, MLPNorm: b.mlpNorm, QNorm: Norm{Weight: b.queryNorm}, KNorm: Norm{Weight: b.keyNorm},
		Q: qkv[0], K: qkv[1], V: qkv[2], O: b.o.parts(c.Dim)[0], Down: b.down.parts(c.Dim)[0],
	}
	if c.gated() {
		up := b.up.parts(c.HiddenDim, c.HiddenDim)
		l.Gate, l.Up = up[0], up[1]
	} else {
		l.Up = b.up.parts(c.HiddenDim)[0]
	}
	return l
}

// parts are the linear maps that were packed into one, of so many rows each. A bias that only some of them had is zeros in others.
func (p *packed) parts(rows ...int) []Linear {
	w, q, scale := p.matrix.Unpack()
	cols, at := p.matrix.Cols(), 0
	out := make([]Linear, len(rows))
	for i, n := range rows {
		l := &out[i]
		l.Rows, l.Cols = n, cols
		if q != nil {
			l.I8, l.Scale = q[at*cols:(at+n)*cols], scale[at:at+n]
		} else {
			l.F32 = w[at*cols : (at+n)*cols]
		}
		if p.bias != nil {
			l.Bias = p.bias[at : at+n]
		}
		at += n
	}
	return out
}
