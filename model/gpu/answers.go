package gpu

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"clexlab/clex"
	"clexlab/model"
)

// The known answers are of one block of answerTokens tokens that follow
// answerStart others, and of one token more: enough that every kernel meets tiles that are
// full and tiles that are not, and a cache of more than one part.
const (
	answerTokens = 40
	answerStart  = part + 20
)

// SelfTest runs every kernel on the device once, on the model's own weights, and
// compares each with its scalar reference on the CPU: some browsers compute wrong numbers and say
// nothing. It takes one submit. A kernel that is wrong in a form that only some devices
// can run is replaced by its plain form, and all are run again. An *Error of kind Wrong names
// the kernel that is wrong in its plain form.
func (m *Model) SelfTest(ctx context.Context, w *model.Weights) error {
	for {
		wrong, err := m.selfTest(ctx, w)
		if err != nil {
			return err
		}
		var plain []*program
		for _, r := range wrong {
			found := false
			for _, p := range r.programs {
				if m.fallBack(p, r.wrong) {
					plain = append(plain, p)
				}
				found = found || slices.Contains(plain, p)
			}
			if !found {
				return &Error{Kind: Wrong, Text: "kernel " + r.kernel + ": " + r.wrong.Error()}
			}
		}
		if len(wrong) == 0 {
			return nil
		}
		if err := m.compile(ctx, plain); err != nil {
			return err
		}
	}
}

// selfTest runs every kernel once and returns what was wrong.
func (m *Model) selfTest(ctx context.Context, w *model.Weights) ([]read, error) {
	s, err := m.NewSequence(ctx, answerStart+answerTokens+1)
	if err != nil {
		return nil, err
	}
	defer s.Free()
	if err := s.ensureCapture(ctx); err != nil {
		return nil, err
	}
	a := answers{m: m, s: s, reference: newReference(m.plan.cfg, w)}
	a.prepare()
	a.block()
	a.single()
	a.draws()
	data, err := s.submit().Wait(ctx)
	if err != nil {
		return nil, err
	}
	return a.check(data), nil
}

// answers records the run of every kernel and what is to come of it.
type answers struct {
	m         *Model
	s         *Sequence
	reference *reference
	reads     []read
}

// read is a piece of memory read back, and what it must be given all pieces before it.
type read struct {
	kernel string
	// programs are those that made it.
	programs []*program
	count    int
	want     func() []float32
	got      []float32
	wrong    error
}

// read records the reading of count floats at the start of a buffer, which programs made;
// more says which of their results. want may use what was read earlier.
func (a *answers) read(more string, b Buffer, count int, want func(got []float32) []float32, programs ...*program) {
	a.s.c.ReadBack(b, 0, 4*count)
	at := len(a.reads)
	names := make([]string, len(programs))
	for i, p := range programs {
		names[i] = p.Name
	}
	kernel := strings.TrimSpace(strings.Join(names, ", ") + " " + more)
	a.reads = append(a.reads, read{kernel: kernel, programs: programs, count: count})
	a.reads[at].want = func() []float32 {
		if want == nil {
			return nil
		}
		return want(a.reads[at].got)
	}
}

// at is what the read at an index brought.
func (a *answers) at(index int) []float32 { return a.reads[index].got }

// last is the index of the latest read.
func (a *answers) last() int { return len(a.reads) - 1 }

// prepare fills tokens, the cache before the block and the encoding.
func (a *answers) prepare() {
	s, c := a.s, &a.m.plan.cfg
	random := rand.New(rand.NewPCG(1, 2))
	s.c.Reset()
	words := make([]uint32, s.capacity+1)
	for i := range words {
		words[i] = uint32(random.IntN(c.Vocab))
		a.reference.tokens = append(a.reference.tokens, int32(words[i]))
	}
	s.c.Write(s.buf.tokens, 0, words)
	for _, b := range []struct {
		to   Buffer
		have *[]float32
	}{{s.buf.plain[0], &a.reference.plain}, {s.buf.values[0], &a.reference.values}} {
		words := make([]uint32, s.capacity*a.m.plan.kvDim())
		*b.have = make([]float32, len(words))
		for i := range words {
			v := float32(random.NormFloat64())
			(*b.have)[i], words[i] = v, math.Float32bits(v)
		}
		s.c.Write(b.to, 0, words)
	}
	e := clex.Encoding{AttentionFactor: 1.1, LogN: max(2, answerStart/3), Remap: &clex.Remap{Shift: answerStart / 2, Local: 5}}
	for _, f := range a.m.plain.InvFreq {
		e.InvFreq = append(e.InvFreq, 0.7*f)
	}
	s.put(&e)
	s.encode()
	a.reference.encoding, a.reference.capacity, a.reference.block = e, s.capacity, s.block
}

