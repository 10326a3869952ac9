package gpu

import (
	"cmp"
	"math"
	"slices"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/kernel"
)

// reference computes with package kernel's scalar references what the kernels
// compute on the device, for the first layer and the head of a model. Buffers are laid out as
// the kernels lay them out; what a kernel leaves alone is copied from what was read.
type reference struct {
	cfg            model.Config
	qkvs, os, ups  []float32 // first layer's matrices, rows stacked
	downs          []float32
	qkvBias, oBias []float32
	upBias, dnBias []float32
	norms          [3]model.Norm // attention, MLP, final
	headGains      []float32     // of queries, then of keys
	headBias       []float32     // of the head that makes logits
	// embedding and head stay as they are: in float32 a large vocabulary takes more than the rest of a model.
	embedding, headMatrix *model.Matrix
	tokens                []int32
	plain, values         []float32
	encoding              clex.Encoding
	capacity, block       int
	weights               [][]float32 // of the last attention, head·n + query
	ws                    kernel.Workspace
}

func newReference(c model.Config, w *model.Weights) *reference {
	l := w.Layer(0)
	q, k := l.Q, l.K
	if c.Rotary.Pairing == clex.Interleaved {
		q, k = model.HalfSplit(&l.Q, c.Rotary), model.HalfSplit(&l.K, c.Rotary)
	}
	t := &reference{cfg: c, embedding: &w.Embedding, headMatrix: &w.Embedding, headBias: w.HeadBias, norms: [3]model.Norm{l.AttentionNorm, l.MLPNorm, w.FinalNorm}}
	t.qkvs, t.qkvBias = rowsOf(&q, &k, &l.V)
	t.os, t.oBias = rowsOf(&l.O)
	if t.ups, t.upBias = rowsOf(&l.Up); c.Architecture == model.LLaMA {
		t.ups, t.upBias = rowsOf(&l.Gate, &l.Up)
	}
	t.downs, t.dnBias = rowsOf(&l.Down)
	if !c.TiedHead {
		t.headMatrix = &w.Head
	}
	if c.HeadNorm {
		t.headGains = headGains(l, c.Rotary)
	}
	return t
}

func rowsOf(parts ...*model.Linear) (weights, bias []float32) {
	for _, l := range parts {
		weights = append(weights, floats(&l.Matrix)...)
		if l.Bias != nil {
			bias = append(bias, l.Bias...)
		} else {
			bias = append(bias, make([]float32, l.Rows)...)
		}
	}
	return weights, bias
}

func (t *reference) multiply(x, w, bias []float32, n, inputs int) []float32 {
	outputs := len(w) / inputs
	y := make([]float32, n*outputs)
	kernel.GEMMScalar(&t.ws, false, true, n, outputs, inputs, x, inputs, w, inputs, false, y, outputs)
	if bias != nil {
		for i := range n {
			kernel.AddScalar(y[i*outputs:(i+1)*outputs], y[i*outputs:], bias)
		}
	}
	return y
}

// The norms of a layer and the one before the head.
const (
	attentionNorm = iota
	mlpNorm
	finalNorm
)

// rmsNormed is x after a norm that is part of the product that follows; LayerNorm was computed before it.
func (t *reference) rmsNormed(x []float32, n, norm int) []float32 {
	if t.cfg.Architecture == model.NeoX {
		return x
	}
	y := make([]float32, n*t.cfg.Dim)
	for i := range n {
		kernel.RMSNormScalar(y[i*t.cfg.Dim:(i+1)*t.cfg.Dim], x[i*t.cfg.Dim:(i+1)*t.cfg.Dim], t.norms[norm].Weight, t.cfg.NormEps)
	}
	return y
}

func (t *reference) layerNorm(x []float32, n, norm int) []float32 {
	y := make([]float32, n*t.cfg.Dim)
	for i := range n {
		kernel.LayerNormScalar(y[i*t.cfg.Dim:(i+1)*t.cfg.Dim], x[i*t.cfg.Dim:(i+1)*t.cfg.Dim], t.norms[norm].Weight, t.norms[norm].Bias, t.cfg.NormEps)
	}
	return y
}

func (t *reference) embed(start, n int) (x []float32) {
	x = make([]float32, n*t.cfg.Dim)
	for i, token := range t.tokens[start : start+n] {
		t.embedding.CopyRow(x[i*t.cfg.Dim:(i+1)*t.cfg.Dim], int(token))
	}
	return x
}

func (t *reference) qkv(x []float32, n int) []float32 {
	return t.multiply(t.rmsNormed(x, n, attentionNorm), t.qkvs, t.qkvBias, n, t.cfg.Dim)
}

// heads are queries, keys and values as they go to their places: queries and keys normalised where the model does.
func (t *reference) heads(qkv []float32, n int) []float32 {
	if !t.cfg.HeadNorm {
		return qkv
	}
	out, d := slices.Clone(qkv), t.cfg.Rotary.HeadDim
	for i := range n {
		for h := range t.cfg.Heads + t.cfg.KVHeads {
			gain := t.headGains[:d]
			if h >= t.cfg.Heads {
				gain = t.headGains[d:]
			}
			head := out[(i*(t.cfg.Heads+2*t.cfg.KVHeads)+h)*d:][:d]
			kernel.RMSNormScalar(head, head, gain, t.cfg.NormEps)
		}
	}
	return out
}

