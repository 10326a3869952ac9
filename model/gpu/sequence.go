package gpu

import (
	"context"
	"fmt"
	"math"
	"slices"

	"clexlab/clex"
	"clexlab/model"
)

// Sequence is one text on the device; it implements [model.Sampler]. Memory for
// the whole capacity is taken when it is made. After an *Error it is of no use any more.
type Sequence struct {
	m               *Model
	capacity, block int
	parts           int
	// tokens are those known here; length counts what the device has read, which may be more.
	tokens []int32
	length int
	// resident are the tokens in the device's buffer, also past the end of the text.
	resident []int32

	encoding clex.Encoding
	// stale says that the device does not have the encoding, turned that its rotated keys are those of it.
	stale, turned bool
	packed        []uint32

	// logits belong to the last token, if known; ready says that the device has them.
	logits       []float32
	known, ready bool

	buf      sequenceBuffers
	groups   sequenceGroups
	captured *captureBuffers
	c        Commands
	inFlight []pendingSample
	sampled  []model.Sampled
	err      error
}

// sequenceBuffers are the memory of a sequence on the device; the kernels' files give the shapes.
type sequenceBuffers struct {
	params, encoding, tokens, x, qkv, near, far, attended, mlp Buffer
	normed, mlpNormed                                          Buffer // only with LayerNorm
	lse, parts, logits, lossLogits, nats, sampled              Buffer
	plain, keys, values                                        []Buffer // by layer
	all                                                        []Buffer
}

type sequenceGroups struct {
	uniforms, mergeParts, loss, lastLoss, sample Group
	finalNorm                                    Group   // only with LayerNorm
	embed, head, lossHead                        []Group // by piece
	layers                                       []layerGroups
}

type layerGroups struct {
	ropeStore, rotateKeys, attend, attendFar, part Group
	attentionNorm, mlpNorm                         Group   // only with LayerNorm
	qkv, o, up, down                               []Group // by piece
}

// NewSequence makes an empty sequence that can hold capacity tokens. An *Error
// of kind Memory says that the device has no room for it.
func (m *Model) NewSequence(ctx context.Context, capacity int) (*Sequence, error) {
	limits := m.driver.Adapter().Limits
	if capacity < 1 {
		return nil, fmt.Errorf("gpu: capacity is %d, want at least 1 token", capacity)
	}
	if err := m.plan.fits(capacity, limits); err != nil {
		return nil, err
	}
	p, c := &m.plan, &m.plan.cfg
	s := &Sequence{
		m: m, capacity: capacity, block: m.plan.blockFor(capacity), parts: groups(capacity, part),
		tokens: make([]int32, 0, capacity), resident: make([]int32, 0, capacity), logits: make([]float32, c.Vocab),
	}
	b, d := &s.buf, c.Rotary.HeadDim
	normed := 0
	if m.layerNorm != nil {
		normed = s.block * c.Dim
	}
	want := []struct {
		to     *Buffer
		floats int
	}{
		{&b.params, maxSlots * SlotBytes / 4}, {&b.encoding, encodingWords}, {&b.tokens, capacity + 1},
		{&b.x, s.block * c.Dim}, {&b.qkv, s.block * p.qkvDim()}, {&b.near, s.block * p.queryDim()}, {&b.far, s.block * p.queryDim()},
		{&b.attended, s.block * p.queryDim()}, {&b.mlp, s.block * c.HiddenDim}, {&b.lse, s.block * c.Heads},
		{&b.parts, c.Heads * s.parts * (d + 4)}, {&b.logits, c.Vocab}, {&b.lossLogits, p.lossRows(s.block, limits) * c.Vocab},
		{&b.nats, capacity + 1}, {&b.sampled, maxSlots * sampledWords}, {&b.normed, normed}, {&b.mlpNormed, normed},
	}
	sizes := []int{}
	for _, w := range want {
		sizes = append(sizes, 4*w.floats)
	}
	for range 3 * c.Layers {
		sizes = append(sizes, 4*capacity*p.kvDim())
	}
	var err error
	if b.all, err = m.driver.Alloc(ctx, sizes...); err != nil {
		return nil, err
	}
	for i, w := range want {
		*w.to = b.all[i]
	}
	caches := b.all[len(want):]
	b.plain, b.keys, b.values = caches[:c.Layers], caches[c.Layers:2*c.Layers], caches[2*c.Layers:]
	s.bind()
	s.put(&m.plain)
	return s, nil
}