// block runs the kernels that read many tokens.
func (a *answers) block() {
	s, m, t, n := a.s, a.m, a.reference, answerTokens
	c, p, g := &m.plan.cfg, &m.plan, &s.groups
	params := s.params(answerStart, n)
	params.queryFrom, params.keyTo = answerStart, answerStart+n
	params.rows, params.cols, params.bins = 7, 31, 4
	s.c.set(g.uniforms, &params)
	edges := []uint32{0, 1, 50, 200}
	s.c.Write(s.captured.edges, 0, edges)

	cache := s.capacity * p.kvDim()
	s.rotateKeys(g.layers[0].rotateKeys, answerStart)
	a.read("", s.buf.keys[0], cache, func(got []float32) []float32 { return t.turned(got, answerStart) }, m.rotateKeys)
	turned := a.last()
	s.embed(n)
	a.read("", s.buf.x, n*c.Dim, func([]float32) []float32 { return t.embed(answerStart, n) }, m.embed)
	x := a.last()
	in := a.normalise("attention", g.layers[0].attentionNorm, s.buf.normed, x, n, attentionNorm)
	s.multiply(&m.layers[0].qkv, g.layers[0].qkv, n)
	a.read("qkv", s.buf.qkv, n*p.qkvDim(), func([]float32) []float32 { return t.qkv(a.at(in), n) }, m.layers[0].qkv.many)
	qkv := a.last()
	queries := c.Heads * s.block * c.Rotary.HeadDim
	s.store(g.layers[0].ropeStore, n)
	a.read("queries", s.buf.near, queries, func(got []float32) []float32 { return t.queries(got, t.heads(a.at(qkv), n), answerStart, n, false) }, m.ropeStore)
	near := a.last()
	a.read("far queries", s.buf.far, queries, func(got []float32) []float32 { return t.queries(got, t.heads(a.at(qkv), n), answerStart, n, true) }, m.ropeStore)
	a.read("plain keys", s.buf.plain[0], cache, func([]float32) []float32 { return t.stored(t.plain, t.heads(a.at(qkv), n), n, p.queryDim()) }, m.ropeStore)
	a.read("values", s.buf.values[0], cache, func([]float32) []float32 {
		return t.stored(t.values, t.heads(a.at(qkv), n), n, p.queryDim()+p.kvDim())
	}, m.ropeStore)
	values := a.last()
	a.read("keys", s.buf.keys[0], cache, func([]float32) []float32 {
		return t.placed(a.at(turned), t.heads(a.at(qkv), n), n)
	}, m.ropeStore)
	keys := a.last()
	attention := func(far bool) func([]float32) []float32 {
		return func([]float32) []float32 {
			return t.attention(a.at(near), a.at(near+1), a.at(keys), a.at(values), answerStart, n, far)
		}
	}
	s.c.Run(m.attend.pipeline, g.layers[0].attend, groups(n, p.queries), c.Heads, 1)
	a.read("", s.buf.attended, n*p.queryDim(), attention(false), m.attend)
	s.c.Run(m.attendFar.pipeline, g.layers[0].attendFar, groups(n, p.queries), c.Heads, 1)
	a.read("", s.buf.attended, n*p.queryDim(), attention(true), m.attendFar)
	attended := a.last()
	s.c.Clear(s.captured.cells, 0, 8*c.Heads*params.rows*params.cols)
	s.c.Clear(s.captured.profile, 0, 4*c.Heads*params.bins)
	s.c.Run(m.attentionMap.pipeline, s.captured.attentionMap[0], groups(n, p.mapQueries), c.Heads, 1)
	s.c.Run(m.pool.pipeline, s.captured.pool, groups(params.cols, threads), params.rows, c.Heads)
	a.read("", s.captured.cells, 2*c.Heads*params.rows*params.cols, func([]float32) []float32 { return t.cells(answerStart, n, params.rows, params.cols) }, m.attentionMap, m.pool)
	s.c.Run(m.distanceHistogram.pipeline, s.captured.distanceHistogram, groups(params.bins, threads), c.Heads, 1)
	a.read("", s.captured.profile, c.Heads*params.bins, func([]float32) []float32 { return t.profile(answerStart, n, edges) }, m.attentionMap, m.distanceHistogram)

	out := a.rest(x, in, attended, n)
	rows := min(n, p.lossRows(s.block, m.driver.Adapter().Limits))
	params.n = rows
	s.c.set(g.uniforms, &params)
	last := a.normalise("final", g.finalNorm, s.buf.normed, out, rows, finalNorm)
	s.multiplyMany(&m.head, g.lossHead, rows)
	a.read("head", s.buf.lossLogits, rows*c.Vocab, func([]float32) []float32 { return t.head(a.at(last), rows) }, m.head.many)
	logits := a.last()
	s.c.Run(m.loss.pipeline, g.loss, rows, 1, 1)
	a.read("", s.buf.nats, s.capacity+1, func(got []float32) []float32 { return t.loss(got, a.at(logits), answerStart, rows) }, m.loss)
}

