package model

import (
	"math"
	"math/rand/v2"

	"clexlab/clex"
)

// naive is the transformer written from the papers' equations in float64, one
// value at a time: relative rotation per pair of tokens, whole attention
// matrices, no cache. It shares no code with the package.
type naive struct {
	cfg Config
	w   *Weights
	enc clex.Encoding
}

// naiveResult is everything a read shows.
type naiveResult struct {
	logits [][]float64
	// attention[layer][head][query][key]
	attention [][][][]float64
	// norms[depth][token]
	norms [][]float64
}

func naiveValue(m *Matrix, r, c int) float64 {
	if m.F32 != nil {
		return float64(m.F32[r*m.Cols+c])
	}
	return float64(m.I8[r*m.Cols+c]) * float64(m.Scale[r])
}

func naiveLinear(l *Linear, x []float64) []float64 {
	y := make([]float64, l.Rows)
	for r := range y {
		for c, v := range x {
			y[r] += naiveValue(&l.Matrix, r, c) * v
		}
		if l.Bias != nil {
			y[r] += float64(l.Bias[r])
		}
	}
	return y
}

func (v *naive) norm(n *Norm, x []float64) []float64 {
	size := float64(len(x))
	mean := 0.0
	if v.cfg.Architecture == NeoX {
		for _, a := range x {
			mean += a / size
		}
	}
	square := 0.0
	for _, a := range x {
		square += (a - mean) * (a - mean) / size
	}
	y := make([]float64, len(x))
	for i, a := range x {
		y[i] = (a - mean) / math.Sqrt(square+float64(v.cfg.NormEps)) * float64(n.Weight[i])
		if n.Bias != nil {
			y[i] += float64(n.Bias[i])
		}
	}
	return y
}

// distance is the relative position of a query at m and a key at n.
func (v *naive) distance(m, n int) float64 {
	d := m - n
	if r := v.enc.Remap; r != nil && d >= r.Shift {
		d = d - r.Shift + r.Local
	}
	return float64(d)
}

// score is the logit of a query at m and a key at n: Re Σ q_c·conj(k_c)·e^(iθ_c·distance).
func (v *naive) score(q, k []float64, m, n int) float64 {
	r := v.cfg.Rotary
	gain := v.enc.AttentionFactor * v.enc.AttentionFactor
	sum := 0.0
	for i, theta := range v.enc.InvFreq {
		a, b := i, i+r.Dims/2
		if r.Pairing == clex.Interleaved {
			a, b = 2*i, 2*i+1
		}
		s, c := math.Sincos(theta * v.distance(m, n))
		sum += gain * ((q[a]*k[a]+q[b]*k[b])*c + (q[a]*k[b]-q[b]*k[a])*s)
	}
	for i := r.Dims; i < r.HeadDim; i++ {
		sum += q[i] * k[i]
	}
	sum /= math.Sqrt(float64(r.HeadDim))
	if v.enc.LogN > 0 {
		sum *= math.Max(1, math.Log(float64(m+1))/math.Log(float64(v.enc.LogN)))
	}
	return sum
}

// normHeads normalises every head of x by its root mean square.
func (v *naive) normHeads(x []float64, weight []float32) {
	d := v.cfg.Rotary.HeadDim
	for h := 0; h < len(x); h += d {
		head := x[h : h+d]
		mean := 0.0
		for _, a := range head {
			mean += a * a / float64(d)
		}
		for i := range head {
			head[i] *= float64(weight[i]) / math.Sqrt(mean+float64(v.cfg.NormEps))
		}
	}
}

func naiveRMS(x []float64) float64 {
	sum := 0.0
	for _, a := range x {
		sum += a * a
	}
	return math.Sqrt(sum / float64(len(x)))
}

func (v *naive) read(tokens []int32) naiveResult {
	c, d := v.cfg, v.cfg.Rotary.HeadDim
	n := len(tokens)
	var res naiveResult
	res.norms = make([][]float64, c.Layers+1)
	x := make([][]float64, n)
	for i, t := range tokens {
		x[i] = make([]float64, c.Dim)
		for j := range x[i] {
			x[i][j] = naiveValue(&v.w.Embedding, int(t), j)
		}
		res.norms[0] = append(res.norms[0], naiveRMS(x[i]))
	}
	for li := range v.w.Layers {
		l := &v.w.Layers[li]
		q, k, val := make([][]float64, n), make([][]float64, n), make([][]float64, n)
		for i := range x {
			y := v.norm(&l.AttentionNorm, x[i])
			q[i], k[i], val[i] = naiveLinear(&l.Q, y), naiveLinear(&l.K, y), naiveLinear(&l.V, y)
			if c.HeadNorm {
				v.normHeads(q[i], l.QNorm.Weight)
				v.normHeads(k[i], l.KNorm.Weight)
			}
		}
		maps := make([][][]float64, c.Heads)
		for i := range x {
			heads := make([]float64, c.Heads*d)
			for h := range c.Heads {
				g := h * c.KVHeads / c.Heads
				p := make([]float64, i+1)
				top := math.Inf(-1)
				for j := range p {
					p[j] = v.score(q[i][h*d:(h+1)*d], k[j][g*d:(g+1)*d], i, j)
					top = math.Max(top, p[j])
				}
				sum := 0.0
				for j := range p {
					p[j] = math.Exp(p[j] - top)
					sum += p[j]
				}
				for j := range p {
					p[j] /= sum
					for e := range d {
						heads[h*d+e] += p[j] * val[j][g*d+e]
					}
				}
				maps[h] = append(maps[h], p)
			}
			attended := naiveLinear(&l.O, heads)
			inner := make([]float64, c.Dim)
			copy(inner, x[i])
			if c.Architecture == LLaMA || c.SequentialResidual {
				for j := range inner {
					inner[j] += attended[j]
				}
			}
			y := v.norm(&l.MLPNorm, inner)
			up := naiveLinear(&l.Up, y)
			act := c.Activation
			if act == DefaultActivation {
				act = map[Architecture]Activation{LLaMA: SiLU, NeoX: GELU}[c.Architecture]
			}
			f := map[Activation]func(x float64) float64{
				SiLU:     func(x float64) float64 { return x / (1 + math.Exp(-x)) },
				GELU:     func(x float64) float64 { return x * 0.5 * math.Erfc(-x/math.Sqrt2) },
				TanhGELU: func(x float64) float64 { return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))) },
				ReLU:     func(x float64) float64 { return math.Max(x, 0) },
			}[act]
			if c.Architecture == LLaMA {
				gate := naiveLinear(&l.Gate, y)
				for j := range up {
					up[j] *= f(gate[j])
				}
			} else {
				for j, u := range up {
					up[j] = f(u)
				}
			}
			down := naiveLinear(&l.Down, up)
			for j := range down {
				x[i][j] += attended[j] + down[j]
			}
			res.norms[li+1] = append(res.norms[li+1], naiveRMS(x[i]))
		}
		res.attention = append(res.attention, maps)
	}
	head := v.w.Head
	if c.TiedHead {
		head = v.w.Embedding
	}
	for i := range x {
		res.logits = append(res.logits, naiveLinear(&Linear{Matrix: head, Bias: v.w.HeadBias}, v.norm(&v.w.FinalNorm, x[i])))
	}
	return res
}

func randomTokens(n, vocab int, seed uint64) []int32 {
	r := rand.New(rand.NewPCG(seed, 2))
	tokens := make([]int32, n)
	for i := range tokens {
		tokens[i] = int32(r.IntN(vocab))
	}
	return tokens
}
