//go:build goexperiment.simd

package kernel

import (
	"math"

	"clexlab/model/kernel/wasmcode"
)

// int8s is a depth of Packed.blockInt8: it rounds the rows of activations and multiplies them with panels of 8 outputs.
func (p *program) int8s() {
	x, w, y, rounded, scales, scale := p.pointer(), p.pointer(), p.pointer(), p.pointer(), p.pointer(), p.pointer()
	n, depth, ldx, panels, panelStep, ldy, add := p.size(), p.size(), p.size(), p.size(), p.size(), p.size(), p.size()
	z := p.newIntegers()
	z.ldy, z.add = ldy, add
	p.Get(depth)
	p.Const(1)
	p.Op(wasmcode.Add)
	p.Const(1)
	p.Op(wasmcode.ShrU)
	p.Set(z.pairs)
	p.multiple(z.ldx, z.pairs, 2)
	p.roundRows(x, rounded, scales, n, depth, ldx, z.ldx)
	z.multiply(n, panels, panelStep, rounded, w, y, scales, scale)
}

// roundRows is roundRow for n rows of depth values, with the same bits.
func (p *program) roundRows(x, rounded, scales, n, depth, ldx, step variable) {
	rows, in, out, scaleAt, at, to, left, peak, lane := p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int()
	scale, inverse := p.Float(), p.Float()
	mask, most, by, magic := p.Vector(), p.Vector(), p.Vector(), p.Vector()
	p.Ints(0x7fffffff)
	p.Set(mask)
	p.Floats(roundMagic)
	p.Set(magic)
	p.Copy(rows, n)
	p.Copy(in, x)
	p.Copy(out, rounded)
	p.Copy(scaleAt, scales)
	set := func(v variable, x float32) {
		p.Float32(x)
		p.Set(v)
	}
	p.while(rows, 1, func() {
		p.zero([]variable{most})
		p.Copy(at, in)
		p.Copy(left, depth)
		absorb := func(load func()) {
			load()
			p.Get(mask)
			p.V(wasmcode.BitAnd)
			p.Get(most)
			p.V(wasmcode.IntMax)
			p.Set(most)
		}
		p.while(left, 4, func() {
			absorb(func() { p.Get(at); p.Load(0) })
			p.Advance(at, 16)
		})
		p.while(left, 1, func() {
			absorb(func() { p.Get(at); p.LoadSplat(0) })
			p.Advance(at, 4)
		})
		p.Get(most)
		p.IntLane(0)
		p.Set(peak)
		for i := byte(1); i < 4; i++ {
			p.Get(most)
			p.IntLane(i)
			p.Set(lane)
			p.atLeast(peak, lane)
		}
		p.Get(peak)
		p.Const(0x7f800000)
		p.Op(wasmcode.GreaterEqual)
		p.IfElse(func() {
			set(scale, float32(math.NaN()))
			set(inverse, 0)
		}, func() {
			p.Get(peak)
			p.Const(int(math.Float32bits(smallestPeak)))
			p.Op(wasmcode.Less)
			p.IfElse(func() {
				set(scale, 0)
				set(inverse, 0)
			}, func() {
				p.Get(peak)
				p.Op(wasmcode.BitsToFloat)
				p.Float32(largestInt16)
				p.Op(wasmcode.FloatDiv)
				p.Set(scale)
				p.Float32(largestInt16)
				p.Get(peak)
				p.Op(wasmcode.BitsToFloat, wasmcode.FloatDiv)
				p.Set(inverse)
			})
		})
		p.Get(scaleAt)
		p.Get(scale)
		p.StoreFloat(0)
		p.Get(inverse)
		p.V(wasmcode.Splat)
		p.Set(by)
		// low is the lowest 16 bits of the vector on the stack, rounded, in every lane.
		low := func() {
			p.Get(by)
			p.V(wasmcode.VMul)
			p.Get(magic)
			p.V(wasmcode.VAdd)
			p.Const(16)
			p.V(wasmcode.IntShl)
			p.Const(16)
			p.V(wasmcode.IntShr)
		}
		p.Copy(at, in)
		p.Copy(to, out)
		p.Copy(left, depth)
		p.while(left, 8, func() {
			p.Get(to)
			p.Get(at)
			p.Load(0)
			low()
			p.Get(at)
			p.Load(16)
			low()
			p.V(wasmcode.Narrow)
			p.Store(0)
			p.Advance(at, 32)
			p.Advance(to, 16)
		})
		p.while(left, 1, func() {
			p.Get(to)
			p.Get(at)
			p.LoadSplat(0)
			low()
			p.StoreShort(0)
			p.Advance(at, 4)
			p.Advance(to, 2)
		})
		p.AdvanceBy(in, ldx)
		p.AdvanceBy(out, step)
		p.Advance(scaleAt, 4)
	})
}
