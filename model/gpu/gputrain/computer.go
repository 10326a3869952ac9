package gputrain

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"clexlab/clex"
	"clexlab/model"
	"clexlab/model/gpu"
	"clexlab/model/train"
)

// Computer implements train.Computer on a device. After an error it is of no use any more: the run
// goes on from its last stored vectors on the processor.
type Computer struct {
	driver gpu.Driver
	cfg    model.Config
	layout train.Layout
	// window tokens are a sequence, rows tokens a batch, cut into shards; chunk of them have logits at once.
	window, rows, shards, chunk int
	distil                      float64
	k                           *kernels
	buf                         buffers
	all                         []gpu.Buffer
	groups                      map[string]gpu.Group
	uniforms                    gpu.Group
	step                        []dispatch
	c                           gpu.Commands
	words                       []uint32
	bytes                       []byte
	outcome                     train.Outcome
	mean                        bool
}

// New takes memory on a device for runs of r and begins with v, its vectors; teacher are the
// weights whose predictions are a part of the targets, nil where r has none. An *gpu.Error says why the device cannot.
func New(ctx context.Context, d gpu.Driver, r *train.Recipe, v *train.Vectors, teacher []float32) (*Computer, error) {
	m := r.Model.Config()
	head := m.Rotary.HeadDim
	step, row := r.Tokens()
	if m.Dim%4 != 0 || m.HiddenDim%4 != 0 || m.Vocab%4 != 0 || head%4 != 0 {
		return nil, &gpu.Error{Kind: gpu.Unfit, Text: fmt.Sprintf("dim %d, hidden dim %d, vocabulary %d and head dim %d must be multiples of 4 to train", m.Dim, m.HiddenDim, m.Vocab, head)}
	}
	c := &Computer{
		driver: d, cfg: m, layout: train.NewLayout(m), window: row, rows: step, shards: r.Batch / r.ShardRows,
		groups: map[string]gpu.Group{}, mean: v.Mean != nil,
	}
	if r.Distil > 0 && teacher != nil {
		c.distil = r.Distil
	}
	limit := d.Adapter().Limits.BindingBytes
	for name, floats := range map[string]int{"all weights": c.layout.Total, "the batch's activations": c.rows * max(2*m.HiddenDim, (m.Heads+2*m.KVHeads)*head)} {
		if 4*floats > limit {
			return nil, &gpu.Error{Kind: gpu.Unfit, Text: fmt.Sprintf("%s take %d MB, the adapter binds at most %d MB: choose a smaller batch", name, 4*floats>>20, limit>>20)}
		}
	}
	var err error
	if c.k, err = compile(ctx, d, m); err != nil {
		return nil, err
	}
	if err := c.allocate(ctx); err != nil {
		return nil, err
	}
	b := &c.buf
	c.uniforms = d.Uniforms(b.uniforms, b.none)
	decays := make([]float32, c.layout.Total)
	for _, s := range c.layout.Decays() {
		for i := s.From; i < s.To; i++ {
			decays[i] = 1
		}
	}
	c.upload(b.decays, decays)
	c.upload(b.weights, v.Weights)
	c.upload(b.first, v.First)
	c.upload(b.second, v.Second)
	if c.mean {
		c.upload(b.mean, v.Mean)
	}
	if c.distil > 0 {
		c.upload(b.teacherWeights, teacher)
		c.teach()
		c.forward(b.teacherWeights, b.master, c.rows, b.teacherFinal)
	}
	c.forward(b.weights, b.pupil, c.rows/c.shards, b.final)
	c.backward()
	c.finish()
	c.outcome = train.Outcome{Losses: make([]float64, c.shards), Frequency: make([][]float64, c.shards)}
	for i := range c.outcome.Frequency {
		c.outcome.Frequency[i] = make([]float64, head/2)
	}
	return c, nil
}

// teach puts the teacher's text at positions 0, 1, 2 … under the plain frequencies.
func (c *Computer) teach() {
	positions := make([]uint32, c.rows)
	for i := range positions {
		positions[i] = uint32(i % c.window)
	}
	c.uploadWords(c.buf.master.positions, positions)
	plain := clex.Encoding{InvFreq: make([]float64, c.cfg.Rotary.Pairs()), AttentionFactor: 1}
	c.cfg.Rotary.InvFreq(plain.InvFreq)
	c.uploadWords(c.buf.master.turns, turns(nil, &plain))
	c.upload(c.buf.master.skips, make([]float32, 2*c.rows))
}

// Close gives the device's memory back.
func (c *Computer) Close() { c.driver.Free(c.all...) }

