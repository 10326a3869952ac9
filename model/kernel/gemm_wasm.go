//go:build goexperiment.simd

package kernel

import "unsafe"

var tiling128 = tiling{rows: 4, cols: 8, micro: micro128, int8x4: int8x4Of128, int8x1: int8x1Of128, int16x4: int16x4Of128, int16x1: int16x1Of128}

func currentTiling() tiling { return tiling128 }

// tilingOf is the tiling whose panels hold n columns with the least room left.
func tilingOf(int) tiling { return tiling128 }

// micro128 computes a 4×8 tile of C: 8 sums, 2 vectors of B and one of A fit the
// 16 vector registers that engines have on amd64. Steps are unrolled, as every turn of a loop
// that Go compiles to WebAssembly passes a jump table; A comes four rows at a
// time, as every address costs an addition and a truncation.
func micro128(k int, a, b, c unsafe.Pointer, ldc int, accumulate bool) {
	var c00, c01, c10, c11, c20, c21, c30, c31 vec
	var x, s, b0, b1 vec
	for ; k >= 4; k -= 4 {
		x = load(a)
		b0 = load(b)
		b1 = load(unsafe.Add(b, 16))
		s = splat(x.GetElem(0))
		c00 = s.MulAdd(b0, c00)
		c01 = s.MulAdd(b1, c01)
		s = splat(x.GetElem(1))
		c10 = s.MulAdd(b0, c10)
		c11 = s.MulAdd(b1, c11)
		s = splat(x.GetElem(2))
		c20 = s.MulAdd(b0, c20)
		c21 = s.MulAdd(b1, c21)
		s = splat(x.GetElem(3))
		c30 = s.MulAdd(b0, c30)
		c31 = s.MulAdd(b1, c31)
		x = load(unsafe.Add(a, 16))
		b0 = load(unsafe.Add(b, 32))
		b1 = load(unsafe.Add(b, 48))
		s = splat(x.GetElem(0))
		c00 = s.MulAdd(b0, c00)
		c01 = s.MulAdd(b1, c01)
		s = splat(x.GetElem(1))
		c10 = s.MulAdd(b0, c10)
		c11 = s.MulAdd(b1, c11)
		s = splat(x.GetElem(2))
		c20 = s.MulAdd(b0, c20)
		c21 = s.MulAdd(b1, c21)
		s = splat(x.GetElem(3))
		c30 = s.MulAdd(b0, c30)
		c31 = s.MulAdd(b1, c31)
		x = load(unsafe.Add(a, 32))
		b0 = load(unsafe.Add(b, 64))
		b1 = load(unsafe.Add(b, 80))
		s = splat(x.GetElem(0))
		c00 = s.MulAdd(b0, c00)
		c01 = s.MulAdd(b1, c01)
		s = splat(x.GetElem(1))
		c10 = s.MulAdd(b0, c10)
		c11 = s.MulAdd(b1, c11)
		s = splat(x.GetElem(2))
		c20 = s.MulAdd(b0, c20)
		c21 = s.MulAdd(b1, c21)
		s = splat(x.GetElem(3))
		c30 = s.MulAdd(b0, c30)
		c31 = s.MulAdd(b1, c31)
		x = load(unsafe.Add(a, 48))
		b0 = load(unsafe.Add(b, 96))
		b1 = load(unsafe.Add(b, 112))
		s = splat(x.GetElem(0))
		c00 = s.MulAdd(b0, c00)
		c01 = s.MulAdd(b1, c01)
		s = splat(x.GetElem(1))
		c10 = s.MulAdd(b0, c10)
		c11 = s.MulAdd(b1, c11)
		s = splat(x.GetElem(2))
		c20 = s.MulAdd(b0, c20)
		c21 = s.MulAdd(b1, c21)
		s = splat(x.GetElem(3))
		c30 = s.MulAdd(b0, c30)
		c31 = s.MulAdd(b1, c31)
		a, b = unsafe.Add(a, 64), unsafe.Add(b, 128)
	}
	for ; k > 0; k-- {
		x = load(a)
		b0 = load(b)
		b1 = load(unsafe.Add(b, 16))
		s = splat(x.GetElem(0))
		c00 = s.MulAdd(b0, c00)
		c01 = s.MulAdd(b1, c01)
		s = splat(x.GetElem(1))
		c10 = s.MulAdd(b0, c10)
		c11 = s.MulAdd(b1, c11)
		s = splat(x.GetElem(2))
		c20 = s.MulAdd(b0, c20)
		c21 = s.MulAdd(b1, c21)
		s = splat(x.GetElem(3))
		c30 = s.MulAdd(b0, c30)
		c31 = s.MulAdd(b1, c31)
		a, b = unsafe.Add(a, 16), unsafe.Add(b, 32)
	}
	step := uintptr(ldc) * 4
	if accumulate {
		p := c
		c00 = c00.Add(load(p))
		c01 = c01.Add(load(unsafe.Add(p, 16)))
		p = unsafe.Add(p, step)
		c10 = c10.Add(load(p))
		c11 = c11.Add(load(unsafe.Add(p, 16)))
		p = unsafe.Add(p, step)
		c20 = c20.Add(load(p))
		c21 = c21.Add(load(unsafe.Add(p, 16)))
		p = unsafe.Add(p, step)
		c30 = c30.Add(load(p))
		c31 = c31.Add(load(unsafe.Add(p, 16)))
	}
	store(c, c00)
	store(unsafe.Add(c, 16), c01)
	c = unsafe.Add(c, step)
	store(c, c10)
	store(unsafe.Add(c, 16), c11)
	c = unsafe.Add(c, step)
	store(c, c20)
	store(unsafe.Add(c, 16), c21)
	c = unsafe.Add(c, step)
	store(c, c30)
	store(unsafe.Add(c, 16), c31)
}
