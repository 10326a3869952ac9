package model

import (
	"fmt"

	"clexlab/clex"
)

// Model is a transformer ready to run. It is immutable, so sequences on
// several goroutines may share it.
type Model struct {
	cfg       Config
	embedding Matrix
	layers    []block
	finalNorm Norm
	head      packed
	// plain is the encoding of a new sequence.
	plain clex.Encoding
}

// block is one layer as it is computed: projections that read the same input
// are one matrix.
type block struct {
	attentionNorm, mlpNorm Norm
	// queryNorm and keyNorm are the weights of Config.HeadNorm.
	queryNorm, keyNorm []float32
	// qkv has the rows of Q, then of K, then of V.
	qkv, o packed
	// up has, in the LLaMA form, the rows of Gate before those of Up.
	up, down packed
}

// New checks that w has the shape of cfg and finite values, and packs it for
// the kernels. Errors name the field or tensor. float32 embeddings and norms stay
// shared with w, which must not change afterwards.
func New(cfg Config, w *Weights) (*Model, error) { return newModel(cfg, w, false) }

// NewReleasing is New for a model that memory would hardly hold twice: it empties w's layers one by one as it lays
// them out, so that w is of no use afterwards.
func NewReleasing(cfg Config, w *Weights) (*Model, error) { return newModel(cfg, w, true) }

func newModel(cfg Config, w *Weights, release bool) (*Model, error) {
	if err := w.Validate(cfg); err != nil {
		return nil, err
	}
	m := &Model{
		cfg:       cfg,
		embedding: w.Embedding,
		layers:    make([]block, cfg.Layers),
		finalNorm: w.FinalNorm,
		plain:     cfg.Rotary.Plain(),
	}
	for i := range m.layers {
		l := &w.Layers[i]
		q, k := l.Q, l.K
		if cfg.Rotary.Pairing == clex.Interleaved {
			q, k = HalfSplit(&l.Q, cfg.Rotary), HalfSplit(&l.K, cfg.Rotary)
		}
		norms := [2][]float32{l.QNorm.Weight, l.KNorm.Weight}
		if cfg.HeadNorm && cfg.Rotary.Pairing == clex.Interleaved {
			for j, w := range norms {
				column := HalfSplit(&Linear{Matrix: Matrix{Rows: len(w), Cols: 1, F32: w}}, cfg.Rotary)
				norms[j] = column.F32
			}
		}
		up := []*Linear{&l.Up}
		if cfg.gated() {
			up = []*Linear{&l.Gate, &l.Up}
		}
		m.layers[i] = block{
			attentionNorm: l.AttentionNorm,
			mlpNorm:       l.MLPNorm,
			queryNorm:     norms[0],
			keyNorm:       norms[1],
			qkv:           pack(&q, &k, &l.V),
			o:             pack(&l.O),
			up:            pack(up...),
			down:          pack(&l.Down),
		}
		if release {
			*l = Layer{}
		}
	}
	head := w.Head
	if cfg.TiedHead {
		head = w.Embedding
	}
	m.head = pack(&Linear{Matrix: head, Bias: w.HeadBias})
	return m, nil
}

// Config is the shape the model was made with.
func (m *Model) Config() Config { return m.cfg }

// HalfSplit reorders the rows of every head so that components rotated
// together, adjacent in l, stand half a rotated part apart. Scores do not change
// when queries and keys are reordered alike, so attention knows one pairing only.
func HalfSplit(l *Linear, r clex.Rotary) Linear {
	out := Linear{Matrix: Matrix{Rows: l.Rows, Cols: l.Cols}}
	if l.F32 != nil {
		out.F32 = make([]float32, len(l.F32))
	} else {
		out.I8, out.Scale = make([]int8, len(l.I8)), make([]float32, len(l.Scale))
	}
	if l.Bias != nil {
		out.Bias = make([]float32, len(l.Bias))
	}
	for row := range l.Rows {
		head, c := row/r.HeadDim*r.HeadDim, row%r.HeadDim
		to := row
		if c < r.Dims {
			to = head + c/2 + c%2*r.Dims/2
		}
		if l.F32 != nil {
			copy(out.F32[to*l.Cols:(to+1)*l.Cols], l.F32[row*l.Cols:])
		} else {
			copy(out.I8[to*l.Cols:(to+1)*l.Cols], l.I8[row*l.Cols:])
			out.Scale[to] = l.Scale[row]
		}
		if l.Bias != nil {
			out.Bias[to] = l.Bias[row]
		}
	}
	return out
}

// embed writes the embedding of each token to dst, Dim values a token.
func (m *Model) embed(dst []float32, tokens []int32) {
	for i, t := range tokens {
		m.embedding.CopyRow(dst[i*m.cfg.Dim:(i+1)*m.cfg.Dim], int(t))
	}
}

// checkTokens reports the first token that is not in the vocabulary.
func (m *Model) checkTokens(tokens []int32) error {
	for i, t := range tokens {
		if t < 0 || int(t) >= m.cfg.Vocab {
			return fmt.Errorf("model: token %d is %d, the vocabulary has 0 to %d", i, t, m.cfg.Vocab-1)
		}
	}
	return nil
}