func (s *Sequence) bind() {
	m, b, g := s.m, &s.buf, &s.groups
	d := m.driver
	g.uniforms = d.Uniforms(b.params, b.encoding)
	for _, part := range m.table.pieces {
		embed := []Buffer{b.tokens, part.weights}
		if m.table.int8s {
			embed = append(embed, part.scale)
		}
		g.embed = append(g.embed, d.Bind(&m.embed.Shader, append(embed, b.x, part.shape)...))
	}
	g.mergeParts = d.Bind(&m.mergeParts.Shader, b.parts, b.attended)
	normed, mlpNormed := b.x, b.x
	if m.layerNorm != nil {
		normed, mlpNormed = b.normed, b.mlpNormed
	}
	g.finalNorm = s.bindNorm(&m.finalNorm, normed)
	g.head = m.bind(&m.head, m.head.one, normed, b.logits, &m.finalNorm)
	g.lossHead = m.bind(&m.head, m.head.many, normed, b.lossLogits, &m.finalNorm)
	g.loss = d.Bind(&m.loss.Shader, b.tokens, b.lossLogits, b.nats)
	g.lastLoss = d.Bind(&m.loss.Shader, b.tokens, b.logits, b.nats)
	g.sample = d.Bind(&m.sample.Shader, b.logits, b.tokens, b.sampled)
	for i := range m.layers {
		l := &m.layers[i]
		plain, keys, values := b.plain[i], b.keys[i], b.values[i]
		mlpInput := mlpNormed
		if l.oneNorm {
			mlpInput = normed
		}
		store := []Buffer{b.qkv, b.near, b.far, plain, keys, values}
		if m.plan.cfg.HeadNorm {
			store = append(store, l.headGain, l.qkv.pieces[0].shape)
		}
		g.layers = append(g.layers, layerGroups{
			attentionNorm: s.bindNorm(&l.attentionNorm, normed),
			mlpNorm:       s.bindNorm(&l.mlpNorm, mlpNormed),
			qkv:           m.bind(&l.qkv, l.qkv.many, normed, b.qkv, &l.attentionNorm),
			ropeStore:     d.Bind(&m.ropeStore.Shader, store...),
			rotateKeys:    d.Bind(&m.rotateKeys.Shader, plain, keys),
			attend:        d.Bind(&m.attend.Shader, b.near, keys, values, b.attended, b.lse),
			attendFar:     d.Bind(&m.attendFar.Shader, b.near, b.far, keys, values, b.attended, b.lse),
			part:          d.Bind(&m.attendPart.Shader, b.near, b.far, keys, values, b.parts),
			o:             m.bind(&l.o, l.o.many, b.attended, b.x, nil),
			up:            m.bind(&l.up, l.up.many, mlpInput, b.mlp, &l.mlpNorm),
			down:          m.bind(&l.down, l.down.many, b.mlp, b.x, nil),
		})
	}
}

// Free gives the sequence's memory back.
func (s *Sequence) Free() {
	s.m.driver.Free(s.buf.all...)
	if s.captured != nil {
		s.m.driver.Free(s.captured.all...)
	}
	s.err = fmt.Errorf("gpu: the sequence was given back")
}

// Config implements model.Session.
func (s *Sequence) Config() model.Config { return s.m.plan.cfg }

// Len implements model.Session.
func (s *Sequence) Len() int { return s.length }

// Capacity implements model.Session.
func (s *Sequence) Capacity() int { return s.capacity }

