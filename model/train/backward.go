package train

import (
	"math"

	"clexlab/model/kernel"
)

// crossEntropy turns s.logits into their gradient and returns the weighted sum of
// -log p(target). weights are already divided by the batch's total weight; a
// weight of 0 leaves a target out. soft, if not nil, holds a distribution for each row (rows × Vocab)
// that makes up the given share of its target (Hinton et al. 2015, arXiv 1503.02531, at temperature 1).
func (s *shard) crossEntropy(targets []int32, weights, soft []float32, share float64) float64 {
	v := s.cfg.Vocab
	var loss float64
	for r, target := range targets {
		row := s.logits[r*v : (r+1)*v]
		weight := weights[r]
		if weight == 0 {
			s.nll[r] = 0
			clear(row)
			continue
		}
		logit, hard := float64(row[target]), weight
		var wanted []float32
		mean := logit
		if soft != nil {
			wanted = soft[r*v : (r+1)*v]
			hard = weight * float32(1-share)
			mean = (1-share)*logit + share*float64(kernel.Dot(row, wanted))
		}
		lse := float64(kernel.SoftmaxRow(row))
		s.nll[r] = float32(lse - logit)
		loss += float64(weight) * (lse - mean)
		kernel.Scale(weight, row)
		for i, q := range wanted {
			row[i] -= (weight - hard) * q
		}
		row[target] -= hard
	}
	return loss
}

// backward carries the gradient of the logits back to s.gradient and, when
// angles is set, to s.frequency (positions give dφ/dθ).
func (s *shard) backward(p *Parameters, tokens []int32, positions []float64, angles bool) {
	c := s.cfg
	w, d := c.Dim, c.Rotary.HeadDim
	qkv, att := (c.Heads+2*c.KVHeads)*d, c.Heads*d
	g := s.gradient
	// Gradients of matrices are set, those of gains and of embeddings added up.
	for _, l := range p.Layers {
		clear(l.AttentionNorm.of(g))
		clear(l.MLPNorm.of(g))
	}
	clear(p.FinalNorm.of(g))
	if p.Head != p.Embedding {
		clear(p.Embedding.of(g))
	}
	clear(s.frequency)
	s.weightGradient(p.Head.of(g), s.logits, s.final, c.Vocab, w)
	s.inputGradient(s.dh, s.logits, p.Head.of(p.Flat), c.Vocab, w)
	clear(s.dx)
	rmsNormBackward(s.dx, p.FinalNorm.of(g), s.dh, s.x, s.finalScale, p.FinalNorm.of(p.Flat))
	for l := len(s.layers) - 1; l >= 0; l-- {
		a, at := &s.layers[l], p.Layers[l]
		s.weightGradient(at.Down.of(g), s.dx, a.hidden, w, c.HiddenDim)
		s.inputGradient(s.dHidden, s.dx, at.Down.of(p.Flat), w, c.HiddenDim)
		swiGLUBackward(s.dGateUp, s.dHidden, a.gateUp, c.HiddenDim)
		s.weightGradient(at.GateUp.of(g), s.dGateUp, a.midNormed, 2*c.HiddenDim, w)
		s.inputGradient(s.dh, s.dGateUp, at.GateUp.of(p.Flat), 2*c.HiddenDim, w)
		rmsNormBackward(s.dx, at.MLPNorm.of(g), s.dh, a.mid, a.midScale, at.MLPNorm.of(p.Flat))

		s.weightGradient(at.O.of(g), s.dx, a.mixed, w, att)
		s.inputGradient(s.dh, s.dx, at.O.of(p.Flat), w, att)
		s.attendBackward(a, s.dh)
		if angles {
			s.angleGradient(a.qkv, s.dqkv, positions)
		}
		s.rotate(s.dqkv, s.minusSin)
		s.weightGradient(at.QKV.of(g), s.dqkv, a.normed, qkv, w)
		s.inputGradient(s.dh, s.dqkv, at.QKV.of(p.Flat), qkv, w)
		rmsNormBackward(s.dx, at.AttentionNorm.of(g), s.dh, a.x, a.scale, at.AttentionNorm.of(p.Flat))
	}
	embedding := p.Embedding.of(g)
	for r, id := range tokens {
		row := embedding[int(id)*w : (int(id)+1)*w]
		kernel.Add(row, row, s.dx[r*w:(r+1)*w])
	}
}