// Step implements train.Computer.
func (c *Computer) Step(ctx context.Context, batch *train.Batch, u train.Update) (train.Outcome, error) {
	c.send(batch)
	b := &c.buf
	c.c.Reset()
	c.c.Clear(b.gradient, 0, 4*c.layout.Total)
	c.c.Clear(b.frequency, 0, 4*c.rows*c.cfg.Rotary.HeadDim/2)
	c.c.Clear(b.dx, 0, 4*c.rows*c.cfg.Dim)
	for i := range c.step {
		s := &c.step[i]
		if s.update {
			s.params.to(u)
		}
		s.params.pack(c.c.Uniform(c.uniforms))
		c.c.Run(s.kernel.pipeline, s.group, s.x, s.y, s.z)
	}
	sums := c.shards * (2 + c.cfg.Rotary.HeadDim/2)
	c.c.ReadBack(b.clipped, 0, 16)
	c.c.ReadBack(b.sums, 0, 4*sums)
	c.c.Finish(b.uniforms)
	data, err := c.driver.Submit(&c.c).Wait(ctx)
	if err != nil {
		return train.Outcome{}, err
	}
	at := func(i int) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))) }
	out := &c.outcome
	out.GradientNorm, out.AnswerLoss = at(0), 0
	each := 2 + c.cfg.Rotary.HeadDim/2
	for k := range c.shards {
		from := 4 + k*each
		out.Losses[k] = at(from)
		out.AnswerLoss += at(from + 1)
		for i := range out.Frequency[k] {
			out.Frequency[k][i] = at(from + 2 + i)
		}
	}
	return *out, nil
}

// AdamW's constants are those of package train.
func (p *params) to(u train.Update) {
	p.rate, p.decay, p.clip, p.step = u.Rate, u.WeightDecay, u.Clip, u.Step
	p.beta1, p.beta2, p.eps = train.Beta1, train.Beta2, train.Epsilon
	p.correct1 = 1 / (1 - math.Pow(train.Beta1, float64(u.Step)))
	p.correct2 = 1 / math.Sqrt(1-math.Pow(train.Beta2, float64(u.Step)))
	p.mean, p.begins = u.MeanShare, u.MeanBegins
}

// send uploads a batch.
func (c *Computer) send(batch *train.Batch) {
	b := &c.buf
	words := func(to gpu.Buffer, n int, at func(i int) uint32) {
		if cap(c.words) < n {
			c.words = make([]uint32, n)
		}
		c.words = c.words[:n]
		for i := range c.words {
			c.words[i] = at(i)
		}
		c.uploadWords(to, c.words)
	}
	words(b.tokens, c.rows, func(i int) uint32 { return uint32(batch.Tokens[i]) })
	words(b.targets, c.rows, func(i int) uint32 { return uint32(batch.Targets[i]) })
	words(b.pupil.positions, c.rows, func(i int) uint32 { return uint32(batch.Positions[i]) })
	words(b.answers, c.rows, func(i int) uint32 {
		if batch.Answers[i] {
			return math.Float32bits(1)
		}
		return 0
	})
	words(b.pupil.skips, 2*c.rows, func(i int) uint32 {
		if i%2 == 0 {
			return math.Float32bits(float32(batch.Before[i/2]))
		}
		return math.Float32bits(batch.Extra[i/2])
	})
	c.upload(b.rowWeights, batch.Weights)
	frequencies := c.words[:0]
	for k := range batch.Shards {
		frequencies = turns(frequencies, &batch.Shards[k].Encoding)
	}
	c.uploadWords(b.pupil.turns, frequencies)
	c.words = frequencies

	// Rows in order of their tokens, by counting.
	starts := make([]uint32, c.cfg.Vocab+1)
	for _, id := range batch.Tokens {
		starts[id+1]++
	}
	for i := range c.cfg.Vocab {
		starts[i+1] += starts[i]
	}
	c.uploadWords(b.starts, starts)
	order := make([]uint32, c.rows)
	next := append([]uint32(nil), starts...)
	for row, id := range batch.Tokens {
		order[next[id]] = uint32(row)
		next[id]++
	}
	c.uploadWords(b.order, order)
}

// turns appends an encoding as the kernel of angles reads it.
func turns(dst []uint32, e *clex.Encoding) []uint32 {
	for _, theta := range e.InvFreq {
		high, low := gpu.Turns(theta)
		dst = append(dst, high, low, math.Float32bits(float32(e.AttentionFactor)), 0)
	}
	return dst
}

func (c *Computer) upload(to gpu.Buffer, values []float32) {
	c.bytes = c.bytes[:0]
	for _, v := range values {
		c.bytes = binary.LittleEndian.AppendUint32(c.bytes, math.Float32bits(v))
	}
	c.driver.Upload(to, c.bytes)
}

func (c *Computer) uploadWords(to gpu.Buffer, values []uint32) {
	c.bytes = c.bytes[:0]
	for _, v := range values {
		c.bytes = binary.LittleEndian.AppendUint32(c.bytes, v)
	}
	c.driver.Upload(to, c.bytes)
}

// Store implements train.Computer.
func (c *Computer) Store(ctx context.Context, v *train.Vectors) error {
	for _, part := range []struct {
		from gpu.Buffer
		to   []float32
	}{{c.buf.weights, v.Weights}, {c.buf.first, v.First}, {c.buf.second, v.Second}, {c.buf.mean, v.Mean}} {
		if part.to == nil {
			continue
		}
		c.c.Reset()
		c.c.ReadBack(part.from, 0, 4*len(part.to))
		data, err := c.driver.Submit(&c.c).Wait(ctx)
		if err != nil {
			return err
		}
		for i := range part.to {
			part.to[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
	}
	return nil
}
