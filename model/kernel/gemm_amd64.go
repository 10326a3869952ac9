//go:build goexperiment.simd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

var (
	tiling512 = tiling{rows: 4, cols: 32, micro: micro512, int8x4: int8x4Of512, int8x1: int8x1Of512, int16x4: int16x4Of512, int16x1: int16x1Of512}
	// tilingHalf is for int16 alone.
	tilingHalf = tiling{rows: 4, cols: 16, int16x4: int16x4OfHalf, int16x1: int16x1OfHalf}
	tiling256  = tiling{rows: 4, cols: 16, micro: micro256, int8x4: int8x4Of256, int8x1: int8x1Of256, int16x4: int16x4Of256, int16x1: int16x1Of256}
)

func currentTiling() tiling {
	switch {
	case wide:
		return tiling512
	case vectorised:
		return tiling256
	}
	return scalarTiling
}

// tilingOf is the tiling whose panels hold n columns with the least room left.
func tilingOf(n int) tiling {
	t := currentTiling()
	if t.cols == 32 && roundUp(n, 16) < roundUp(n, 32) {
		return tilingHalf
	}
	return t
}

func loadWide(p unsafe.Pointer) archsimd.Float32x16 {
	return archsimd.LoadFloat32x16Array((*[16]float32)(p))
}

func storeWide(p unsafe.Pointer, v archsimd.Float32x16) { v.StoreArray((*[16]float32)(p)) }

// micro256 computes a 4×16 tile of C: 8 sums, 2 vectors of B, 4 splats of A and
// one copy fill the 15 registers that Go leaves (a product takes the register of its
// first factor, so a splat that serves twice is copied). The compiler moves every load to the
// start of its block, ahead of the products: two steps in one block would spill, so a
// branch that is never taken parts them. Two steps halve the moves with which a turn of the loop ends.
func micro256(k int, a, b, c unsafe.Pointer, ldc int, accumulate bool) {
	var c00, c01, c10, c11, c20, c21, c30, c31 vec
	var x, b0, b1 vec
	for ; k >= 2; k -= 2 {
		b0 = load(b)
		b1 = load(unsafe.Add(b, 32))
		x = splat(*(*float32)(a))
		c00 = x.MulAdd(b0, c00)
		c01 = x.MulAdd(b1, c01)
		x = splat(*(*float32)(unsafe.Add(a, 4)))
		c10 = x.MulAdd(b0, c10)
		c11 = x.MulAdd(b1, c11)
		x = splat(*(*float32)(unsafe.Add(a, 8)))
		c20 = x.MulAdd(b0, c20)
		c21 = x.MulAdd(b1, c21)
		x = splat(*(*float32)(unsafe.Add(a, 12)))
		c30 = x.MulAdd(b0, c30)
		c31 = x.MulAdd(b1, c31)
		if uintptr(a) == 1 { // never: ends the block
			return
		}
		b0 = load(unsafe.Add(b, 64))
		b1 = load(unsafe.Add(b, 96))
		x = splat(*(*float32)(unsafe.Add(a, 16)))
		c00 = x.MulAdd(b0, c00)
		c01 = x.MulAdd(b1, c01)
		x = splat(*(*float32)(unsafe.Add(a, 20)))
		c10 = x.MulAdd(b0, c10)
		c11 = x.MulAdd(b1, c11)
		x = splat(*(*float32)(unsafe.Add(a, 24)))
		c20 = x.MulAdd(b0, c20)
		c21 = x.MulAdd(b1, c21)
		x = splat(*(*float32)(unsafe.Add(a, 28)))
		c30 = x.MulAdd(b0, c30)
		c31 = x.MulAdd(b1, c31)
		a, b = unsafe.Add(a, 32), unsafe.Add(b, 128)
	}
	for ; k > 0; k-- {
		b0 = load(b)
		b1 = load(unsafe.Add(b, 32))
		x = splat(*(*float32)(a))
		c00 = x.MulAdd(b0, c00)
		c01 = x.MulAdd(b1, c01)
		x = splat(*(*float32)(unsafe.Add(a, 4)))
		c10 = x.MulAdd(b0, c10)
		c11 = x.MulAdd(b1, c11)
		x = splat(*(*float32)(unsafe.Add(a, 8)))
		c20 = x.MulAdd(b0, c20)
		c21 = x.MulAdd(b1, c21)
		x = splat(*(*float32)(unsafe.Add(a, 12)))
		c30 = x.MulAdd(b0, c30)
		c31 = x.MulAdd(b1, c31)
		a, b = unsafe.Add(a, 16), unsafe.Add(b, 64)
	}
	step := uintptr(ldc) * 4
	if accumulate {
		p := c
		c00 = c00.Add(load(p))
		c01 = c01.Add(load(unsafe.Add(p, 32)))
		p = unsafe.Add(p, step)
		c10 = c10.Add(load(p))
		c11 = c11.Add(load(unsafe.Add(p, 32)))
		p = unsafe.Add(p, step)
		c20 = c20.Add(load(p))
		c21 = c21.Add(load(unsafe.Add(p, 32)))
		p = unsafe.Add(p, step)
		c30 = c30.Add(load(p))
		c31 = c31.Add(load(unsafe.Add(p, 32)))
	}
	store(c, c00)
	store(unsafe.Add(c, 32), c01)
	c = unsafe.Add(c, step)
	store(c, c10)
	store(unsafe.Add(c, 32), c11)
	c = unsafe.Add(c, step)
	store(c, c20)
	store(unsafe.Add(c, 32), c21)
	c = unsafe.Add(c, step)
	store(c, c30)
	store(unsafe.Add(c, 32), c31)
	leave()
}