// Tokens implements model.Session; tokens drawn ahead are not among them before Sampled.
func (s *Sequence) Tokens() []int32 { return s.tokens }

// Logits implements model.Session.
func (s *Sequence) Logits() []float32 {
	if !s.known {
		return nil
	}
	return s.logits
}

// Encoding implements model.Session.
func (s *Sequence) Encoding() *clex.Encoding { return &s.encoding }

// SetEncoding implements model.Session. Only the frequencies travel: cached keys are
// rotated anew on the device.
func (s *Sequence) SetEncoding(e *clex.Encoding) error {
	if err := e.Check(s.m.plan.cfg.Rotary); err != nil {
		return fmt.Errorf("gpu: %w", err)
	}
	s.put(e)
	return nil
}

func (s *Sequence) put(e *clex.Encoding) {
	s.turned = s.turned && s.encoding.RotatesKeysLike(e)
	s.stale = true
	s.encoding.CopyFrom(e)
}

// Truncate implements model.Session. What was drawn ahead counts as text.
func (s *Sequence) Truncate(n int) error {
	if n < 0 || n > s.length {
		return fmt.Errorf("gpu: cannot keep %d tokens, the sequence has %d", n, s.length)
	}
	if n == s.length {
		return nil
	}
	if n < len(s.tokens) {
		s.tokens = s.tokens[:n]
	}
	if n > len(s.tokens) {
		return fmt.Errorf("gpu: cannot keep %d tokens, %d are known", n, len(s.tokens))
	}
	// Draws under way are forgotten; what they wrote lies past the end.
	s.inFlight = s.inFlight[:0]
	s.length, s.known, s.ready = n, false, false
	return nil
}

// Decode implements model.Session.
func (s *Sequence) Decode(token int32) error {
	if s.length == s.capacity {
		return fmt.Errorf("gpu: the sequence is full, it holds %d tokens", s.capacity)
	}
	return s.Prefill(context.Background(), []int32{token}, nil)
}

// Refresh implements model.Session.
func (s *Sequence) Refresh() error {
	if len(s.tokens) == 0 {
		return fmt.Errorf("gpu: an empty sequence has no last token to read")
	}
	last := s.tokens[len(s.tokens)-1]
	if err := s.Truncate(len(s.tokens) - 1); err != nil {
		return err
	}
	return s.Decode(last)
}

// Reread implements model.Session. When ctx ends the sequence still has all its tokens.
func (s *Sequence) Reread(ctx context.Context, o *model.Observer) error {
	if len(s.tokens) == 0 {
		return nil
	}
	whole := slices.Clone(s.tokens)
	if err := s.Truncate(0); err != nil {
		return err
	}
	err := s.Prefill(ctx, whole, o)
	s.tokens, s.length = append(s.tokens[:0], whole...), len(whole)
	return err
}

func (s *Sequence) check(tokens []int32) error {
	if s.err != nil {
		return s.err
	}
	if len(s.inFlight) > 0 {
		return fmt.Errorf("gpu: %d draws are under way", len(s.inFlight))
	}
	if len(tokens) == 0 {
		return fmt.Errorf("gpu: there are no tokens to read")
	}
	if free := s.capacity - s.length; len(tokens) > free {
		return fmt.Errorf("gpu: %d tokens do not fit, the sequence holds %d of %d", len(tokens), s.length, s.capacity)
	}
	for i, t := range tokens {
		if t < 0 || int(t) >= s.m.plan.cfg.Vocab {
			return fmt.Errorf("gpu: token %d is %d, the vocabulary has 0 to %d", i, t, s.m.plan.cfg.Vocab-1)
		}
	}
	return nil
}

// failed notes an error of the device, after which nothing it says counts.
func (s *Sequence) failed(err error) error {
	if _, ok := err.(*Error); ok {
		s.err = err
	}
	s.known, s.ready = false, false
	return err
}

func finite(v []float32) bool {
	for _, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return false
		}
	}
	return true
}
