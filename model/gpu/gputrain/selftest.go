package gputrain

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"clexlab/clex"
	"clexlab/model/gpu"
	"clexlab/model/train"
)

// offBy is how far a gradient may be from the processor's, as a share of its size.
const offBy = 1e-3

// SelfTest makes a step of a small model on the device and on the processor: some browsers compute wrong numbers and say nothing, and what is
// learnt from them is lost only hours later. The model has the head size and the parts of r's, so that its kernels are those that
// r needs anyway, compiled once; of rows it has some that fill a workgroup and some that do not, of unequal weight, with a skip that is weighed. An
// *gpu.Error of kind Wrong names what is off most: the gradient of a tensor, that of the rotary frequencies, from which the field's is made, or what the
// optimizer made of them.
func SelfTest(ctx context.Context, d gpu.Driver, r *train.Recipe) error {
	tiny := testRecipe(r)
	v, layout, err := train.Fresh(tiny.Model.Config(), 7)
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(3, 4))
	noise := func(to []float32) {
		for i := range to {
			to[i] += float32(0.1 * rng.NormFloat64())
		}
	}
	noise(v.Weights)
	for i := range v.Second {
		v.Second[i] = 1e-8 // a gradient's square, so that what a weight moves by is no mere sign
	}
	teacher := slices.Clone(v.Weights)
	noise(teacher)
	batch := testBatch(tiny, rng)
	update := train.Update{Step: 1, Rate: 0.01, WeightDecay: 0.1, Clip: 0.5, MeanShare: 0.25}

	here := clone(v)
	processor := train.Processor(tiny, here, teacher)
	want, err := processor.Step(ctx, batch, update)
	if err != nil {
		return err
	}
	c, err := New(ctx, d, tiny, v, teacher)
	if err != nil {
		return err
	}
	defer c.Close()
	got, err := c.Step(ctx, batch, update)
	if err != nil {
		return err
	}
	there := clone(v)
	if err := c.Store(ctx, there); err != nil {
		return err
	}

	var worst off
	worst.compare("the loss", numbers(got.Losses...), numbers(want.Losses...))
	worst.compare("the loss of the answers", numbers(got.AnswerLoss), numbers(want.AnswerLoss))
	worst.compare("the gradient of the rotary frequencies", pull(batch, got), pull(batch, want))
	for _, t := range tensors(layout) {
		worst.compare("the gradient of "+t.name, there.First[t.From:t.To], here.First[t.From:t.To])
	}
	if worst.by <= offBy {
		// The gradients are right: what the optimizer makes of them may not be.
		worst.compare("the norm of the gradient", numbers(got.GradientNorm), numbers(want.GradientNorm))
		for _, t := range tensors(layout) {
			before := v.Weights[t.From:t.To]
			worst.compare("the step of "+t.name, minus(there.Weights[t.From:t.To], before), minus(here.Weights[t.From:t.To], before))
		}
		worst.compare("the second moment of the gradient", there.Second, here.Second)
		worst.compare("the mean of the weights", there.Mean, here.Mean)
	}
	if worst.by > offBy {
		return &gpu.Error{Kind: gpu.Wrong, Text: fmt.Sprintf("in training %s is off by %.1e of its size", worst.what, worst.by)}
	}
	return nil
}

// off is what is off most, and by how much of its size.
type off struct {
	what string
	by   float64
}

func (o *off) compare(what string, got, want []float32) {
	by := apart(got, want)
	if math.IsNaN(by) {
		by = math.Inf(1)
	}
	if by > o.by {
		*o = off{what, by}
	}
}

// testRecipe is a small run with the kernels of r's.
func testRecipe(r *train.Recipe) *train.Recipe {
	m := r.Model
	return &train.Recipe{
		Name: "self-test",
		Model: train.Shape{
			Vocab: 140, Dim: 4*small*(vectorsOf(m.Dim)-1) + 36, HiddenDim: 52, Layers: 1, Heads: 2, KVHeads: 1, HeadDim: m.HeadDim, Base: m.Base, Window: 70, TiedHead: m.TiedHead,
		},
		Batch: 4, ShardRows: 2, Steps: 1, Distil: r.Distil, FieldRate: 1,
	}
}

