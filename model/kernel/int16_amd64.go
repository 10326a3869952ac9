//go:build goexperiment.simd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

func shorts(p unsafe.Pointer) archsimd.Int16x16 { return archsimd.LoadInt16x16Array((*[16]int16)(p)) }

func shortsWide(p unsafe.Pointer) archsimd.Int16x32 {
	return archsimd.LoadInt16x32Array((*[32]int16)(p))
}

// int16x1Of256 computes one row by 16 outputs.
func int16x1Of256(z *integers) {
	var s0, s1, t0, t1 ivec
	x, w, k := z.x, z.w, z.pairs
	for ; k >= 2; k -= 2 {
		v, u := pair(x), pair(unsafe.Add(x, 4))
		s0 = s0.Add(shorts(w).DotProductPairs(v))
		s1 = s1.Add(shorts(unsafe.Add(w, 32)).DotProductPairs(v))
		t0 = t0.Add(shorts(unsafe.Add(w, 64)).DotProductPairs(u))
		t1 = t1.Add(shorts(unsafe.Add(w, 96)).DotProductPairs(u))
		x, w = unsafe.Add(x, 8), unsafe.Add(w, 128)
	}
	if k > 0 {
		v := pair(x)
		s0 = s0.Add(shorts(w).DotProductPairs(v))
		s1 = s1.Add(shorts(unsafe.Add(w, 32)).DotProductPairs(v))
	}
	z.finish256(s0.Add(t0), s1.Add(t1), 0)
	leave()
}

// int16x4Of256 computes four rows by 16 outputs in the manner of micro256.
func int16x4Of256(z *integers) {
	var c00, c01, c10, c11, c20, c21, c30, c31 ivec
	var x, b0, b1 archsimd.Int16x16
	r0, w := z.x, z.w
	r1 := unsafe.Add(r0, z.stepX)
	r2 := unsafe.Add(r1, z.stepX)
	r3 := unsafe.Add(r2, z.stepX)
	for k := z.pairs; k > 0; k-- {
		b0 = shorts(w)
		b1 = shorts(unsafe.Add(w, 32))
		x = pair(r0)
		c00 = x.DotProductPairs(b0).Add(c00)
		c01 = x.DotProductPairs(b1).Add(c01)
		x = pair(r1)
		c10 = x.DotProductPairs(b0).Add(c10)
		c11 = x.DotProductPairs(b1).Add(c11)
		x = pair(r2)
		c20 = x.DotProductPairs(b0).Add(c20)
		c21 = x.DotProductPairs(b1).Add(c21)
		x = pair(r3)
		c30 = x.DotProductPairs(b0).Add(c30)
		c31 = x.DotProductPairs(b1).Add(c31)
		r0, r1, r2, r3, w = unsafe.Add(r0, 4), unsafe.Add(r1, 4), unsafe.Add(r2, 4), unsafe.Add(r3, 4), unsafe.Add(w, 64)
	}
	z.finish256(c00, c01, 0)
	z.finish256(c10, c11, 1)
	z.finish256(c20, c21, 2)
	z.finish256(c30, c31, 3)
	leave()
}

// int16x1Of512 computes one row by 32 outputs.
func int16x1Of512(z *integers) {
	var s0, s1, t0, t1 archsimd.Int32x16
	x, w, k := z.x, z.w, z.pairs
	for ; k >= 2; k -= 2 {
		v, u := pairWide(x), pairWide(unsafe.Add(x, 4))
		s0 = s0.Add(shortsWide(w).DotProductPairs(v))
		s1 = s1.Add(shortsWide(unsafe.Add(w, 64)).DotProductPairs(v))
		t0 = t0.Add(shortsWide(unsafe.Add(w, 128)).DotProductPairs(u))
		t1 = t1.Add(shortsWide(unsafe.Add(w, 192)).DotProductPairs(u))
		x, w = unsafe.Add(x, 8), unsafe.Add(w, 256)
	}
	if k > 0 {
		v := pairWide(x)
		s0 = s0.Add(shortsWide(w).DotProductPairs(v))
		s1 = s1.Add(shortsWide(unsafe.Add(w, 64)).DotProductPairs(v))
	}
	z.finish512(s0.Add(t0), s1.Add(t1), 0)
	leave()
}

