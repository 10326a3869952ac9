//go:build goexperiment.simd

package kernel

import (
	"math"

	"clexlab/model/kernel/wasmcode"
)

// softmax writes the part of attention that turns scores into weights.
type softmax struct {
	*program
	// constants of e^x, as those of type exponential.
	log2e, magic, ln2High, ln2Low variable
	c, whole                      []variable // from 1/7! to 1; 1 and 2
	high, low, bias, lanes        variable
	infinity                      variable
	x, y, n, r, poly              variable
	most, part, mask, splat       variable
	weighed                       variable // sums of what weights are with their values' scales
}

func (p *program) newSoftmax() *softmax {
	s := &softmax{program: p, c: declare(8, p.Vector), whole: declare(2, p.Vector)}
	for _, v := range []*variable{&s.log2e, &s.magic, &s.ln2High, &s.ln2Low, &s.high, &s.low, &s.bias, &s.lanes, &s.infinity,
		&s.x, &s.y, &s.n, &s.r, &s.poly, &s.most, &s.part, &s.mask, &s.splat, &s.weighed} {
		*v = p.Vector()
	}
	set := func(v variable, x float32) {
		p.Floats(x)
		p.Set(v)
	}
	for i, x := range []float32{1. / 5040, 1. / 720, 1. / 120, 1. / 24, 1. / 6, 1. / 2, 1, 1} {
		set(s.c[i], x)
	}
	set(s.log2e, log2e)
	set(s.magic, roundMagic)
	set(s.ln2High, -ln2High)
	set(s.ln2Low, -ln2Low)
	set(s.high, expHigh)
	set(s.low, expLow)
	set(s.whole[0], 1)
	set(s.whole[1], 2)
	set(s.infinity, float32(math.Inf(-1)))
	p.Ints(126)
	p.Set(s.bias)
	p.Lanes(0, 1, 2, 3)
	p.Set(s.lanes)
	return s
}

// exp sets y to e^x as exponential.of does.
func (s *softmax) exp() {
	get := func(l ...variable) {
		for _, v := range l {
			s.Get(v)
		}
	}
	get(s.x, s.low)
	s.V(wasmcode.UnsignedMin)
	get(s.high)
	s.V(wasmcode.IntMin)
	s.Tee(s.r)
	get(s.log2e)
	s.V(wasmcode.VMul)
	get(s.magic)
	s.V(wasmcode.VAdd)
	s.Tee(s.y)
	get(s.magic)
	s.V(wasmcode.VSub)
	s.Set(s.n)
	s.mulAdd(s.r, s.n, s.ln2High)
	s.mulAdd(s.r, s.n, s.ln2Low)
	get(s.c[0])
	for _, c := range s.c[1:] {
		get(s.r)
		s.V(wasmcode.VMul)
		get(c)
		s.V(wasmcode.VAdd)
	}
	get(s.whole[1])
	s.V(wasmcode.VMul)
	get(s.y, s.bias)
	s.V(wasmcode.IntAdd)
	s.Const(23)
	s.V(wasmcode.IntShl, wasmcode.VMul)
	get(s.x, s.x, s.x)
	s.V(wasmcode.Equal, wasmcode.BitSelect)
	s.Set(s.y)
}

