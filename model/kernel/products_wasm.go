//go:build goexperiment.simd

package kernel

// matrix is rows of activations times panels of 8 outputs.
func (p *program) matrix() {
	a, b, c := p.pointer(), p.pointer(), p.pointer()
	m, k, lda, panels, panelStep, ldc, add := p.size(), p.size(), p.size(), p.size(), p.size(), p.size(), p.size()
	t := p.newTile()
	rows, ai, ci, fourA, fourC := p.Int(), p.Int(), p.Int(), p.Int(), p.Int()
	p.multiple(fourA, lda, 2)
	p.multiple(fourC, ldc, 2)
	z := product{k: k, a: ai, b: b, c: ci, add: add, lda: stride{of: lda}, aStep: 4, bStep: stride{bytes: 32}, ldc: stride{of: ldc}}
	p.while(panels, 1, func() {
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

// vector is one row of activations times panels of 8 outputs, four panels at a time.
func (p *program) vector() {
	x, w, y := p.pointer(), p.pointer(), p.pointer()
	k, panels, panelStep, add := p.size(), p.size(), p.size(), p.size()
	from, in, left, splat := declare(4, p.Int), p.Int(), p.Int(), p.Vector()
	sums, b := declare(8, p.Vector), p.Vector()
	group := func(count int) {
		steps := func(n int) {
			p.while(left, n, func() {
				for i := range n {
					p.Get(in)
					p.LoadSplat(4 * i)
					p.Set(splat)
					for c, at := range from[:count] {
						for h := range 2 {
							p.Get(at)
							p.Load(32*i + 16*h)
							p.Set(b)
							p.mulAdd(sums[2*c+h], splat, b)
						}
					}
				}
				p.Advance(in, 4*n)
				for _, at := range from[:count] {
					p.Advance(at, 32*n)
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
			p.finish(sums[:2*count], y, add)
			p.Advance(y, 32*count)
		})
	}
	group(4)
	group(1)
}
