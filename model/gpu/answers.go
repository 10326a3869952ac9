package gpu

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

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

// Prove runs every kernel on the device once, on the model's own weights, and
// compares each with its scalar twin on the CPU: some browsers compute wrong numbers and say
// nothing. It takes one submit. An *Error of kind Wrong names the kernel.
func (m *Model) Prove(ctx context.Context, w *model.Weights) error {
	s, err := m.NewSequence(ctx, answerStart+answerTokens+1)
	if err != nil {
		return err
	}
	defer s.Free()
	if err := s.lookOut(ctx); err != nil {
		return err
	}
	a := answers{m: m, s: s, twin: newTwin(m.plan.cfg, w)}
	a.prepare()
	a.block()
	a.single()
	a.draws()
	data, err := s.submit().Wait(ctx)
	if err != nil {
		return err
	}
	return a.check(data)
}

// answers records the run of every kernel and what is to come of it.
type answers struct {
	m     *Model
	s     *Sequence
	twin  *twin
	reads []read
}

// read is a piece of memory read back, and what it must be given all pieces before it.
type read struct {
	kernel string
	count  int
	want   func() []float32
	got    []float32
}

// read records the reading of count floats at the start of a buffer. want may use what was read earlier.
func (a *answers) read(kernel string, b Buffer, count int, want func(got []float32) []float32) *read {
	a.s.c.readBack(b, 0, 4*count)
	at := len(a.reads)
	a.reads = append(a.reads, read{kernel: kernel, count: count})
	a.reads[at].want = func() []float32 {
		if want == nil {
			return nil
		}
		return want(a.reads[at].got)
	}
	return &a.reads[at]
}

// at is what the read at an index brought.
func (a *answers) at(index int) []float32 { return a.reads[index].got }

// last is the index of the latest read.
func (a *answers) last() int { return len(a.reads) - 1 }

// prepare fills tokens, the cache before the block and the encoding.
func (a *answers) prepare() {
	s, c := a.s, &a.m.plan.cfg
	random := rand.New(rand.NewPCG(1, 2))
	s.c.reset()
	words := make([]uint32, s.capacity+1)
	for i := range words {
		words[i] = uint32(random.IntN(c.Vocab))
		a.twin.tokens = append(a.twin.tokens, int32(words[i]))
	}
	s.c.write(s.buf.tokens, 0, words)
	for _, b := range []struct {
		to   Buffer
		have *[]float32
	}{{s.buf.plain[0], &a.twin.plain}, {s.buf.values[0], &a.twin.values}} {
		words := make([]uint32, s.capacity*a.m.plan.kvWidth())
		*b.have = make([]float32, len(words))
		for i := range words {
			v := float32(random.NormFloat64())
			(*b.have)[i], words[i] = v, math.Float32bits(v)
		}
		s.c.write(b.to, 0, words)
	}
	e := clex.Encoding{Gain: 1.1, LogN: max(2, answerStart/3), Remap: &clex.Remap{Shift: answerStart / 2, Local: 5}}
	for _, f := range a.m.defaultInvFreq {
		e.InvFreq = append(e.InvFreq, 0.7*f)
	}
	s.put(&e)
	s.encode()
	a.twin.encoding, a.twin.capacity, a.twin.block = e, s.capacity, s.block
}