// single runs the kernels that read one token.
func (a *answers) single() {
	s, m, t := a.s, a.m, a.reference
	c, p, g := &m.plan.cfg, &m.plan, &s.groups
	start := answerStart + answerTokens
	params := s.params(start, 1)
	s.c.set(g.uniforms, &params)
	s.embed(1)
	a.read("", s.buf.x, c.Dim, func([]float32) []float32 { return t.embed(start, 1) }, m.embed)
	x := a.last()
	in := a.normalise("attention", g.layers[0].attentionNorm, s.buf.normed, x, 1, attentionNorm)
	s.multiply(&m.layers[0].qkv, g.layers[0].qkv, 1)
	a.read("qkv", s.buf.qkv, p.qkvDim(), func([]float32) []float32 { return t.qkv(a.at(in), 1) }, m.layers[0].qkv.one)
	qkv := a.last()
	queries := c.Heads * s.block * c.Rotary.HeadDim
	cache := s.capacity * p.kvDim()
	s.store(g.layers[0].ropeStore, 1)
	a.read("queries", s.buf.near, queries, func(got []float32) []float32 { return t.queries(got, t.heads(a.at(qkv), 1), start, 1, false) }, m.ropeStore)
	near := a.last()
	a.read("far queries", s.buf.far, queries, nil, m.ropeStore)
	a.read("keys", s.buf.keys[0], cache, nil, m.ropeStore)
	a.read("values", s.buf.values[0], cache, nil, m.ropeStore)
	s.c.Run(m.attendPart.pipeline, g.layers[0].part, groups(start+1, part), c.Heads, 1)
	s.c.Run(m.mergeParts.pipeline, g.mergeParts, groups(p.queryDim()/4, threads), 1, 1)
	a.read("", s.buf.attended, p.queryDim(), func([]float32) []float32 {
		return t.attention(a.at(near), a.at(near+1), a.at(near+2), a.at(near+3), start, 1, true)
	}, m.attendPart, m.mergeParts)
	attended := a.last()
	out := a.normalise("final", g.finalNorm, s.buf.normed, a.rest(x, in, attended, 1), 1, finalNorm)
	s.multiply(&m.head, g.head, 1)
	a.read("head", s.buf.logits, c.Vocab, func([]float32) []float32 { return t.head(a.at(out), 1) }, m.head.one)
}

