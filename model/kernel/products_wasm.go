//go:build goexperiment.simd

package kernel

import "clexlab/model/kernel/wasmcode"

// widened loads 8 int8 from an address on as two vectors of float32.
func (p *program) widened(address variable, offset int, bytes, low, high variable) {
	p.Get(address)
	p.LoadInt8s(offset)
	p.Tee(bytes)
	p.V(wasmcode.WidenLow, wasmcode.FromInt)
	p.Set(low)
	p.Get(bytes)
	p.V(wasmcode.WidenHigh, wasmcode.FromInt)
	p.Set(high)
}

// matrix is rows of activations times panels of 8 outputs. Panels of int8 are widened once for all rows.
func (p *program) matrix(int8s bool) {
	a, b, c, scratch := p.pointer(), p.pointer(), p.pointer(), p.pointer()
	m, k, lda, panels, panelStep, ldc, add := p.size(), p.size(), p.size(), p.size(), p.size(), p.size(), p.size()
	t := p.newTile()
	rows, ai, ci, n, fourA, fourC := p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int()
	p.multiple(fourA, lda, 2)
	p.multiple(fourC, ldc, 2)
	weights := b
	if int8s {
		weights = scratch
	}
	z := product{k: k, a: ai, b: weights, c: ci, add: add, lda: stride{of: lda}, aStep: 4, bStep: stride{bytes: 32}, ldc: stride{of: ldc}}
	p.while(panels, 1, func() {
		if int8s {
			p.Copy(t.from, b)
			p.Copy(t.out, scratch)
			p.Copy(n, k)
			p.while(n, 1, func() {
				p.widened(t.from, 0, t.splat, t.b[0], t.b[1])
				p.finish(t.b, t.out, p.none)
				p.Advance(t.from, 8)
				p.Advance(t.out, 32)
			})
		}
		p.Copy(rows, m)
		p.Copy(ai, a)
		p.Copy(ci, c)
		p.while(rows, 4, func() {
			t.compute(4, 2, z)
			p.AdvanceBy(ai, fourA)
			p.AdvanceBy(ci, fourC)
		})
		p.while(rows, 1, func() {
			t.compute(1, 2, z)
			p.AdvanceBy(ai, lda)
			p.AdvanceBy(ci, ldc)
		})
		p.AdvanceBy(b, panelStep)
		p.Advance(c, 32)
	})
}

// vector is one row of activations times panels of 8 outputs, four panels at a time. Eight int8 are widened
// to int16 and those to the even outputs, by a product with 1 and 0, and to the odd ones, by a shift: the halves in
// their order would take three more shuffles, which are what an int8 product waits for. The sums are put in order at the end.
func (p *program) vector(int8s bool) {
	x, w, y := p.pointer(), p.pointer(), p.pointer()
	k, panels, panelStep, add := p.size(), p.size(), p.size(), p.size()
	from, in, left, splat := declare(4, p.Int), p.Int(), p.Int(), p.Vector()
	sums, bytes, b := declare(8, p.Vector), p.Vector(), declare(2, p.Vector)
	width, evenOnly := 32, p.Vector()
	if int8s {
		width = 8
		p.Ints(1)
		p.Set(evenOnly)
	}
	group := func(count int) {
		steps := func(n int) {
			p.while(left, n, func() {
				for i := range n {
					p.Get(in)
					p.LoadSplat(4 * i)
					p.Set(splat)
					for c, at := range from[:count] {
						if int8s {
							p.Get(at)
							p.LoadInt8s(width * i)
							p.Tee(bytes)
							p.Get(evenOnly)
							p.V(wasmcode.DotPairs, wasmcode.FromInt)
							p.Set(b[0])
							p.Get(bytes)
							p.Const(16)
							p.V(wasmcode.IntShr, wasmcode.FromInt)
							p.Set(b[1])
						} else {
							for h, v := range b {
								p.Get(at)
								p.Load(width*i + 16*h)
								p.Set(v)
							}
						}
						p.mulAdd(sums[2*c], splat, b[0])
						p.mulAdd(sums[2*c+1], splat, b[1])
					}
				}
				p.Advance(in, 4*n)
				for _, at := range from[:count] {
					p.Advance(at, width*n)
				}
			})
		}
		p.while(panels, count, func() {
			for _, at := range from[:count] {
				p.Copy(at, w)
				p.AdvanceBy(w, panelStep)
			}
			p.Copy(in, x)
			p.Copy(left, k)
			p.zero(sums[:2*count])
			steps(4)
			steps(1)
			for c := 0; int8s && c < 2*count; c += 2 {
				for h, ordered := range b {
					p.Get(sums[c])
					p.Get(sums[c+1])
					p.Interleave(h == 1)
					p.Set(ordered)
				}
				p.Copy(sums[c], b[0])
				p.Copy(sums[c+1], b[1])
			}
			p.finish(sums[:2*count], y, add)
			p.Advance(y, 32*count)
		})
	}
	group(4)
	group(1)
}

// block is multiplyBlock where all tiles are whole: panels of 4 rows times panels of 8 columns.
func (p *program) block() {
	a, b, c := p.pointer(), p.pointer(), p.pointer()
	m, n, k, ldc, add := p.size(), p.size(), p.size(), p.size(), p.size()
	t := p.newTile()
	rows, ai, ci, fourC, aPanel, bPanel := p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int()
	p.multiple(fourC, ldc, 2)
	p.multiple(aPanel, k, 4)
	p.multiple(bPanel, k, 5)
	z := product{k: k, a: ai, b: b, c: ci, add: add, lda: stride{bytes: 4}, aStep: 16, bStep: stride{bytes: 32}, ldc: stride{of: ldc}}
	p.while(n, 8, func() {
		p.Copy(rows, m)
		p.Copy(ai, a)
		p.Copy(ci, c)
		p.while(rows, 4, func() {
			t.compute(4, 2, z)
			p.AdvanceBy(ai, aPanel)
			p.AdvanceBy(ci, fourC)
		})
		p.AdvanceBy(b, bPanel)
		p.Advance(c, 32)
	})
}