// block runs the kernels that read many tokens.
func (a *answers) block() {
	s, m, t, n := a.s, a.m, a.twin, answerTokens
	c, p, g := &m.plan.cfg, &m.plan, &s.groups
	now := s.now(answerStart, n)
	now.queryFrom, now.keyTo = answerStart, answerStart+n
	now.rows, now.cols, now.bins = 7, 31, 4
	s.c.set(g.uniforms, &now)
	edges := []uint32{0, 1, 50, 200}
	s.c.write(s.lookout.edges, 0, edges)

	cache := s.capacity * p.kvWidth()
	s.c.run(m.turn.pipeline, g.layers[0].turn, groups(answerStart*c.Rotary.HeadDim, threads), c.KVHeads, 1)
	a.read("turn", s.buf.keys[0], cache, func(got []float32) []float32 { return t.turned(got, answerStart) })
	turned := a.last()
	s.c.run(m.embed.pipeline, g.embed, groups(n*c.Width/4, threads), 1, 1)
	a.read("embed", s.buf.x, n*c.Width, func([]float32) []float32 { return t.embed(answerStart, n) })
	x := a.last()
	s.multiply(&m.layers[0].qkv, g.layers[0].qkv, n)
	a.read(m.layers[0].qkv.many.Name, s.buf.qkv, n*p.qkvWidth(), func([]float32) []float32 { return t.qkv(a.at(x), n) })
	qkv := a.last()
	queries := c.Heads * s.block * c.Rotary.HeadDim
	s.c.run(m.place.pipeline, g.layers[0].place, groups(n*p.qkvWidth(), threads), 1, 1)
	a.read("place: queries", s.buf.near, queries, func(got []float32) []float32 { return t.queries(got, a.at(qkv), answerStart, n, false) })
	near := a.last()
	a.read("place: far queries", s.buf.far, queries, func(got []float32) []float32 { return t.queries(got, a.at(qkv), answerStart, n, true) })
	a.read("place: plain keys", s.buf.plain[0], cache, func([]float32) []float32 { return t.stored(t.plain, a.at(qkv), n, p.queryWidth()) })
	a.read("place: values", s.buf.values[0], cache, func([]float32) []float32 {
		return t.stored(t.values, a.at(qkv), n, p.queryWidth()+p.kvWidth())
	})
	values := a.last()
	a.read("place: keys", s.buf.keys[0], cache, func([]float32) []float32 {
		return t.placed(a.at(turned), a.at(qkv), n)
	})
	keys := a.last()
	look := func(far bool) func([]float32) []float32 {
		return func([]float32) []float32 {
			return t.attention(a.at(near), a.at(near+1), a.at(keys), a.at(values), answerStart, n, far)
		}
	}
	s.c.run(m.attend.pipeline, g.layers[0].attend, groups(n, p.queries), c.Heads, 1)
	a.read("attend", s.buf.attended, n*p.queryWidth(), look(false))
	s.c.run(m.attendFar.pipeline, g.layers[0].attendFar, groups(n, p.queries), c.Heads, 1)
	a.read("attend REMAP", s.buf.attended, n*p.queryWidth(), look(true))
	attended := a.last()
	s.c.clear(s.lookout.pixels, 0, 8*c.Heads*now.rows*now.cols)
	s.c.clear(s.lookout.profile, 0, 4*c.Heads*now.bins)
	s.c.run(m.look.pipeline, s.lookout.look[0], groups(n, 4), c.Heads, 1)
	s.c.run(m.pool.pipeline, s.lookout.pool, groups(now.cols, threads), now.rows, c.Heads)
	a.read("look, pool", s.lookout.pixels, 2*c.Heads*now.rows*now.cols, func([]float32) []float32 { return t.pixels(answerStart, n, now.rows, now.cols) })
	s.c.run(m.tally.pipeline, s.lookout.tally, groups(now.bins, threads), c.Heads, 1)
	a.read("look, tally", s.lookout.profile, c.Heads*now.bins, func([]float32) []float32 { return t.profile(answerStart, n, edges) })

	s.multiply(&m.layers[0].o, g.layers[0].o, n)
	a.read(m.layers[0].o.many.Name, s.buf.x, n*c.Width, func([]float32) []float32 { return t.o(a.at(x), a.at(attended), n) })
	after := a.last()
	s.multiply(&m.layers[0].up, g.layers[0].up, n)
	a.read(m.layers[0].up.many.Name, s.buf.mlp, n*c.Hidden, func([]float32) []float32 { return t.up(a.at(after), n) })
	s.multiply(&m.layers[0].down, g.layers[0].down, n)
	a.read(m.layers[0].down.many.Name+" down", s.buf.x, n*c.Width, func([]float32) []float32 { return t.down(a.at(after), a.at(after+1), n) })
	out := a.last()
	rows := min(n, p.lossRows(s.block, m.driver.Adapter().Limits))
	now.n = rows
	s.c.set(g.uniforms, &now)
	s.c.run(m.head.many.pipeline, g.lossHead, groups(m.head.outputs, tile), groups(rows, tile), 1)
	a.read(m.head.many.Name+" head", s.buf.lossLogits, rows*c.Vocab, func([]float32) []float32 { return t.head(a.at(out), rows) })
	logits := a.last()
	s.c.run(m.loss.pipeline, g.loss, rows, 1, 1)
	a.read("loss", s.buf.nats, s.capacity+1, func(got []float32) []float32 { return t.loss(got, a.at(logits), answerStart, rows) })
}