// normalise runs a LayerNorm of n rows of the residual stream, which the read at x brought, where the model has
// any. The index is that of the read whose rows the product that follows has.
func (a *answers) normalise(more string, g Group, to Buffer, x, n, norm int) int {
	if a.m.layerNorm == nil {
		return x
	}
	a.s.normalise(g, n)
	a.read(more, to, n*a.m.plan.cfg.Dim, func([]float32) []float32 { return a.reference.layerNorm(a.at(x), n, norm) }, a.m.layerNorm)
	return a.last()
}

// rest runs what follows attention in the first layer, for n rows: x is the read of the residual stream, in that of its norm. It returns the read of what comes out.
func (a *answers) rest(x, in, attended, n int) (out int) {
	s, m, t := a.s, a.m, a.reference
	c, w, g := &m.plan.cfg, &m.layers[0], &s.groups.layers[0]
	made := func(l *linear) *program {
		if n == 1 {
			return l.one
		}
		return l.many
	}
	after := x
	o := func() {
		s.multiply(&w.o, g.o, n)
		a.read("o", s.buf.x, n*c.Dim, func([]float32) []float32 { return t.o(a.at(x), a.at(attended), n) }, made(&w.o))
		after = a.last()
	}
	if !c.Parallel() {
		o()
	}
	if !w.oneNorm {
		in = a.normalise("MLP", g.mlpNorm, s.buf.mlpNormed, after, n, mlpNorm)
	}
	s.multiply(&w.up, g.up, n)
	a.read("", s.buf.mlp, n*c.HiddenDim, func([]float32) []float32 { return t.up(a.at(in), n) }, made(&w.up))
	mlp := a.last()
	if c.Parallel() {
		o()
	}
	s.multiply(&w.down, g.down, n)
	a.read("down", s.buf.x, n*c.Dim, func([]float32) []float32 { return t.down(a.at(after), a.at(mlp), n) }, made(&w.down))
	return a.last()
}

// draws runs sample on the last logits, once for each kind of filter.
func (a *answers) draws() {
	s, m := a.s, a.m
	logits := a.last()
	list := []model.Sampling{
		{}, {Temperature: 0.9}, {Temperature: 0.8, TopK: 5}, {Temperature: 1.1, TopP: 0.6}, {Temperature: 0.7, TopK: 40, TopP: 0.95, MinP: 0.02}, {Temperature: 1, MinP: 0.2},
	}
	uniforms := []float32{0, 0.61, 0.37, 0.83, 0.52, 0.11}
	for i, p := range list {
		params := s.params(answerStart, 0)
		params.slot, params.topK, params.draw = i, p.TopK, uniforms[i]
		params.temperature, params.topP, params.minP = float32(p.Temperature), float32(p.TopP), float32(p.MinP)
		if p.TopP == 0 {
			params.topP = 1
		}
		s.c.set(s.groups.uniforms, &params)
		s.c.Run(m.sample.pipeline, s.groups.sample, 1, 1, 1)
	}
	a.read("sample", s.buf.sampled, len(list)*sampledWords, func(got []float32) []float32 {
		var want []float32
		for i := range list {
			want = append(want, referenceSample(a.at(logits), &list[i], float64(uniforms[i]), got[i*sampledWords:])...)
		}
		return want
	}, m.sample)
}

// check compares everything read with the references and returns what is wrong.
func (a *answers) check(data []byte) (wrong []read) {
	for i := range a.reads {
		r := &a.reads[i]
		r.got = make([]float32, r.count)
		readFloats(r.got, data)
		data = data[4*r.count:]
	}
	for i := range a.reads {
		r := &a.reads[i]
		want := r.want()
		var size float64
		for _, v := range want {
			size = max(size, math.Abs(float64(v)))
		}
		for k, v := range want {
			got := r.got[k]
			if d := math.Abs(float64(got - v)); !(d <= 2e-4*max(size, 0.1)) && math.Float32bits(got) != math.Float32bits(v) {
				r.wrong = fmt.Errorf("value %d is %v, should be %v", k, got, v)
				wrong = append(wrong, *r)
				break
			}
		}
	}
	return wrong
}