// rotate turns a head to a position, in float64.
func (t *reference) rotate(head []float32, position int, factor float64) []float32 {
	out := make([]float32, len(head))
	half := len(t.encoding.InvFreq)
	for c, v := range head {
		out[c] = float32(float64(v) * factor)
	}
	for i, f := range t.encoding.InvFreq {
		sin, cos := math.Sincos(float64(position) * f)
		a, b := float64(head[i]), float64(head[half+i])
		out[i] = float32((a*cos - b*sin) * factor * t.encoding.AttentionFactor)
		out[half+i] = float32((b*cos + a*sin) * factor * t.encoding.AttentionFactor)
	}
	return out
}

// turned is got with the keys before position n turned from the plain ones.
func (t *reference) turned(got []float32, n int) []float32 {
	out, d := slices.Clone(got), t.cfg.Rotary.HeadDim
	for h := range t.cfg.KVHeads {
		for p := range n {
			at := (h*t.capacity + p) * d
			copy(out[at:], t.rotate(t.plain[at:at+d], p, 1))
		}
	}
	return out
}

// queries is got with the rotated queries of n tokens.
func (t *reference) queries(got, qkv []float32, start, n int, far bool) []float32 {
	out, d := slices.Clone(got), t.cfg.Rotary.HeadDim
	stride := (t.cfg.Heads + 2*t.cfg.KVHeads) * d
	for i := range n {
		position := start + i
		factor := 1 / math.Sqrt(float64(d)) * t.encoding.QueryScale(position+1)
		if m := t.encoding.Remap; far {
			if position < m.Shift {
				continue
			}
			position += m.Local - m.Shift
		}
		for h := range t.cfg.Heads {
			copy(out[(h*t.block+i)*d:], t.rotate(qkv[i*stride+h*d:][:d], position, factor))
		}
	}
	return out
}

// stored is a cache that had before, with the block's heads from column on put in.
func (t *reference) stored(had, qkv []float32, n, column int) []float32 {
	out, d := slices.Clone(had), t.cfg.Rotary.HeadDim
	stride := (t.cfg.Heads + 2*t.cfg.KVHeads) * d
	for h := range t.cfg.KVHeads {
		for i := range n {
			copy(out[(h*t.capacity+answerStart+i)*d:][:d], qkv[i*stride+column+h*d:])
		}
	}
	return out
}

// placed is the cache of rotated keys with the block's.
func (t *reference) placed(had, qkv []float32, n int) []float32 {
	out, d := slices.Clone(had), t.cfg.Rotary.HeadDim
	stride := (t.cfg.Heads + 2*t.cfg.KVHeads) * d
	for h := range t.cfg.KVHeads {
		for i := range n {
			k := qkv[i*stride+(t.cfg.Heads+h)*d:][:d]
			copy(out[(h*t.capacity+answerStart+i)*d:], t.rotate(k, answerStart+i, 1))
		}
	}
	return out
}

// attention is softmax(q·kᵀ)·v, its weights kept; remapped sends distant pairs to the far queries.
func (t *reference) attention(near, far, keys, values []float32, start, n int, remapped bool) []float32 {
	c, d := &t.cfg, t.cfg.Rotary.HeadDim
	out := make([]float32, n*c.Heads*d)
	t.weights = t.weights[:0]
	for h := range c.Heads {
		cache := h / (c.Heads / c.KVHeads) * t.capacity * d
		for i := range n {
			w := make([]float32, start+i+1)
			q := (h*t.block + i) * d
			split := 0
			if remapped {
				split = max(0, len(w)-t.encoding.Remap.Shift)
			}
			kernel.ScoresScalar(w[:split], far[q:q+d], keys[cache:], d)
			kernel.ScoresScalar(w[split:], near[q:q+d], keys[cache+split*d:], d)
			kernel.SoftmaxRowScalar(w)
			kernel.MixValuesScalar(out[(i*c.Heads+h)*d:][:d], w, values[cache:], d)
			t.weights = append(t.weights, w)
		}
	}
	return out
}

// cells are the maps of the last attention: largest, sum.
func (t *reference) cells(start, n, rows, cols int) []float32 {
	out := make([]float32, 2*t.cfg.Heads*rows*cols)
	for h := range t.cfg.Heads {
		for i := range n {
			for k, w := range t.weights[h*n+i] {
				at := 2 * ((h*rows+i*rows/n)*cols + k*cols/(start+n))
				out[at] = max(out[at], w)
				out[at+1] += w
			}
		}
	}
	return out
}

// profile is the mass of the last attention by distance.
func (t *reference) profile(start, n int, edges []uint32) []float32 {
	out := make([]float32, t.cfg.Heads*len(edges))
	for h := range t.cfg.Heads {
		for i := range n {
			for k, w := range t.weights[h*n+i] {
				bin := len(edges) - 1
				for int(edges[bin]) > start+i-k {
					bin--
				}
				out[h*len(edges)+bin] += w
			}
		}
	}
	return out
}