// int16x4Of512 computes four rows by 32 outputs; nothing may spill, as in micro512.
func int16x4Of512(z *integers) {
	var c00, c01, c10, c11, c20, c21, c30, c31 archsimd.Int32x16
	var x, b0, b1 archsimd.Int16x32
	r0, w := z.x, z.w
	r1 := unsafe.Add(r0, z.stepX)
	r2 := unsafe.Add(r1, z.stepX)
	r3 := unsafe.Add(r2, z.stepX)
	for k := z.pairs; k > 0; k-- {
		b0 = shortsWide(w)
		b1 = shortsWide(unsafe.Add(w, 64))
		x = pairWide(r0)
		c00 = x.DotProductPairs(b0).Add(c00)
		c01 = x.DotProductPairs(b1).Add(c01)
		x = pairWide(r1)
		c10 = x.DotProductPairs(b0).Add(c10)
		c11 = x.DotProductPairs(b1).Add(c11)
		x = pairWide(r2)
		c20 = x.DotProductPairs(b0).Add(c20)
		c21 = x.DotProductPairs(b1).Add(c21)
		x = pairWide(r3)
		c30 = x.DotProductPairs(b0).Add(c30)
		c31 = x.DotProductPairs(b1).Add(c31)
		r0, r1, r2, r3, w = unsafe.Add(r0, 4), unsafe.Add(r1, 4), unsafe.Add(r2, 4), unsafe.Add(r3, 4), unsafe.Add(w, 128)
	}
	z.finish512(c00, c01, 0)
	z.finish512(c10, c11, 1)
	z.finish512(c20, c21, 2)
	z.finish512(c30, c31, 3)
	leave()
}

// finishHalf writes the sums of a row of 16 outputs.
func (z *integers) finishHalf(s archsimd.Int32x16, row uintptr) {
	y := unsafe.Add(z.y, row*z.stepY)
	a := s.ConvertToFloat32().Mul(archsimd.BroadcastFloat32x16(*(*float32)(unsafe.Add(z.scaleX, 4*row)))).Mul(loadWide(z.scaleW))
	if z.add {
		a = a.Add(loadWide(y))
	}
	storeWide(y, a)
}

// int16x1OfHalf computes one row by 16 outputs, with 512 bits.
func int16x1OfHalf(z *integers) {
	var s0, s1, s2, s3 archsimd.Int32x16
	x, w, k := z.x, z.w, z.pairs
	for ; k >= 4; k -= 4 {
		s0 = s0.Add(shortsWide(w).DotProductPairs(pairWide(x)))
		s1 = s1.Add(shortsWide(unsafe.Add(w, 64)).DotProductPairs(pairWide(unsafe.Add(x, 4))))
		s2 = s2.Add(shortsWide(unsafe.Add(w, 128)).DotProductPairs(pairWide(unsafe.Add(x, 8))))
		s3 = s3.Add(shortsWide(unsafe.Add(w, 192)).DotProductPairs(pairWide(unsafe.Add(x, 12))))
		x, w = unsafe.Add(x, 16), unsafe.Add(w, 256)
	}
	for ; k > 0; k-- {
		s0 = s0.Add(shortsWide(w).DotProductPairs(pairWide(x)))
		x, w = unsafe.Add(x, 4), unsafe.Add(w, 64)
	}
	z.finishHalf(s0.Add(s1).Add(s2.Add(s3)), 0)
	leave()
}

// int16x4OfHalf computes four rows by 16 outputs, with 512 bits.
func int16x4OfHalf(z *integers) {
	var c0, c1, c2, c3 archsimd.Int32x16
	r0, w := z.x, z.w
	r1 := unsafe.Add(r0, z.stepX)
	r2 := unsafe.Add(r1, z.stepX)
	r3 := unsafe.Add(r2, z.stepX)
	for k := z.pairs; k > 0; k-- {
		b := shortsWide(w)
		c0 = pairWide(r0).DotProductPairs(b).Add(c0)
		c1 = pairWide(r1).DotProductPairs(b).Add(c1)
		c2 = pairWide(r2).DotProductPairs(b).Add(c2)
		c3 = pairWide(r3).DotProductPairs(b).Add(c3)
		r0, r1, r2, r3, w = unsafe.Add(r0, 4), unsafe.Add(r1, 4), unsafe.Add(r2, 4), unsafe.Add(r3, 4), unsafe.Add(w, 64)
	}
	z.finishHalf(c0, 0)
	z.finishHalf(c1, 1)
	z.finishHalf(c2, 2)
	z.finishHalf(c3, 3)
	leave()
}
