package gpu

import (
	"context"
	"math"
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

	table     linear // the embedding; only its buffers
	layers    []layer
	finalGain Buffer
	head      linear
	buffers   []Buffer
}

// linear is a stack of matrices on the device, with the kernels for many rows and for one.
type linear struct {
	many, one                   *program
	outputs                     int
	weights, scale, bias, shape Buffer
	int8s, biased               bool
}

// layer is one block of the transformer.
type layer struct {
	attentionGain, mlpGain Buffer
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
	if b.err = fitsBindings(c, w, b.m.driver.Adapter().Limits.BindingBytes); b.err != nil {
		return
	}
	for i := range w.Layers {
		l := &w.Layers[i]
		q, k := l.Q, l.K
		if c.Rotary.Pairing == clex.Interleaved {
			q, k = model.HalfSplit(&l.Q, c.Rotary), model.HalfSplit(&l.K, c.Rotary)
		}
		b.m.layers[i] = layer{
			attentionGain: b.buffer(appendFloats(nil, l.AttentionNorm.Weight)),
			mlpGain:       b.buffer(appendFloats(nil, l.MLPNorm.Weight)),
			qkv:           b.linear([]string{"NORM"}, &q, &k, &l.V),
			o:             b.linear([]string{"ADD"}, &l.O),
			up:            b.linear([]string{"NORM", "GATED"}, &l.Gate, &l.Up),
			down:          b.linear([]string{"ADD"}, &l.Down),
		}
		if c.HeadNorm {
			b.m.layers[i].headGain = b.buffer(appendFloats(nil, headGains(l, c.Rotary)))
		}
	}
	b.m.finalGain = b.buffer(appendFloats(nil, w.FinalNorm.Weight))
	embedding := stack(&model.Linear{Matrix: w.Embedding})
	b.m.table = linear{weights: b.buffer(embedding.weights), int8s: embedding.int8s}
	if embedding.int8s {
		b.m.table.scale = b.buffer(embedding.scale)
	}
	if c.TiedHead {
		b.m.head = b.kernelsOf(&embedding, []string{"NORM"})
		b.m.head.weights, b.m.head.scale = b.m.table.weights, b.m.table.scale
		return
	}
	b.m.head = b.linear([]string{"NORM"}, &model.Linear{Matrix: w.Head})
}

// kernelsOf makes the kernels of a stack of matrices; features say what else they do.
func (b *builder) kernelsOf(s *matrix, features []string) linear {
	l := linear{outputs: s.rows, int8s: s.int8s, biased: s.bias != nil}
	for _, f := range features {
		if f == "GATED" {
			l.outputs /= 2
		}
	}
	c := &b.m.plan.cfg
	l.shape = b.buffer(appendWords(nil, []uint32{uint32(s.cols), uint32(l.outputs), math.Float32bits(c.NormEps), 0}))
	features = s.features(features...)
	l.many = b.program("matmul", map[string]int{"TILE": tile}, features...)
	l.one = b.program("matvec", map[string]int{"ROWS": vecRows}, features...)
	return l
}

func (b *builder) linear(features []string, parts ...*model.Linear) linear {
	s := stack(parts...)
	l := b.kernelsOf(&s, features)
	l.weights = b.buffer(s.weights)
	if s.int8s {
		l.scale = b.buffer(s.scale)
	}
	if s.bias != nil {
		l.bias = b.buffer(s.bias)
	}
	return l
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
	m.rotateKeys = b.program("rotatekeys", head)
	m.attend = b.program("attend", attend)
	m.attendFar = b.program("attend", attend, "REMAP")
	m.attendPart = b.program("attendpart", parts)
	m.mergeParts = b.program("mergeparts", parts)
	m.loss = b.program("loss", nil)
	m.attentionMap = b.program("attentionmap", map[string]int{"HEAD": p.cfg.Rotary.HeadDim, "MOST_BINS": mostBins, "QUERIES": p.mapQueries})
	m.pool = b.program("pool", nil)
	m.distanceHistogram = b.program("distancehistogram", nil)
	m.sample = b.program("sample", map[string]int{"ALTERNATIVES": maxAlternatives})
}

// bind makes the group of a linear map from x to y.
func (m *Model) bind(l *linear, p *program, x, y, gain Buffer, normed bool) Group {
	list := []Buffer{x, y, l.weights}
	if l.int8s {
		list = append(list, l.scale)
	}
	if normed {
		list = append(list, gain)
	}
	if l.biased {
		list = append(list, l.bias)
	}
	list = append(list, l.shape)
	return m.driver.Bind(&p.Shader, list...)
}