func (t *reference) o(x, attended []float32, n int) []float32 {
	y := t.multiply(attended, t.os, t.oBias, n, t.cfg.Heads*t.cfg.Rotary.HeadDim)
	kernel.AddScalar(y, y, x)
	return y
}

func (t *reference) up(x []float32, n int) []float32 {
	h := t.cfg.HiddenDim
	rows := t.multiply(t.rmsNormed(x, n, mlpNorm), t.ups, t.upBias, n, t.cfg.Dim)
	y := make([]float32, n*h)
	if t.cfg.Architecture == model.NeoX {
		t.activate(y, rows)
		return y
	}
	for i := range n {
		gate, up, to := rows[2*i*h:(2*i+1)*h], rows[(2*i+1)*h:(2*i+2)*h], y[i*h:(i+1)*h]
		t.activate(to, gate)
		for j, v := range up {
			to[j] *= v
		}
	}
	return y
}

func (t *reference) activate(dst, x []float32) {
	switch t.cfg.ActivationInForce() {
	case model.SiLU:
		kernel.SiLUScalar(dst, x)
	case model.GELU:
		kernel.GELUScalar(dst, x)
	case model.TanhGELU:
		kernel.GELUTanhScalar(dst, x)
	case model.ReLU:
		for i, v := range x {
			dst[i] = max(v, 0)
		}
	}
}

func (t *reference) down(x, mlp []float32, n int) []float32 {
	y := t.multiply(mlp, t.downs, t.dnBias, n, t.cfg.HiddenDim)
	kernel.AddScalar(y, y, x)
	return y
}

func (t *reference) head(x []float32, n int) []float32 {
	const rows = 4096 // at once in float32
	d, v := t.cfg.Dim, t.cfg.Vocab
	x = t.rmsNormed(x, n, finalNorm)
	y, part := make([]float32, n*v), make([]float32, min(rows, v)*d)
	for from := 0; from < v; from += rows {
		count := min(rows, v-from)
		for r := range count {
			t.headMatrix.CopyRow(part[r*d:(r+1)*d], from+r)
		}
		kernel.GEMMScalar(&t.ws, false, true, n, count, d, x, d, part, d, false, y[from:], v)
	}
	for i := range y {
		if t.headBias != nil {
			y[i] += t.headBias[i%v]
		}
	}
	return y
}

func (t *reference) loss(got, logits []float32, start, n int) []float32 {
	out, v := slices.Clone(got), t.cfg.Vocab
	for i := range n {
		next := start + i + 1
		out[next] = lse(logits[i*v:(i+1)*v]) - logits[i*v+int(t.tokens[next])]
	}
	return out
}

func lse(row []float32) float32 { return kernel.SoftmaxRowScalar(slices.Clone(row)) }

// referenceSample is what sample notes of a draw, with its numbers of tokens as the bits of
// floats. Where a draw falls within a millionth of the border between two tokens, got decides.
func referenceSample(logits []float32, p *model.Sampling, u float64, got []float32) []float32 {
	norm := lse(logits)
	type candidate struct {
		id     int
		weight float64
	}
	kept := make([]candidate, len(logits))
	for i := range logits {
		kept[i] = candidate{i, float64(logits[i])}
	}
	likelier := func(a, b candidate) int { return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.id, b.id)) }
	best := slices.SortedFunc(slices.Values(kept), likelier)
	token := best[0].id
	if p.Temperature > 0 {
		sorted := p.TopK > 0 || p.TopP > 0
		if sorted {
			kept = slices.Clone(best)
		}
		if p.TopK > 0 {
			kept = kept[:min(p.TopK, len(kept))]
		}
		sum := 0.0
		for i := range kept {
			kept[i].weight = math.Exp((kept[i].weight - best[0].weight) / p.Temperature)
			sum += kept[i].weight
		}
		if p.TopP > 0 {
			reached, n := 0.0, 0
			for n < len(kept) && reached < p.TopP*sum {
				reached += kept[n].weight
				n++
			}
			kept = kept[:n]
		}
		kept = slices.DeleteFunc(kept, func(c candidate) bool { return c.weight < p.MinP })
		sum = 0
		for _, c := range kept {
			sum += c.weight
		}
		token = kept[len(kept)-1].id
		for at := u * sum; len(kept) > 0; kept = kept[1:] {
			if at -= kept[0].weight; at < 0 {
				token = kept[0].id
				if other := math.Float32bits(got[0]); -at < 1e-5*sum && len(kept) > 1 && int(other) == kept[1].id {
					token = kept[1].id
				}
				break
			}
		}
	}
	out := []float32{math.Float32frombits(uint32(token)), logits[token] - norm}
	for i := range maxAlternatives {
		id := best[min(i, len(best)-1)].id
		out = append(out, math.Float32frombits(uint32(id)), logits[id]-norm)
	}
	return out
}
