package train

import (
	"math"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/kernel"
)

// result is what comes of a shard.
type result struct {
	gradient  []float32
	frequency []float64 // dL/dθ_i, HeadDim/2
	loss      float64   // weighted sum of -log p over the shard's targets
	nll       []float32 // rows: -log p of each target, 0 where it has no weight
}

func newResult(p *Parameters, rows int) *result {
	return &result{gradient: make([]float32, p.Total), frequency: make([]float64, p.Config.Rotary.HeadDim/2), nll: make([]float32, rows)}
}

// shard runs forward and backward over a fixed number of sequences with
// activations of its own, into whatever result it is given. It is used by one goroutine at a time.
type shard struct {
	*result
	cfg        model.Config
	seqs, n    int // sequences and tokens in each
	rows       int // seqs·n
	ws         kernel.Workspace
	cos, sin   []float32 // rows × HeadDim/2, times the attention factor
	minusSin   []float32 // for turning back
	before     []int     // rows: how many keys lie before the token's run of neighbouring positions
	extra      []float32 // rows: what is added to the scores of those
	layers     []layerActivations
	final      []float32 // rows × Dim, normalised
	logits     []float32 // rows × Vocab; becomes its gradient
	x, dx, dh  []float32 // rows × Dim
	dqkv       []float32 // rows × (Heads+2·KVHeads)·HeadDim
	dGateUp    []float32 // rows × 2·HiddenDim
	dHidden    []float32 // rows × HiddenDim
	probGrad   []float32 // attentionBlock × n
	angleGrad  []float64 // HeadDim/2
	finalScale []float32 // rows: 1/rms of the last norm
}

// layerActivations are what backward needs of a layer's forward.
type layerActivations struct {
	x         []float32 // rows × Dim, the layer's input
	normed    []float32 // rows × Dim
	scale     []float32 // rows, 1/rms
	qkv       []float32 // rows × QKV, queries and keys rotated
	prob      []float32 // seqs·Heads × n × n, lower triangle
	mixed     []float32 // rows × Heads·HeadDim, attention output before O
	mid       []float32 // rows × Dim, after the attention residual
	midNormed []float32
	midScale  []float32
	gateUp    []float32 // rows × 2·HiddenDim
	hidden    []float32 // rows × HiddenDim, silu(gate)·up
}

// attentionBlock is how many query rows one attention product covers: keys past
// the block's last row are never touched, which saves near half of the work.
const attentionBlock = 64

// newShard is a shard without a result.
func newShard(p *Parameters, seqs, n int) *shard {
	c := p.Config
	d := c.Rotary.HeadDim
	rows, qkv := seqs*n, (c.Heads+2*c.KVHeads)*d
	f := func(n int) []float32 { return make([]float32, n) }
	s := &shard{
		cfg: c, seqs: seqs, n: n, rows: rows,
		cos: f(rows * d / 2), sin: f(rows * d / 2), minusSin: f(rows * d / 2),
		final: f(rows * c.Dim), logits: f(rows * c.Vocab), before: make([]int, rows), extra: f(rows),
		x: f(rows * c.Dim), dx: f(rows * c.Dim), dh: f(rows * max(c.Dim, c.Heads*d)),
		dqkv: f(rows * qkv), dGateUp: f(rows * 2 * c.HiddenDim), dHidden: f(rows * c.HiddenDim),
		probGrad: f(attentionBlock * n), angleGrad: make([]float64, d/2), finalScale: f(rows),
	}
	for range c.Layers {
		s.layers = append(s.layers, layerActivations{
			x: f(rows * c.Dim), normed: f(rows * c.Dim), scale: f(rows), qkv: f(rows * qkv),
			prob: f(seqs * c.Heads * n * n), mixed: f(rows * c.Heads * d), mid: f(rows * c.Dim),
			midNormed: f(rows * c.Dim), midScale: f(rows), gateUp: f(rows * 2 * c.HiddenDim), hidden: f(rows * c.HiddenDim),
		})
	}
	return s
}

// setAngles fills the rotation tables for positions (rows of them) under enc.
func (s *shard) setAngles(positions []float64, enc *clex.Encoding) {
	half := s.cfg.Rotary.HeadDim / 2
	for r, pos := range positions {
		for i, theta := range enc.InvFreq {
			sin, cos := math.Sincos(pos * theta)
			s.cos[r*half+i] = float32(cos * enc.AttentionFactor)
			s.sin[r*half+i] = float32(sin * enc.AttentionFactor)
			s.minusSin[r*half+i] = -s.sin[r*half+i]
		}
	}
}