// micro512 computes a 4×32 tile of C in the manner of micro256. Nothing may spill here:
// Go's stack is not aligned to 64 bytes, and a vector that was stored across two
// cache lines is read back so late that products took 2.6 times as long.
func micro512(k int, a, b, c unsafe.Pointer, ldc int, accumulate bool) {
	var c00, c01, c10, c11, c20, c21, c30, c31 archsimd.Float32x16
	var x, b0, b1 archsimd.Float32x16
	for ; k >= 2; k -= 2 {
		b0 = loadWide(b)
		b1 = loadWide(unsafe.Add(b, 64))
		x = archsimd.BroadcastFloat32x16(*(*float32)(a))
		c00 = x.MulAdd(b0, c00)
		c01 = x.MulAdd(b1, c01)
		x = archsimd.BroadcastFloat32x16(*(*float32)(unsafe.Add(a, 4)))
		c10 = x.MulAdd(b0, c10)
		c11 = x.MulAdd(b1, c11)
		x = archsimd.BroadcastFloat32x16(*(*float32)(unsafe.Add(a, 8)))
		c20 = x.MulAdd(b0, c20)
		c21 = x.MulAdd(b1, c21)
		x = archsimd.BroadcastFloat32x16(*(*float32)(unsafe.Add(a, 12)))
		c30 = x.MulAdd(b0, c30)
		c31 = x.MulAdd(b1, c31)
		if uintptr(a) == 1 { // never: ends the block
			return
		}
		b0 = loadWide(unsafe.Add(b, 128))
		b1 = loadWide(unsafe.Add(b, 192))
		x = archsimd.BroadcastFloat32x16(*(*float32)(unsafe.Add(a, 16)))
		c00 = x.MulAdd(b0, c00)
		c01 = x.MulAdd(b1, c01)
		x = archsimd.BroadcastFloat32x16(*(*float32)(unsafe.Add(a, 20)))
		c10 = x.MulAdd(b0, c10)
		c11 = x.MulAdd(b1, c11)
		x = archsimd.BroadcastFloat32x16(*(*float32)(unsafe.Add(a, 24)))
		c20 = x.MulAdd(b0, c20)
		c21 = x.MulAdd(b1, c21)
		x = archsimd.BroadcastFloat32x16(*(*float32)(unsafe.Add(a, 28)))
		c30 = x.MulAdd(b0, c30)
		c31 = x.MulAdd(b1, c31)
		a, b = unsafe.Add(a, 32), unsafe.Add(b, 256)
	}
	for ; k > 0; k-- {
		b0 = loadWide(b)
		b1 = loadWide(unsafe.Add(b, 64))
		x = archsimd.BroadcastFloat32x16(*(*float32)(a))
		c00 = x.MulAdd(b0, c00)
		c01 = x.MulAdd(b1, c01)
		x = archsimd.BroadcastFloat32x16(*(*float32)(unsafe.Add(a, 4)))
		c10 = x.MulAdd(b0, c10)
		c11 = x.MulAdd(b1, c11)
		x = archsimd.BroadcastFloat32x16(*(*float32)(unsafe.Add(a, 8)))
		c20 = x.MulAdd(b0, c20)
		c21 = x.MulAdd(b1, c21)
		x = archsimd.BroadcastFloat32x16(*(*float32)(unsafe.Add(a, 12)))
		c30 = x.MulAdd(b0, c30)
		c31 = x.MulAdd(b1, c31)
		a, b = unsafe.Add(a, 16), unsafe.Add(b, 128)
	}
	step := uintptr(ldc) * 4
	if accumulate {
		p := c
		c00 = c00.Add(loadWide(p))
		c01 = c01.Add(loadWide(unsafe.Add(p, 64)))
		p = unsafe.Add(p, step)
		c10 = c10.Add(loadWide(p))
		c11 = c11.Add(loadWide(unsafe.Add(p, 64)))
		p = unsafe.Add(p, step)
		c20 = c20.Add(loadWide(p))
		c21 = c21.Add(loadWide(unsafe.Add(p, 64)))
		p = unsafe.Add(p, step)
		c30 = c30.Add(loadWide(p))
		c31 = c31.Add(loadWide(unsafe.Add(p, 64)))
	}
	storeWide(c, c00)
	storeWide(unsafe.Add(c, 64), c01)
	c = unsafe.Add(c, step)
	storeWide(c, c10)
	storeWide(unsafe.Add(c, 64), c11)
	c = unsafe.Add(c, step)
	storeWide(c, c20)
	storeWide(unsafe.Add(c, 64), c21)
	c = unsafe.Add(c, step)
	storeWide(c, c30)
	storeWide(unsafe.Add(c, 64), c31)
	leave()
}