// testBatch is text without sense, each row of which skips a stretch.
func testBatch(r *train.Recipe, rng *rand.Rand) *train.Batch {
	tokens, row := r.Tokens()
	b := &train.Batch{RowTokens: row}
	var total float32
	for i := range tokens {
		position, before, extra := i%row, 0, 0.0
		if at := row/3 + 7*(i/row); position >= at {
			// Of far more keys so many are there: each stands for several.
			const skipped = 2000
			extra, before = math.Log(float64(at+skipped)/float64(at)), at
			position += skipped
		}
		weight := 8 * max(0, rng.Float32()-0.1)
		total += weight
		b.Tokens, b.Targets = append(b.Tokens, int32(rng.IntN(r.Model.Vocab))), append(b.Targets, int32(rng.IntN(r.Model.Vocab)))
		b.Weights, b.Answers = append(b.Weights, weight), append(b.Answers, i%9 == 0)
		b.Positions = append(b.Positions, float64(position))
		b.Before, b.Extra = append(b.Before, before), append(b.Extra, float32(extra))
	}
	for i := range b.Weights {
		b.Weights[i] /= total
	}
	rotary := r.Model.Config().Rotary
	each := r.ShardRows * row
	for from := 0; from < tokens; from += each {
		e := clex.Encoding{InvFreq: make([]float64, rotary.Pairs()), AttentionFactor: 1}
		rotary.InvFreq(e.InvFreq)
		for i := range e.InvFreq {
			e.InvFreq[i] /= float64(1 + from/each)
		}
		b.Shards = append(b.Shards, train.Shard{From: from, To: from + each, T: 1, Encoding: e})
	}
	return b
}

// pull is dL/d(ln θ) of every frequency of every shard.
func pull(b *train.Batch, o train.Outcome) (out []float32) {
	for k, frequency := range o.Frequency {
		for i, theta := range b.Shards[k].Encoding.InvFreq {
			out = append(out, float32(theta*frequency[i]))
		}
	}
	return out
}

func numbers(list ...float64) (out []float32) {
	for _, v := range list {
		out = append(out, float32(v))
	}
	return out
}

// tensor is a part of the weights.
type tensor struct {
	name string
	train.Span
}

func tensors(l *train.Layout) []tensor {
	out := []tensor{{"the embedding", l.Embedding}}
	for i, s := range l.Layers {
		for _, t := range []tensor{{"attention norm", s.AttentionNorm}, {"qkv", s.QKV}, {"o", s.O}, {"mlp norm", s.MLPNorm}, {"gate and up", s.GateUp}, {"down", s.Down}} {
			out = append(out, tensor{fmt.Sprintf("layer %d %s", i, t.name), t.Span})
		}
	}
	out = append(out, tensor{"the final norm", l.FinalNorm})
	if l.Head != l.Embedding {
		out = append(out, tensor{"the head", l.Head})
	}
	return out
}

// apart is the distance of two vectors over the size of the second.
func apart(a, b []float32) float64 {
	var d, n float64
	for i := range b {
		d += math.Pow(float64(a[i]-b[i]), 2)
		n += math.Pow(float64(b[i]), 2)
	}
	return math.Sqrt(d / n)
}

func minus(a, b []float32) []float32 {
	out := make([]float32, len(a))
	for i := range a {
		out[i] = a[i] - b[i]
	}
	return out
}

func clone(v *train.Vectors) *train.Vectors {
	return &train.Vectors{Weights: slices.Clone(v.Weights), First: slices.Clone(v.First), Second: slices.Clone(v.Second), Mean: slices.Clone(v.Mean)}
}