// weightGradient sets dW = dyᵀ·x: dy rows×out, x rows×in, W out×in.
func (s *shard) weightGradient(dw, dy, x []float32, out, in int) {
	kernel.GEMM(&s.ws, true, false, out, in, s.rows, dy, out, x, in, false, dw, in)
}

// inputGradient sets dx = dy·W.
func (s *shard) inputGradient(dx, dy, w []float32, out, in int) {
	kernel.GEMM(&s.ws, false, false, s.rows, in, out, dy, out, w, in, false, dx, in)
}

// attendBackward turns the gradient of a.mixed into s.dqkv, with respect to the
// rotated queries and keys.
func (s *shard) attendBackward(a *layerActivations, dMixed []float32) {
	c := s.cfg
	d := c.Rotary.HeadDim
	width, att := (c.Heads+2*c.KVHeads)*d, c.Heads*d
	scale := float32(1 / math.Sqrt(float64(d)))
	clear(s.dqkv)
	for b := range s.seqs {
		base := b * s.n * width
		for h := range c.Heads {
			kv := h / (c.Heads / c.KVHeads)
			qAt, kAt, vAt := base+h*d, base+(c.Heads+kv)*d, base+(c.Heads+c.KVHeads+kv)*d
			prob := a.prob[(b*c.Heads+h)*s.n*s.n:][:s.n*s.n]
			for from := 0; from < s.n; from += attentionBlock {
				to := min(s.n, from+attentionBlock)
				rows := to - from
				out := dMixed[(b*s.n+from)*att+h*d:]
				// dV += Pᵀ·dO, dP = dO·Vᵀ
				kernel.GEMM(&s.ws, true, false, to, d, rows, prob[from*s.n:], s.n, out, att, true, s.dqkv[vAt:], width)
				kernel.GEMM(&s.ws, false, true, rows, to, d, out, att, a.qkv[vAt:], width, false, s.probGrad, s.n)
				for i := range rows {
					kernel.SoftmaxBackward(s.probGrad[i*s.n:i*s.n+to], prob[(from+i)*s.n:(from+i)*s.n+to], scale)
				}
				// dQ = dS·K, dK += dSᵀ·Q
				kernel.GEMM(&s.ws, false, false, rows, d, to, s.probGrad, s.n, a.qkv[kAt:], width, true, s.dqkv[qAt+from*width:], width)
				kernel.GEMM(&s.ws, true, false, to, d, rows, s.probGrad, s.n, a.qkv[qAt+from*width:], width, true, s.dqkv[kAt:], width)
			}
		}
	}
}

// angleGradient adds Σ_rows position·dL/dφ for every pair, over query and key heads:
// ∂(a', b')/∂φ = (-b', a') of the rotated pair.
func (s *shard) angleGradient(rotated, grad []float32, positions []float64) {
	c := s.cfg
	d := c.Rotary.HeadDim
	half, width := d/2, (c.Heads+2*c.KVHeads)*d
	for r, pos := range positions {
		if pos == 0 {
			continue
		}
		clear(s.angleGrad)
		for h := range c.Heads + c.KVHeads {
			x, g := rotated[r*width+h*d:][:d], grad[r*width+h*d:][:d]
			for i := range half {
				s.angleGrad[i] += float64(g[i+half]*x[i] - g[i]*x[i+half])
			}
		}
		for i, v := range s.angleGrad {
			s.frequency[i] += pos * v
		}
	}
}

// swiGLUBackward turns the gradient of silu(gate)·up into that of [gate | up].
func swiGLUBackward(dst, grad, gateUp []float32, hidden int) {
	for r := 0; r*hidden < len(grad); r++ {
		row, out := gateUp[r*2*hidden:(r+1)*2*hidden], dst[r*2*hidden:(r+1)*2*hidden]
		kernel.SiLUMulBackward(out[:hidden], out[hidden:], grad[r*hidden:(r+1)*hidden], row[:hidden], row[hidden:])
	}
}

// rmsNormBackward adds the gradient of the norm's input to dx and of its gain to dGain.
func rmsNormBackward(dx, dGain, dy, x, scale, gain []float32) {
	w := len(gain)
	for r, inv := range scale {
		kernel.RMSNormBackward(dx[r*w:(r+1)*w], dGain, dy[r*w:(r+1)*w], x[r*w:(r+1)*w], gain, inv)
	}
}
