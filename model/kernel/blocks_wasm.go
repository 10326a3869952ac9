//go:build goexperiment.simd

package kernel

import "clexlab/model/kernel/wasmcode"

// gemm is one block of B, of up to blockN columns and depthBlock values, times all of A: B is packed into panels
// of 8 columns, A is read as it lies in memory, or packed a block at a time if it is transposed.
func (p *program) gemm() {
	a, b, c, packedB, packedA := p.pointer(), p.pointer(), p.pointer(), p.pointer(), p.pointer()
	m, n, k, lda, ldb, ldc, add, transA, transB := p.size(), p.size(), p.size(), p.size(), p.size(), p.size(), p.size(), p.size(), p.size()
	t, s := p.newTile(), p.newPacking()
	columns, rows, height, ai, bi, ci, ca := p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int(), p.Int()
	aPanel, bPanel, fourA, fourC := p.Int(), p.Int(), p.Int(), p.Int()
	p.multiple(aPanel, k, 4)
	p.multiple(bPanel, k, 5)
	p.multiple(fourA, lda, 2)
	p.multiple(fourC, ldc, 2)
	p.Get(transB)
	p.IfElse(func() { s.turned(b, packedB, n, k, ldb, bPanel) }, func() { s.straight(8, b, packedB, n, k, ldb, bPanel) })

	// tiles multiplies height rows of A, from ai on, by all panels of B.
	tiles := func(fromA, panelA variable, z product) {
		p.Copy(columns, n)
		p.Copy(bi, packedB)
		p.Copy(ca, c)
		p.while(columns, 8, func() {
			p.Copy(rows, height)
			p.Copy(ai, fromA)
			p.Copy(ci, ca)
			p.while(rows, 4, func() {
				t.compute(4, 2, z)
				p.AdvanceBy(ai, panelA)
				p.AdvanceBy(ci, fourC)
			})
			if panelA == fourA {
				p.while(rows, 1, func() {
					t.compute(1, 2, z)
					p.AdvanceBy(ai, lda)
					p.AdvanceBy(ci, ldc)
				})
			}
			p.AdvanceBy(bi, bPanel)
			p.Advance(ca, 32)
		})
	}
	// c goes down a block of A at a time.
	down := func(body func()) {
		p.Loop(func() {
			p.Copy(height, m)
			p.Get(height)
			p.Const(blockM)
			p.Op(wasmcode.Greater)
			p.If(func() {
				p.Const(blockM)
				p.Set(height)
			})
			body()
			p.Get(ldc)
			p.Get(height)
			p.Op(wasmcode.IntMul)
			p.Get(c)
			p.Op(wasmcode.Add)
			p.Set(c)
			p.difference(m, m, height)
			p.Const(0)
			p.Get(m)
			p.Op(wasmcode.Less)
		})
	}
	p.Get(transA)
	p.IfElse(func() {
		down(func() {
			s.straight(4, a, packedA, height, k, lda, aPanel)
			tiles(packedA, aPanel, product{k: k, a: ai, b: bi, c: ci, add: add, lda: stride{bytes: 4}, aStep: 16, bStep: stride{bytes: 32}, ldc: stride{of: ldc}})
			p.Advance(a, 4*blockM)
		})
	}, func() {
		down(func() {
			tiles(a, fourA, product{k: k, a: ai, b: bi, c: ci, add: add, lda: stride{of: lda}, aStep: 4, bStep: stride{bytes: 32}, ldc: stride{of: ldc}})
			p.Get(lda)
			p.Const(blockM)
			p.Op(wasmcode.IntMul)
			p.Get(a)
			p.Op(wasmcode.Add)
			p.Set(a)
		})
	})
}

// packing lays a block of a matrix out in panels, as packPanels does.
type packing struct {
	*program
	from, to            []variable
	v, w                []variable
	source, left, count variable
}

func (p *program) newPacking() *packing {
	return &packing{program: p, from: declare(8, p.Int), to: declare(4, p.Int), v: declare(4, p.Vector), w: declare(4, p.Vector),
		source: p.Int(), left: p.Int(), count: p.Int()}
}

// straight packs columns, a multiple of width, that lie side by side: k rows of them at distance ld. Sixteen are taken
// together, which is a line of the cache.
func (s *packing) straight(width int, src, dst, columns, k, ld, panel variable) {
	s.Copy(s.source, src)
	s.Copy(s.count, columns)
	s.Copy(s.to[0], dst)
	take := func(panels int) {
		s.while(s.count, panels*width, func() {
			for i := 1; i < panels; i++ {
				s.sum(s.to[i], s.to[i-1], panel)
			}
			s.Copy(s.from[0], s.source)
			s.Copy(s.left, k)
			s.while(s.left, 1, func() {
				for i := range panels * width / 4 {
					s.Get(s.from[0])
					s.Load(16 * i)
					s.Set(s.v[i])
				}
				for i := range panels * width / 4 {
					s.Get(s.to[4*i/width])
					s.Get(s.v[i])
					s.Store(16 * i % (4 * width))
				}
				s.AdvanceBy(s.from[0], ld)
				for _, to := range s.to[:panels] {
					s.Advance(to, 4*width)
				}
			})
			// The last panel ends where the next begins.
			s.Copy(s.to[0], s.to[panels-1])
			s.Advance(s.source, 4*panels*width)
		})
	}
	take(16 / width)
	take(1)
}

// turned packs columns, a multiple of 8, that are rows of the source: columns rows of k values at distance ld.
func (s *packing) turned(src, dst, columns, k, ld, panel variable) {
	s.Copy(s.source, src)
	s.Copy(s.count, columns)
	to := s.to[0]
	s.Copy(to, dst)
	s.while(s.count, 8, func() {
		s.Copy(s.from[0], s.source)
		for i := 1; i < 8; i++ {
			s.sum(s.from[i], s.from[i-1], ld)
		}
		s.sum(s.source, s.from[7], ld)
		s.Copy(s.left, k)
		s.while(s.left, 4, func() {
			for half := range 2 {
				for i, l := range s.v {
					s.Get(s.from[4*half+i])
					s.Load(0)
					s.Set(l)
				}
				// Pairs of the first two rows and of the last two, then fours.
				for i, l := range s.w {
					s.Get(s.v[i/2*2])
					s.Get(s.v[i/2*2+1])
					if i%2 == 0 {
						s.Shuffle(0, 4, 1, 5)
					} else {
						s.Shuffle(2, 6, 3, 7)
					}
					s.Set(l)
				}
				for i := range 4 {
					s.Get(to)
					s.Get(s.w[i/2])
					s.Get(s.w[i/2+2])
					if i%2 == 0 {
						s.Shuffle(0, 1, 4, 5)
					} else {
						s.Shuffle(2, 3, 6, 7)
					}
					s.Store(32*i + 16*half)
				}
			}
			for _, l := range s.from {
				s.Advance(l, 16)
			}
			s.Advance(to, 128)
		})
		s.while(s.left, 1, func() {
			for i, l := range s.from {
				s.Get(to)
				s.Get(l)
				s.LoadFloat(0)
				s.StoreFloat(4 * i)
				s.Advance(l, 4)
			}
			s.Advance(to, 32)
		})
	})
}
