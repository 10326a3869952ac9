//go:build goexperiment.simd

package kernel

import "clexlab/model/kernel/wasmcode"

// attention is Attention.Over for any number of rounded queries.
func (p *program) attention() {
	q, queryScale, keys, keyScale, values, valueScale := p.pointer(), p.pointer(), p.pointer(), p.pointer(), p.pointer(), p.pointer()
	scores, sums, top, mass, weights, weightScale := p.pointer(), p.pointer(), p.pointer(), p.pointer(), p.pointer(), p.pointer()
	rows, keyPairs, sumBytes, valueStep := p.size(), p.size(), p.size(), p.size()
	keyCount, low, high, from, last := p.size(), p.size(), p.size(), p.size(), p.size()
	to, base, end, panels, panelStep, at, scaleAt := p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int()
	s := p.newSoftmax()
	set := func(v variable, n int) {
		p.Const(n)
		p.Set(v)
	}
	scored := p.newIntegers()
	scored.shorts, scored.ldy, scored.add = true, p.Int(), p.none
	p.Copy(scored.pairs, keyPairs)
	p.multiple(scored.ldx, keyPairs, 2)
	set(scored.ldy, 4*scoreRow)
	mixed := *scored
	mixed.plain, mixed.pairs, mixed.ldx, mixed.ldy, mixed.add = true, p.Int(), p.Int(), sumBytes, p.Int()
	set(mixed.ldx, 2*keyBlock)
	set(mixed.add, 1)
	p.multiple(panelStep, keyPairs, 5)
	p.Loop(func() {
		p.Get(from)
		p.Const(-keyBlock)
		p.Op(wasmcode.And)
		p.Const(keyBlock)
		p.Op(wasmcode.Add)
		p.Set(to)
		p.atMost(to, last)
		p.Get(from)
		p.Const(-8)
		p.Op(wasmcode.And)
		p.Set(base)
		p.difference(panels, to, base)
		p.Advance(panels, 7)
		p.Get(panels)
		p.Const(3)
		p.Op(wasmcode.ShrU)
		p.Set(panels)
		p.multiple(end, panels, 3)
		p.AdvanceBy(end, base)

		// The scores of all queries. A key takes four bytes for each pair.
		p.Get(base)
		p.Get(scored.ldx)
		p.Op(wasmcode.IntMul)
		p.Set(at)
		p.AdvanceBy(at, keys)
		p.multiple(scaleAt, base, 2)
		p.AdvanceBy(scaleAt, keyScale)
		scored.multiply(rows, panels, panelStep, q, at, scores, queryScale, scaleAt)

		// Weights of what each query sees, against its running maximum.
		s.absorb(rows, keyCount, low, high, from, to, base, end, scores, sums, sumBytes, top, mass, valueScale, weights, weightScale)

		// The weighted values. A key takes 32 bytes of a panel for every two.
		p.multiple(mixed.pairs, panels, 2)
		p.multiple(at, base, 4)
		p.AdvanceBy(at, values)
		p.Get(sumBytes)
		p.Const(5)
		p.Op(wasmcode.ShrU)
		p.Set(panels)
		mixed.multiply(rows, panels, valueStep, weights, at, sums, weightScale, scaleAt)
		p.Copy(from, to)
		p.Get(from)
		p.Get(last)
		p.Op(wasmcode.Less)
	})
}
