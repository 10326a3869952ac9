//go:build goexperiment.simd

package kernel

// tile computes rows×columns of a product: 4 rows by 2 vectors, or 1 by up to 8. The sums stay in
// registers; the left factor is read as it lies in memory, a value at a time.
type tile struct {
	*program
	a, sums, b          []variable
	splat               variable
	at, left, out, from variable
}

func (p *program) newTile() *tile {
	return &tile{program: p, a: declare(4, p.Int), sums: declare(8, p.Vector), b: declare(2, p.Vector),
		splat: p.Vector(), at: p.Int(), left: p.Int(), out: p.Int(), from: p.Int()}
}

// stride is a distance in bytes, fixed when the module is written or in a variable.
type stride struct {
	bytes int
	of    variable
}

// product is what a tile computes: c = a·b or, if add is not 0, c += a·b. a has rows at distance lda and
// k values in each at distance aStep, b has k rows at distance bStep, c rows at distance ldc.
type product struct {
	k, a, b, c, add variable
	lda, bStep, ldc stride
	aStep           int
}

// compute writes a tile of rows and of vectors columns.
func (t *tile) compute(rows, vectors int, z product) {
	sums := t.sums[:rows*vectors]
	t.Copy(t.a[0], z.a)
	for r := 1; r < rows; r++ {
		t.Copy(t.a[r], t.a[r-1])
		t.move(t.a[r], z.lda)
	}
	t.Copy(t.at, z.b)
	t.Copy(t.left, z.k)
	t.zero(sums)
	steps := func(n int) {
		t.while(t.left, n, func() {
			for i := range n {
				offset := i * z.bStep.bytes
				t.step(rows, vectors, i*z.aStep, offset)
				if z.bStep.bytes == 0 {
					t.move(t.at, z.bStep)
				}
			}
			for _, a := range t.a[:rows] {
				t.Advance(a, n*z.aStep)
			}
			if z.bStep.bytes != 0 {
				t.Advance(t.at, n*z.bStep.bytes)
			}
		})
	}
	steps(4)
	steps(1)
	t.Copy(t.out, z.c)
	for r := range rows {
		t.finish(sums[r*vectors:][:vectors], t.out, z.add)
		if r < rows-1 {
			t.move(t.out, z.ldc)
		}
	}
}

func (p *program) move(l variable, by stride) {
	if by.bytes != 0 {
		p.Advance(l, by.bytes)
	} else {
		p.AdvanceBy(l, by.of)
	}
}

// step is one value of each row of a times a row of b.
func (t *tile) step(rows, vectors, aOffset, bOffset int) {
	if rows == 1 {
		t.Get(t.a[0])
		t.LoadSplat(aOffset)
		t.Set(t.splat)
		for i := range vectors {
			t.Get(t.at)
			t.Load(bOffset + 16*i)
			t.Set(t.b[i%2])
			t.mulAdd(t.sums[i], t.splat, t.b[i%2])
		}
		return
	}
	for i := range vectors {
		t.Get(t.at)
		t.Load(bOffset + 16*i)
		t.Set(t.b[i])
	}
	for r := range rows {
		t.Get(t.a[r])
		t.LoadSplat(aOffset)
		t.Set(t.splat)
		for i := range vectors {
			t.mulAdd(t.sums[r*vectors+i], t.splat, t.b[i])
		}
	}
}