// absorb is Attention.absorb for all rows, multiplies the weights with their values' scales and rounds them.
func (s *softmax) absorb(rows, keyCount, low, high, from, to, base, end, scores, sums, rowBytes, top, mass, valueScale, weights, weightScale variable) {
	p := s.program
	i, row, sum, lo, hi, at, left, topAt, massAt := p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int()
	scaleAt, weightAt, weightScaleAt := p.Int(), p.Int(), p.Int()
	old, peak, factor, total, inverse := p.Float(), p.Float(), p.Float(), p.Float(), p.Float()
	p.Const(0)
	p.Set(i)
	p.Copy(row, scores)
	p.Copy(sum, sums)
	p.Copy(topAt, top)
	p.Copy(massAt, mass)
	p.Copy(weightAt, weights)
	p.Copy(weightScaleAt, weightScale)
	lane := func(v variable, l byte) {
		p.Get(v)
		p.Lane(l)
	}
	// clear zeroes the scores from key a to key b.
	clear := func(a, b variable) {
		p.difference(left, b, a)
		p.difference(at, a, base)
		p.multiple(at, at, 2)
		p.AdvanceBy(at, row)
		p.while(left, 1, func() {
			p.Get(at)
			p.Float32(0)
			p.StoreFloat(0)
			p.Advance(at, 4)
		})
	}
	whole := func() {
		p.difference(left, hi, lo)
		p.difference(at, lo, base)
		p.multiple(at, at, 2)
		p.AdvanceBy(at, row)
	}
	// exponentials of the vector at an offset, against peak.
	exponential := func(offset int) {
		p.Get(at)
		p.Load(offset)
		p.Get(s.splat)
		p.V(wasmcode.VSub)
		p.Set(s.x)
		s.exp()
	}
	// sumUp adds the exponentials, and with their values' scales, masked if that is so.
	sumUp := func(offset int, masked bool) {
		p.Get(s.part)
		p.Get(s.y)
		p.V(wasmcode.VAdd)
		p.Set(s.part)
		p.Get(s.y)
		p.Get(scaleAt)
		p.Load(offset)
		p.V(wasmcode.VMul)
		if masked {
			p.Get(s.mask)
			p.V(wasmcode.BitAnd)
		}
		p.Set(s.y)
		p.Get(at)
		p.Get(s.y)
		p.Store(offset)
		p.Get(s.weighed)
		p.Get(s.y)
		p.V(wasmcode.VAdd)
		p.Set(s.weighed)
	}
	forward := func(n int) {
		p.Advance(at, 4*n)
		p.Advance(scaleAt, 4*n)
	}
	// lanesOf pushes the sum of a vector's lanes.
	lanesOf := func(v variable) {
		lane(v, 0)
		lane(v, 2)
		p.Op(wasmcode.FloatAdd)
		lane(v, 1)
		lane(v, 3)
		p.Op(wasmcode.FloatAdd, wasmcode.FloatAdd)
	}
	weigh := func() {
		p.Get(peak)
		p.Get(old)
		p.Op(wasmcode.FloatGreater)
		p.If(func() {
			p.Get(old)
			p.Get(peak)
			p.Op(wasmcode.FloatSub)
			p.V(wasmcode.Splat)
			p.Set(s.x)
			s.exp()
			lane(s.y, 0)
			p.Set(factor)
			p.Get(massAt)
			p.Get(massAt)
			p.LoadFloat(0)
			p.Get(factor)
			p.Op(wasmcode.FloatMul)
			p.StoreFloat(0)
			p.Get(factor)
			p.Float32(1)
			p.Op(wasmcode.FloatNotEqual)
			p.If(func() {
				p.Copy(left, rowBytes)
				p.Copy(at, sum)
				p.while(left, 16, func() {
					p.Get(at)
					p.Get(at)
					p.Load(0)
					p.Get(factor)
					p.V(wasmcode.Splat, wasmcode.VMul)
					p.Store(0)
					p.Advance(at, 16)
				})
			})
			p.Get(topAt)
			p.Get(peak)
			p.StoreFloat(0)
		})
		p.Get(peak)
		p.V(wasmcode.Splat)
		p.Set(s.splat)
		p.zero([]variable{s.part, s.weighed})
		whole()
		p.multiple(scaleAt, lo, 2)
		p.AdvanceBy(scaleAt, valueScale)
		p.while(left, 8, func() {
			exponential(0)
			sumUp(0, false)
			exponential(16)
			sumUp(16, false)
			forward(8)
		})
		p.while(left, 4, func() {
			exponential(0)
			sumUp(0, false)
			forward(4)
		})
		p.Get(left)
		p.If(func() {
			exponential(0)
			p.Get(s.y)
			p.Get(s.mask)
			p.V(wasmcode.BitAnd)
			p.Set(s.y)
			sumUp(0, true)
		})
		p.Get(massAt)
		p.Get(massAt)
		p.LoadFloat(0)
		lanesOf(s.part)
		p.Op(wasmcode.FloatAdd)
		p.StoreFloat(0)
		lanesOf(s.weighed)
		p.Set(total)
	}
	// round rounds the weights of the whole block by their sum.
	round := func() {
		p.Get(weightScaleAt)
		p.Get(total)
		p.Float32(largestInt16)
		p.Op(wasmcode.FloatDiv)
		p.StoreFloat(0)
		p.Float32(0)
		p.Set(inverse)
		p.Get(total)
		p.Float32(smallestPeak)
		p.Op(wasmcode.FloatGreater)
		p.If(func() {
			p.Float32(largestInt16)
			p.Get(total)
			p.Op(wasmcode.FloatDiv)
			p.Set(inverse)
		})
		p.Get(inverse)
		p.V(wasmcode.Splat)
		p.Set(s.splat)
		p.difference(left, end, base)
		p.Copy(at, row)
		p.Copy(scaleAt, weightAt)
		p.while(left, 8, func() {
			p.Get(scaleAt)
			for _, offset := range []int{0, 16} {
				p.Get(at)
				p.Load(offset)
				p.Get(s.splat)
				p.V(wasmcode.VMul)
				p.Get(s.magic)
				p.V(wasmcode.VAdd)
				p.Const(16)
				p.V(wasmcode.IntShl)
				p.Const(16)
				p.V(wasmcode.IntShr)
			}
			p.V(wasmcode.Narrow)
			p.Store(0)
			p.Advance(at, 32)
			p.Advance(scaleAt, 16)
		})
	}
	largest := func(offset int) {
		p.Get(s.most)
		p.Get(at)
		p.Load(offset)
		p.V(wasmcode.PseudoMax)
		p.Set(s.most)
	}
	p.Loop(func() {
		p.sum(lo, low, i)
		p.atLeast(lo, from)
		p.atMost(lo, to)
		p.sum(hi, high, i)
		p.atMost(hi, keyCount)
		p.atMost(hi, to)
		p.atLeast(hi, lo)
		clear(base, lo)
		clear(hi, end)
		p.Float32(0)
		p.Set(total)
		whole()
		p.Get(left)
		p.If(func() {
			p.Copy(s.most, s.infinity)
			p.while(left, 4, func() {
				largest(0)
				p.Advance(at, 16)
			})
			p.Get(left)
			p.If(func() {
				p.Get(s.lanes)
				p.Get(left)
				p.V(wasmcode.IntSplat, wasmcode.IntLess)
				p.Set(s.mask)
				p.Get(s.most)
				p.Get(at)
				p.Load(0)
				p.Get(s.infinity)
				p.Get(s.mask)
				p.V(wasmcode.BitSelect, wasmcode.PseudoMax)
				p.Set(s.most)
			})
			p.Get(topAt)
			p.LoadFloat(0)
			p.Tee(old)
			for l := range byte(4) {
				lane(s.most, l)
				p.Op(wasmcode.FloatMax)
			}
			p.Tee(peak)
			p.Float32(float32(math.Inf(-1)))
			p.Op(wasmcode.FloatNotEqual)
			p.IfElse(weigh, func() { clear(lo, hi) })
		})
		round()
		p.Advance(row, 4*scoreRow)
		p.Advance(weightAt, 2*keyBlock)
		p.Advance(weightScaleAt, 4)
		p.AdvanceBy(sum, rowBytes)
		p.Advance(topAt, 4)
		p.Advance(massAt, 4)
		p.Advance(i, 1)
		p.Get(i)
		p.Get(rows)
		p.Op(wasmcode.Less)
	})
}
