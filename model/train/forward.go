package train

import (
	"math"

	"clexlab/model/kernel"
)

// forward computes logits for the shard's tokens (rows of them) with the
// rotation tables set before, keeping what backward needs.
func (s *shard) forward(p *Parameters, tokens []int32) {
	c := s.cfg
	w, d := c.Dim, c.Rotary.HeadDim
	embedding := p.Embedding.of(p.Flat)
	for r, id := range tokens {
		copy(s.x[r*w:(r+1)*w], embedding[int(id)*w:])
	}
	qkv, att := (c.Heads+2*c.KVHeads)*d, c.Heads*d
	for l := range s.layers {
		a, at := &s.layers[l], p.Layers[l]
		copy(a.x, s.x)
		rmsNorm(a.normed, a.scale, s.x, at.AttentionNorm.of(p.Flat), c.NormEps)
		linear(&s.ws, a.qkv, a.normed, at.QKV.of(p.Flat), s.rows, qkv, w, false)
		s.rotate(a.qkv, s.sin)
		s.attend(a)
		linear(&s.ws, s.x, a.mixed, at.O.of(p.Flat), s.rows, w, att, true)
		copy(a.mid, s.x)
		rmsNorm(a.midNormed, a.midScale, s.x, at.MLPNorm.of(p.Flat), c.NormEps)
		linear(&s.ws, a.gateUp, a.midNormed, at.GateUp.of(p.Flat), s.rows, 2*c.HiddenDim, w, false)
		swiGLU(a.hidden, a.gateUp, c.HiddenDim)
		linear(&s.ws, s.x, a.hidden, at.Down.of(p.Flat), s.rows, w, c.HiddenDim, true)
	}
	rmsNorm(s.final, s.finalScale, s.x, p.FinalNorm.of(p.Flat), c.NormEps)
	linear(&s.ws, s.logits, s.final, p.Head.of(p.Flat), s.rows, c.Vocab, w, false)
}

// linear is y = x·Wᵀ (+ y): x rows×in, W out×in, y rows×out.
func linear(ws *kernel.Workspace, y, x, w []float32, rows, out, in int, accumulate bool) {
	kernel.GEMM(ws, false, true, rows, out, in, x, in, w, in, accumulate, y, out)
}

// rotate turns every query and key of qkv by its row's angles; sin is s.sin, or s.minusSin to turn back.
func (s *shard) rotate(qkv, sin []float32) {
	c := s.cfg
	d := c.Rotary.HeadDim
	half, width := d/2, (c.Heads+2*c.KVHeads)*d
	for r := range s.rows {
		cos, sin := s.cos[r*half:(r+1)*half], sin[r*half:(r+1)*half]
		row := qkv[r*width : (r+1)*width]
		for h := range c.Heads + c.KVHeads {
			kernel.Rotary(row[h*d:(h+1)*d], cos, sin)
		}
	}
}

// attend is causal attention of every sequence and head of a.qkv into a.mixed.
func (s *shard) attend(a *layerActivations) {
	c := s.cfg
	d := c.Rotary.HeadDim
	width, att := (c.Heads+2*c.KVHeads)*d, c.Heads*d
	scale := float32(1 / math.Sqrt(float64(d)))
	for b := range s.seqs {
		base := b * s.n * width
		for h := range c.Heads {
			kv := h / (c.Heads / c.KVHeads)
			q, k, v := a.qkv[base+h*d:], a.qkv[base+(c.Heads+kv)*d:], a.qkv[base+(c.Heads+c.KVHeads+kv)*d:]
			prob := a.prob[(b*c.Heads+h)*s.n*s.n:][:s.n*s.n]
			for from := 0; from < s.n; from += attentionBlock {
				to := min(s.n, from+attentionBlock)
				kernel.GEMM(&s.ws, false, true, to-from, to, d, q[from*width:], width, k, width, false, prob[from*s.n:], s.n)
				for i := from; i < to; i++ {
					row := prob[i*s.n : i*s.n+to]
					seen := row[:i+1]
					kernel.Scale(scale, seen)
					if extra := s.extra[b*s.n+i]; extra != 0 {
						for j := range seen[:s.before[b*s.n+i]] {
							seen[j] += extra
						}
					}
					kernel.SoftmaxRow(seen)
					clear(row[i+1:])
				}
				kernel.GEMM(&s.ws, false, false, to-from, d, to, prob[from*s.n:], s.n, v, width, false, a.mixed[(b*s.n+from)*att+h*d:], att)
			}
		}
	}
}

// swiGLU is silu(gate)·up for rows of [gate | up], hidden values each.
func swiGLU(dst, gateUp []float32, hidden int) {
	for r := 0; r*hidden < len(dst); r++ {
		row := gateUp[r*2*hidden : (r+1)*2*hidden]
		kernel.SiLUMul(dst[r*hidden:(r+1)*hidden], row[:hidden], row[hidden:])
	}
}

// rmsNorm writes x/rms(x)·gain and keeps 1/rms per row.
func rmsNorm(dst, scale, x, gain []float32, eps float32) {
	w := len(gain)
	for r := range scale {
		scale[r] = kernel.RMSNorm(dst[r*w:(r+1)*w], x[r*w:(r+1)*w], gain, eps)
	}
}
