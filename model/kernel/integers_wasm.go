//go:build goexperiment.simd

package kernel

import "clexlab/model/kernel/wasmcode"

// integerProduct is a product of 4 rows of int16 with a panel of 8 outputs, or of a row with up to 4 panels.
type integerProduct struct {
	*program
	// shorts says that panels are of int16, not of int8, plain that outputs have no scale.
	shorts, plain           bool
	pairs, ldx, ldy, add    variable
	x, w                    []variable // of rows and of panels; compute moves them
	scaleX, scaleW, y, left variable
	sums, b                 []variable
	splat                   variable
}

func (p *program) newIntegers() *integerProduct {
	return &integerProduct{program: p, pairs: p.Int(), ldx: p.Int(), x: declare(4, p.Int), w: declare(4, p.Int),
		scaleX: p.Int(), scaleW: p.Int(), y: p.Int(), left: p.Int(), sums: declare(8, p.Vector), b: declare(2, p.Vector), splat: p.Vector()}
}

// multiply computes n rows from x on with panels from w on, panelStep bytes apart.
func (z *integerProduct) multiply(n, panels, panelStep, x, w, y, scales, scale variable) {
	p := z.program
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
			p.Copy(row, x)
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
	p.Copy(row, x)
	p.Copy(rowScale, scales)
	p.Copy(out, y)
	p.while(left, 1, func() {
		p.AdvanceBy(row, z.ldx)
		p.AdvanceBy(out, z.ldy)
		p.Advance(rowScale, 4)
	})
	p.while(rows, 1, func() {
		begin()
		p.Copy(z.y, out)
		for _, group := range []int{4, 2, 1} {
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
		p.AdvanceBy(out, z.ldy)
		p.Advance(rowScale, 4)
	})
}

// compute writes rows×panels; 4 rows leave y and scaleX behind themselves.
func (z *integerProduct) compute(rows, panels int) {
	x, w, sums := z.x[:rows], z.w[:panels], z.sums[:2*rows*panels]
	z.zero(sums)
	z.Copy(z.left, z.pairs)
	pairBytes := 16
	if z.shorts {
		pairBytes = 32
	}
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
				if z.shorts {
					z.Load(offsetW + 16*h)
				} else {
					z.LoadInt8s(offsetW + 8*h)
				}
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
				step(4*i, pairBytes*i)
			}
			for _, row := range x {
				z.Advance(row, 4*unroll)
			}
			for _, panel := range w {
				z.Advance(panel, pairBytes*unroll)
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
			if !z.plain {
				z.Get(z.scaleW)
				z.Load(16 * i)
				z.V(wasmcode.VMul)
			}
			z.Set(s)
		}
		z.finish(part, z.y, z.add)
		if rows > 1 {
			z.Advance(z.scaleX, 4)
			z.AdvanceBy(z.y, z.ldy)
		}
	}
}