// single runs the kernels that read one token.
func (a *answers) single() {
	s, m, t := a.s, a.m, a.twin
	c, p, g := &m.plan.cfg, &m.plan, &s.groups
	start := answerStart + answerTokens
	now := s.now(start, 1)
	s.c.set(g.uniforms, &now)
	s.c.run(m.embed.pipeline, g.embed, groups(c.Width/4, threads), 1, 1)
	a.read("embed", s.buf.x, c.Width, func([]float32) []float32 { return t.embed(start, 1) })
	x := a.last()
	s.multiply(&m.layers[0].qkv, g.layers[0].qkv, 1)
	a.read(m.layers[0].qkv.one.Name, s.buf.qkv, p.qkvWidth(), func([]float32) []float32 { return t.qkv(a.at(x), 1) })
	qkv := a.last()
	queries := c.Heads * s.block * c.Rotary.HeadDim
	cache := s.capacity * p.kvWidth()
	s.c.run(m.place.pipeline, g.layers[0].place, groups(p.qkvWidth(), threads), 1, 1)
	a.read("place", s.buf.near, queries, func(got []float32) []float32 { return t.queries(got, a.at(qkv), start, 1, false) })
	near := a.last()
	a.read("place: far queries", s.buf.far, queries, nil)
	a.read("place: keys", s.buf.keys[0], cache, nil)
	a.read("place: values", s.buf.values[0], cache, nil)
	s.c.run(m.attendPart.pipeline, g.layers[0].part, groups(start+1, part), c.Heads, 1)
	s.c.run(m.join.pipeline, g.join, groups(p.queryWidth()/4, threads), 1, 1)
	a.read("attendpart, join", s.buf.attended, p.queryWidth(), func([]float32) []float32 {
		return t.attention(a.at(near), a.at(near+1), a.at(near+2), a.at(near+3), start, 1, true)
	})
	attended := a.last()
	s.multiply(&m.layers[0].o, g.layers[0].o, 1)
	a.read(m.layers[0].o.one.Name, s.buf.x, c.Width, func([]float32) []float32 { return t.o(a.at(x), a.at(attended), 1) })
	after := a.last()
	s.multiply(&m.layers[0].up, g.layers[0].up, 1)
	a.read(m.layers[0].up.one.Name, s.buf.mlp, c.Hidden, func([]float32) []float32 { return t.up(a.at(after), 1) })
	s.multiply(&m.layers[0].down, g.layers[0].down, 1)
	a.read(m.layers[0].down.one.Name+" down", s.buf.x, c.Width, func([]float32) []float32 { return t.down(a.at(after), a.at(after+1), 1) })
	out := a.last()
	s.c.run(m.head.one.pipeline, g.head, groups(m.head.outputs, vecRows), 1, 1)
	a.read(m.head.one.Name+" head", s.buf.logits, c.Vocab, func([]float32) []float32 { return t.head(a.at(out), 1) })
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
		now := s.now(answerStart, 0)
		now.slot, now.topK, now.draw = i, p.TopK, uniforms[i]
		now.temperature, now.topP, now.minP = float32(p.Temperature), float32(p.TopP), float32(p.MinP)
		if p.TopP == 0 {
			now.topP = 1
		}
		s.c.set(s.groups.uniforms, &now)
		s.c.run(m.sample.pipeline, s.groups.sample, 1, 1, 1)
	}
	a.read("sample", s.buf.drawn, len(list)*drawnWords, func(got []float32) []float32 {
		var want []float32
		for i := range list {
			want = append(want, drawTwin(a.at(logits), &list[i], float64(uniforms[i]), got[i*drawnWords:])...)
		}
		return want
	})
}

// check compares everything read with the twins.
func (a *answers) check(data []byte) error {
	for i := range a.reads {
		r := &a.reads[i]
		r.got = make([]float32, r.count)
		readFloats(r.got, data)
		data = data[4*r.count:]
	}
	for i := range a.reads {
		r := &a.reads[i]
		want := r.want()
		if want == nil {
			continue
		}
		var size float64
		for _, v := range want {
			size = max(size, math.Abs(float64(v)))
		}
		for k, v := range r.got {
			if d := math.Abs(float64(v - want[k])); !(d <= 2e-4*max(size, 0.1)) && math.Float32bits(v) != math.Float32bits(want[k]) {
				return &Error{Kind: Wrong, Text: fmt.Sprintf("kernel %s: value %d is %v, should be %v", r.kernel, k, v, want[k])}
			}
		}
	}
	return nil
}
