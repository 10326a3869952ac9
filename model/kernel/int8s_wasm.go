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
	z := int8Product{program: p, pairs: p.Int(), ldx: p.Int(), ldy: ldy, add: add, x: declare(4, p.Int), w: declare(4, p.Int),
		scaleX: p.Int(), scaleW: p.Int(), y: p.Int(), left: p.Int(), sums: declare(8, p.Vector), b: declare(2, p.Vector), splat: p.Vector()}
	p.Get(depth)
	p.Const(1)
	p.Op(wasmcode.Add)
	p.Const(1)
	p.Op(wasmcode.ShrU)
	p.Set(z.pairs)
	p.multiple(z.ldx, z.pairs, 2)
	p.roundRows(x, rounded, scales, n, depth, ldx, z.ldx)

	rows, panel, row, rowScale, left, wj, out := p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int()
	begin := func() {
		p.Copy(panel, panels)
		p.Copy(wj, w)
		p.Copy(z.scaleW, scale)
	}
	next := func(panels int) {
		p.Advance(z.scaleW, 32*panels)
		for range panels {
			p.AdvanceBy(wj, panelStep)
		}
	}
	// Rows by fours, panel after panel; the rest one by one, four panels at a time.
	begin()
	p.Copy(out, y)
	p.Copy(rows, n)
	p.Get(n)
	p.Const(4)
	p.Op(wasmcode.GreaterEqual)
	p.If(func() {
		p.while(panel, 1, func() {
			p.Copy(left, n)
			p.Copy(row, rounded)
			p.Copy(rowScale, scales)
			p.Copy(z.y, out)
			p.while(left, 4, func() {
				p.Copy(z.x[0], row)
				for i := 1; i < 4; i++ {
					p.sum(z.x[i], z.x[i-1], z.ldx)
				}
				p.sum(row, z.x[3], z.ldx)
				p.Copy(z.w[0], wj)
				p.Copy(z.scaleX, rowScale)
				z.compute(4, 1)
				p.Advance(rowScale, 16)
			})
			p.Copy(rows, left)
			next(1)
			p.Advance(out, 32)
		})
	})
	// What is left of the rows lies at the end.
	p.difference(left, n, rows)
	p.Copy(row, rounded)
	p.Copy(rowScale, scales)
	p.Copy(out, y)
	p.while(left, 1, func() {
		p.AdvanceBy(row, z.ldx)
		p.AdvanceBy(out, ldy)
		p.Advance(rowScale, 4)
	})
	p.while(rows, 1, func() {
		begin()
		p.Copy(z.y, out)
		for _, group := range []int{4, 1} {
			p.while(panel, group, func() {
				p.Copy(z.x[0], row)
				p.Copy(z.scaleX, rowScale)
				p.Copy(z.w[0], wj)
				for i := 1; i < group; i++ {
					p.sum(z.w[i], z.w[i-1], panelStep)
				}
				z.compute(1, group)
				next(group)
				p.Advance(z.y, 32*group)
			})
		}
		p.AdvanceBy(row, z.ldx)
		p.AdvanceBy(out, ldy)
		p.Advance(rowScale, 4)
	})
}

// int8Product is a product of 4 rows with a panel or of a row with up to 4.
type int8Product struct {
	*program
	pairs, ldx, ldy, add    variable
	x, w                    []variable // of rows and of panels; compute moves them
	scaleX, scaleW, y, left variable
	sums, b                 []variable
	splat                   variable
}

// compute writes rows×panels; 4 rows leave y and scaleX behind themselves.
func (z *int8Product) compute(rows, panels int) {
	x, w, sums := z.x[:rows], z.w[:panels], z.sums[:2*rows*panels]
	z.zero(sums)
	z.Copy(z.left, z.pairs)
	step := func(offsetX, offsetW int) {
		splat := func(row variable) {
			z.Get(row)
			z.LoadSplat(offsetX)
			z.Set(z.splat)
		}
		if rows == 1 {
			splat(x[0])
		}
		for c, panel := range w {
			for h, b := range z.b {
				z.Get(panel)
				z.LoadInt8s(offsetW + 8*h)
				z.Set(b)
			}
			for r, row := range x {
				if rows > 1 {
					splat(row)
				}
				for h, b := range z.b {
					sum := sums[2*(c+r)+h]
					z.Get(sum)
					z.Get(z.splat)
					z.Get(b)
					z.V(wasmcode.DotPairs, wasmcode.IntAdd)
					z.Set(sum)
				}
			}
		}
	}
	for _, unroll := range []int{4, 1} {
		z.while(z.left, unroll, func() {
			for i := range unroll {
				step(4*i, 16*i)
			}
			for _, row := range x {
				z.Advance(row, 4*unroll)
			}
			for _, panel := range w {
				z.Advance(panel, 16*unroll)
			}
		})
	}
	for r := range rows {
		z.Get(z.scaleX)
		z.LoadSplat(0)
		z.Set(z.splat)
		part := sums[2*panels*r:][:2*panels]
		for i, s := range part {
			z.Get(s)
			z.V(wasmcode.FromInt)
			z.Get(z.splat)
			z.V(wasmcode.VMul)
			z.Get(z.scaleW)
			z.Load(16 * i)
			z.V(wasmcode.VMul)
			z.Set(s)
		}
		z.finish(part, z.y, z.add)
		if rows > 1 {
			z.Advance(z.scaleX, 4)
			z.AdvanceBy(z.y, z.ldy)
		}
	}
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
