//go:build goexperiment.simd

package kernel

import "clexlab/model/kernel/wasmcode"

// variable is one of a function of the module.
type variable = wasmcode.Local

// program is a function of the kernel module while it is written. Its arguments lie in command, whose
// address the module imports.
type program struct {
	*wasmcode.Function
	pointers, sizes int // arguments taken
	// none is 0 and never set.
	none variable
}

// moduleBytes is the module of all kernels. Their products and sums are those of the kernels in Go, in the
// same order and never fused, so that both give the same bits, in every browser.
func moduleBytes() []byte {
	var m wasmcode.Module
	write := func(name string) *program {
		f := m.Function(name)
		return &program{Function: f, none: f.Int()}
	}
	write("matrix").matrix()
	write("vector").vector()
	write("int8s").int8s()
	write("gemm").gemm()
	write("attention").attention()
	return m.Bytes()
}

// pointer is the next address among the arguments, size the next number.
func (p *program) pointer() variable {
	p.pointers++
	return p.argument(pointersAt + 8*(p.pointers-1))
}

func (p *program) size() variable {
	p.sizes++
	return p.argument(sizesAt + 4*(p.sizes-1))
}

func (p *program) argument(offset int) variable {
	l := p.Int()
	p.Base()
	p.LoadInt(offset)
	p.Set(l)
	return l
}

func declare(n int, f func() variable) []variable {
	v := make([]variable, n)
	for i := range v {
		v[i] = f()
	}
	return v
}

// mulAdd adds the product of two vectors to sum.
func (p *program) mulAdd(sum, x, y variable) {
	p.Get(sum)
	p.Get(x)
	p.Get(y)
	p.V(wasmcode.VMul, wasmcode.VAdd)
	p.Set(sum)
}

// while does body as long as n is at least least, which is taken from n each time.
func (p *program) while(n variable, least int, body func()) {
	enough := func() {
		p.Get(n)
		p.Const(least)
		p.Op(wasmcode.GreaterEqual)
	}
	enough()
	p.If(func() {
		p.Loop(func() {
			body()
			p.Advance(n, -least)
			enough()
		})
	})
}

// multiple sets to = n·2^shift.
func (p *program) multiple(to, n variable, shift int) {
	p.Get(n)
	p.Const(shift)
	p.Op(wasmcode.Shl)
	p.Set(to)
}

// sum sets to = a + b, and difference to = a - b.
func (p *program) sum(to, a, b variable) { p.integers(to, a, b, wasmcode.Add) }

func (p *program) difference(to, a, b variable) { p.integers(to, a, b, wasmcode.Sub) }

func (p *program) integers(to, a, b variable, op byte) {
	p.Get(a)
	p.Get(b)
	p.Op(op)
	p.Set(to)
}

// atMost lowers a to b, atLeast raises it.
func (p *program) atMost(a, b variable) { p.choose(a, b, wasmcode.Less) }

func (p *program) atLeast(a, b variable) { p.choose(a, b, wasmcode.Greater) }

// choose leaves a where it compares to b as op says, else sets it to b.
func (p *program) choose(a, b variable, op byte) {
	p.Get(a)
	p.Get(b)
	p.Get(a)
	p.Get(b)
	p.Op(op, wasmcode.Select)
	p.Set(a)
}

func (p *program) zero(v []variable) {
	for _, l := range v {
		p.Floats(0)
		p.Set(l)
	}
}

// finish stores sums from address c on, added to what is there if add is not 0.
func (p *program) finish(sums []variable, c, add variable) {
	p.Get(add)
	p.If(func() {
		for i, s := range sums {
			p.Get(s)
			p.Get(c)
			p.Load(16 * i)
			p.V(wasmcode.VAdd)
			p.Set(s)
		}
	})
	for i, s := range sums {
		p.Get(c)
		p.Get(s)
		p.Store(16 * i)
	}
}
