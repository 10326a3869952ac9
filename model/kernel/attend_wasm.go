//go:build goexperiment.simd

package kernel

import "clexlab/model/kernel/wasmcode"

// scoreRow is how many scores a row of queries has room for: those of a block of keys, and
// a vector that begins with the last of them.
const scoreRow = keyBlock + 4

// attention is Attention.Over for any number of queries whose dimension is a multiple of 8.
func (p *program) attention() {
	q, keys, values, scores := p.pointer(), p.pointer(), p.pointer(), p.pointer()
	sums, top, mass := p.pointer(), p.pointer(), p.pointer()
	rows, dim, strideQ, strideV := p.size(), p.size(), p.size(), p.size()
	keyCount, low, high, from, last := p.size(), p.size(), p.size(), p.size(), p.size()
	to, base, panel, column, value := p.Int(), p.Int(), p.Int(), p.Int(), p.Int()
	left, ri, ai, bi, ci, di := p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int()
	seen, rowBytes, panelBytes := p.Int(), p.Int(), p.Int()
	t, s := p.newTile(), p.newSoftmax()
	p.multiple(rowBytes, dim, 2)
	p.multiple(panelBytes, dim, 7)
	scored := product{k: dim, a: ai, b: bi, c: ci, add: p.none, lda: stride{of: strideQ}, aStep: 4, bStep: stride{bytes: 4 * keyPanel}, ldc: stride{bytes: 4 * scoreRow}}
	added := p.Int()
	p.Const(1)
	p.Set(added)
	mixed := product{k: seen, a: ai, b: bi, c: ci, add: added, lda: stride{bytes: 4 * scoreRow}, aStep: 4, bStep: stride{of: strideV}, ldc: stride{of: rowBytes}}
	lessThan := func(a, b variable) {
		p.Get(a)
		p.Get(b)
		p.Op(wasmcode.Less)
	}
	p.Loop(func() {
		p.Get(from)
		p.Const(-keyBlock)
		p.Op(wasmcode.And)
		p.Const(keyBlock)
		p.Op(wasmcode.Add)
		p.Set(to)
		p.atMost(to, last)
		p.Get(from)
		p.Const(-keyPanel)
		p.Op(wasmcode.And)
		p.Set(base)

		// The scores of all queries, panel by panel of keys.
		p.Get(base)
		p.Get(rowBytes)
		p.Op(wasmcode.IntMul)
		p.Set(panel)
		p.AdvanceBy(panel, keys)
		p.Copy(column, scores)
		p.difference(left, to, base)
		p.Loop(func() {
			p.Copy(ri, rows)
			p.Copy(ai, q)
			p.Copy(value, column)
			p.while(ri, 4, func() {
				p.Copy(bi, panel)
				p.Copy(ci, value)
				p.Const(keyPanel)
				p.Set(di)
				p.while(di, 8, func() {
					t.compute(4, 2, scored)
					p.Advance(bi, 32)
					p.Advance(ci, 32)
				})
				for range 4 {
					p.AdvanceBy(ai, strideQ)
				}
				p.Advance(value, 4*4*scoreRow)
			})
			p.Copy(bi, panel)
			p.Copy(ci, value)
			p.while(ri, 1, func() {
				t.compute(1, 8, scored)
				p.AdvanceBy(ai, strideQ)
				p.Advance(ci, 4*scoreRow)
			})
			p.AdvanceBy(panel, panelBytes)
			p.Advance(column, 4*keyPanel)
			p.Advance(left, -keyPanel)
			lessThan(p.none, left)
		})

		// Weights of what each query sees, against its running maximum.
		s.absorb(rows, keyCount, low, high, from, to, base, scores, sums, rowBytes, top, mass)

		// The weighted values.
		p.difference(seen, to, from)
		p.Get(from)
		p.Get(strideV)
		p.Op(wasmcode.IntMul)
		p.Set(panel)
		p.AdvanceBy(panel, values)
		p.difference(ai, from, base)
		p.multiple(ai, ai, 2)
		p.AdvanceBy(ai, scores)
		p.Copy(value, sums)
		p.Copy(ri, rows)
		columns := func(rows, vectors int) {
			p.while(di, 4*vectors, func() {
				t.compute(rows, vectors, mixed)
				p.Advance(bi, 16*vectors)
				p.Advance(ci, 16*vectors)
			})
		}
		begin := func() {
			p.Copy(di, dim)
			p.Copy(bi, panel)
			p.Copy(ci, value)
		}
		p.while(ri, 4, func() {
			begin()
			columns(4, 2)
			p.Advance(ai, 4*4*scoreRow)
			for range 4 {
				p.AdvanceBy(value, rowBytes)
			}
		})
		p.while(ri, 1, func() {
			begin()
			columns(1, 8)
			columns(1, 4)
			columns(1, 2)
			p.Advance(ai, 4*scoreRow)
			p.AdvanceBy(value, rowBytes)
		})
		p.Copy(from, to)
		lessThan(from, last)
	})
}
