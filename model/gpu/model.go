package gpu

import (
	"context"
	"fmt"
	"slices"

	"clexlab/clex"
	"clexlab/model"
)

// Model is a transformer on a device: its weights uploaded, its kernels
// compiled. Sequences read texts with it.
type Model struct {
	driver Driver
	plan   plan
	// plain is the encoding of a new sequence.
	plain clex.Encoding

	embed, ropeStore, rotateKeys, attend, attendFar, attendPart, mergeParts *program
	loss, attentionMap, pool, distanceHistogram, sample                     *program

	programs []*program
	// fallbacks are the kernels that had to be replaced by their plain form, with the reason.
	fallbacks []string

	// layerNorm is nil where norms are RMSNorms.
	layerNorm *program

	table     linear // the embedding; only its buffers
	layers    []layer
	finalNorm norm
	head      linear
	buffers   []Buffer
}

// layer is one block of the transformer.
type layer struct {
	attentionNorm, mlpNorm norm
	oneNorm                bool   // both are the same, of the same residual stream
	headGain               Buffer // of queries, then of keys, where heads are normalised
	qkv, o, up, down       linear
}

// New uploads a model to a device and compiles its kernels. An *Error says why
// the device cannot run it. w is not kept.
func New(ctx context.Context, d Driver, c model.Config, w *model.Weights) (*Model, error) {
	if err := w.Validate(c); err != nil {
		return nil, err
	}
	p, err := newPlan(c, d.Adapter())
	if err != nil {
		return nil, err
	}
	m := &Model{driver: d, plan: p, layers: make([]layer, c.Layers), plain: c.Rotary.Plain()}
	b := builder{ctx: ctx, m: m, extras: d.Adapter().extras(), seen: map[string]*program{}}
	b.matrices(w)
	b.kernels()
	if b.err == nil {
		b.err = m.compile(ctx, m.programs)
	}
	if b.err != nil {
		d.Free(m.buffers...)
		return nil, b.err
	}
	return m, nil
}

// Config is the shape of the model.
func (m *Model) Config() model.Config { return m.plan.cfg }

// Adapter describes the device.
func (m *Model) Adapter() Adapter { return m.driver.Adapter() }

// Close gives the device back; sequences are of no use afterwards.
func (m *Model) Close() { m.driver.Close() }

// Destroy takes the device away, as a driver that is reset would.
func (m *Model) Destroy() { m.driver.Destroy() }

// builder makes a Model; its first error stays.
type builder struct {
	ctx    context.Context
	m      *Model
	err    error
	extras []string
	seen   map[string]*program
}

// program notes a kernel to be compiled, each source once, with those of the
// device's extras that it has lines for.
func (b *builder) program(name string, constants map[string]int, features ...string) *program {
	if b.err != nil {
		return nil
	}
	p := &program{}
	if p.Shader, b.err = shader(name, constants, features...); b.err != nil {
		return nil
	}
	plain := p.Shader
	for _, extra := range b.extras {
		more, err := shader(name, constants, append(slices.Clone(features), extra)...)
		if err != nil {
			b.err = err
			return nil
		}
		if more.WGSL != p.WGSL {
			p.Shader, p.plain = more, &plain
			features = append(slices.Clone(features), extra)
		}
	}
	if have := b.seen[p.WGSL]; have != nil {
		return have
	}
	b.seen[p.WGSL] = p
	b.m.programs = append(b.m.programs, p)
	return p
}

// buffer makes a buffer that holds data.
func (b *builder) buffer(data []byte) Buffer {
	if b.err != nil {
		return 0
	}
	list, err := b.m.driver.Alloc(b.ctx, len(data))
	if err != nil {
		b.err = err
		return 0
	}
	b.m.buffers = append(b.m.buffers, list[0])
	b.m.driver.Upload(list[0], data)
	return list[0]
}

func (b *builder) matrices(w *model.Weights) {
	c := &b.m.plan.cfg
	embedding := stacked(false, &model.Linear{Matrix: w.Embedding})
	b.m.table = b.upload("the embedding", &embedding)
	for i := range w.Layers {
		l, of := w.Layer(i), fmt.Sprintf(" of layer %d", i)
		q, k := l.Q, l.K
		if c.Rotary.Pairing == clex.Interleaved {
			q, k = model.HalfSplit(&l.Q, c.Rotary), model.HalfSplit(&l.K, c.Rotary)
		}
		what, up := "Gate and Up", stacked(true, &l.Gate, &l.Up)
		if c.Architecture == model.NeoX {
			what, up = "Up", stacked(false, &l.Up)
		}
		b.m.layers[i] = layer{
			attentionNorm: b.norm(&l.AttentionNorm),
			mlpNorm:       b.norm(&l.MLPNorm),
			oneNorm:       c.Parallel() && slices.Equal(l.AttentionNorm.Weight, l.MLPNorm.Weight) && slices.Equal(l.AttentionNorm.Bias, l.MLPNorm.Bias),
			qkv:           b.linear("Q, K and V"+of, stacked(false, &q, &k, &l.V), b.normed()...),
			o:             b.linear("O"+of, stacked(false, &l.O), "ADD"),
			up:            b.linear(what+of, up, append(b.normed(), activationFeatures(c)...)...),
			down:          b.linear("Down"+of, stacked(false, &l.Down), "ADD"),
		}
		if c.HeadNorm {
			b.m.layers[i].headGain = b.buffer(appendFloats(nil, headGains(l, c.Rotary)))
		}
	}
	b.m.finalNorm = b.norm(&w.FinalNorm)
	head := model.Linear{Matrix: w.Head, Bias: w.HeadBias}
	if !c.TiedHead {
		b.m.head = b.linear("the head", stacked(false, &head), b.normed()...)
		return
	}
	head.Matrix = w.Embedding
	b.m.head = b.tied(&b.m.table, &head)
	tied := stacked(false, &head)
	b.kernelsOf(&b.m.head, &tied, b.normed()...)
}

func (b *builder) kernels() {
	m, p := b.m, &b.m.plan
	var embed []string
	if m.table.int8s {
		embed = append(embed, "INT8")
	}
	head := map[string]int{"HEAD": p.cfg.Rotary.HeadDim}
	attend := map[string]int{"HEAD": p.cfg.Rotary.HeadDim, "QUERIES": p.queries, "KEYS": p.keys, "LANES": p.lanes}
	parts := map[string]int{"HEAD": p.cfg.Rotary.HeadDim, "PART": part}
	m.embed = b.program("embed", nil, embed...)
	var norm []string
	if p.cfg.HeadNorm {
		norm = append(norm, "HEADNORM")
	}
	m.ropeStore = b.program("ropestore", head, norm...)
	m.rotateKeys = b.program("rotatekeys", map[string]int{"HEAD": p.cfg.Rotary.HeadDim, "MOST_GROUPS": mostGroups})
	m.attend = b.program("attend", attend)
	m.attendFar = b.program("attend", attend, "REMAP")
	m.attendPart = b.program("attendpart", parts)
	m.mergeParts = b.program("mergeparts", parts)
	if p.cfg.Architecture == model.NeoX {
		m.layerNorm = b.program("layernorm", nil)
	}
	m.loss = b.program("loss", nil)
	m.attentionMap = b.program("attentionmap", map[string]int{"HEAD": p.cfg.Rotary.HeadDim, "MOST_BINS": mostBins, "QUERIES": p.mapQueries})
	m.pool = b.program("pool", nil)
	m.distanceHistogram = b.program("distancehistogram", nil)
	m.sample = b.program("sample", map[string]int{"ALTERNATIVES": maxAlternatives})
}
