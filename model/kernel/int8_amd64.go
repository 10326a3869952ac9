//go:build goexperiment.simd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

func peakBitsVec(x []float32) int32 {
	n, p := len(x), at(x)
	mask, peak := isplat(0x7fffffff), isplat(0)
	for ; n >= lanes; n -= lanes {
		peak = peak.Max(asInt(load(p)).And(mask))
		p = unsafe.Add(p, 4*lanes)
	}
	var each [lanes]int32
	peak.StoreArray(&each)
	leave()
	most := peakBitsScalar(x[len(x)-n:])
	for _, v := range each {
		most = max(most, v)
	}
	return most
}

func roundVec(dst []int16, x []float32, inverse float32) {
	by, magic := splat(inverse), splat(roundMagic)
	i := 0
	for ; i+lanes <= len(x); i += lanes {
		v := asInt(load(floatsAt(x, i)).Mul(by).Add(magic)).ShiftAllLeft(16).ShiftAllRight(16)
		v.GetLo().SaturateToInt16Concat(v.GetHi()).StoreArray((*[lanes]int16)(dst[i:]))
	}
	leave()
	roundScalar(dst[i:], x[i:], inverse)
}

// pair is two int16 in every lane.
func pair(p unsafe.Pointer) archsimd.Int16x16 {
	return archsimd.BroadcastInt32x8(*(*int32)(p)).ToBits().ReshapeToUint16s().BitsToInt16()
}

func pairWide(p unsafe.Pointer) archsimd.Int16x32 {
	return archsimd.BroadcastInt32x16(*(*int32)(p)).ToBits().ReshapeToUint16s().BitsToInt16()
}

func int8s(p unsafe.Pointer) archsimd.Int16x16 {
	return archsimd.LoadInt8x16Array((*[16]int8)(p)).ExtendToInt16()
}

func int8sWide(p unsafe.Pointer) archsimd.Int16x32 {
	return archsimd.LoadInt8x32Array((*[32]int8)(p)).ExtendToInt16()
}

// int8x1Of256 computes one row by 16 outputs.
func int8x1Of256(z *integers) {
	var s0, s1, t0, t1 ivec
	x, w, k := z.x, z.w, z.pairs
	for ; k >= 2; k -= 2 {
		v, u := pair(x), pair(unsafe.Add(x, 4))
		s0 = s0.Add(int8s(w).DotProductPairs(v))
		s1 = s1.Add(int8s(unsafe.Add(w, 16)).DotProductPairs(v))
		t0 = t0.Add(int8s(unsafe.Add(w, 32)).DotProductPairs(u))
		t1 = t1.Add(int8s(unsafe.Add(w, 48)).DotProductPairs(u))
		x, w = unsafe.Add(x, 8), unsafe.Add(w, 64)
	}
	if k > 0 {
		v := pair(x)
		s0 = s0.Add(int8s(w).DotProductPairs(v))
		s1 = s1.Add(int8s(unsafe.Add(w, 16)).DotProductPairs(v))
	}
	z.finish256(s0.Add(t0), s1.Add(t1), 0)
	leave()
}

// finish256 writes the sums of a row.
func (z *integers) finish256(s0, s1 ivec, row uintptr) {
	by := splat(*(*float32)(unsafe.Add(z.scaleX, 4*row)))
	y := unsafe.Add(z.y, row*z.stepY)
	a := s0.ConvertToFloat32().Mul(by).Mul(load(z.scaleW))
	b := s1.ConvertToFloat32().Mul(by).Mul(load(unsafe.Add(z.scaleW, 32)))
	if z.add {
		a, b = a.Add(load(y)), b.Add(load(unsafe.Add(y, 32)))
	}
	store(y, a)
	store(unsafe.Add(y, 32), b)
}

// int8x4Of256 computes four rows by 16 outputs in the manner of micro256.
func int8x4Of256(z *integers) {
	var c00, c01, c10, c11, c20, c21, c30, c31 ivec
	var x, b0, b1 archsimd.Int16x16
	r0, w := z.x, z.w
	r1 := unsafe.Add(r0, z.stepX)
	r2 := unsafe.Add(r1, z.stepX)
	r3 := unsafe.Add(r2, z.stepX)
	for k := z.pairs; k > 0; k-- {
		b0 = int8s(w)
		b1 = int8s(unsafe.Add(w, 16))
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
		r0, r1, r2, r3, w = unsafe.Add(r0, 4), unsafe.Add(r1, 4), unsafe.Add(r2, 4), unsafe.Add(r3, 4), unsafe.Add(w, 32)
	}
	z.finish256(c00, c01, 0)
	z.finish256(c10, c11, 1)
	z.finish256(c20, c21, 2)
	z.finish256(c30, c31, 3)
	leave()
}

// int8x1Of512 computes one row by 32 outputs.
func int8x1Of512(z *integers) {
	var s0, s1, t0, t1 archsimd.Int32x16
	x, w, k := z.x, z.w, z.pairs
	for ; k >= 2; k -= 2 {
		v, u := pairWide(x), pairWide(unsafe.Add(x, 4))
		s0 = s0.Add(int8sWide(w).DotProductPairs(v))
		s1 = s1.Add(int8sWide(unsafe.Add(w, 32)).DotProductPairs(v))
		t0 = t0.Add(int8sWide(unsafe.Add(w, 64)).DotProductPairs(u))
		t1 = t1.Add(int8sWide(unsafe.Add(w, 96)).DotProductPairs(u))
		x, w = unsafe.Add(x, 8), unsafe.Add(w, 128)
	}
	if k > 0 {
		v := pairWide(x)
		s0 = s0.Add(int8sWide(w).DotProductPairs(v))
		s1 = s1.Add(int8sWide(unsafe.Add(w, 32)).DotProductPairs(v))
	}
	z.finish512(s0.Add(t0), s1.Add(t1), 0)
	leave()
}

func (z *integers) finish512(s0, s1 archsimd.Int32x16, row uintptr) {
	by := archsimd.BroadcastFloat32x16(*(*float32)(unsafe.Add(z.scaleX, 4*row)))
	y := unsafe.Add(z.y, row*z.stepY)
	a := s0.ConvertToFloat32().Mul(by).Mul(loadWide(z.scaleW))
	b := s1.ConvertToFloat32().Mul(by).Mul(loadWide(unsafe.Add(z.scaleW, 64)))
	if z.add {
		a, b = a.Add(loadWide(y)), b.Add(loadWide(unsafe.Add(y, 64)))
	}
	storeWide(y, a)
	storeWide(unsafe.Add(y, 64), b)
}

// int8x4Of512 computes four rows by 32 outputs; nothing may spill, as in micro512.
func int8x4Of512(z *integers) {
	var c00, c01, c10, c11, c20, c21, c30, c31 archsimd.Int32x16
	var x, b0, b1 archsimd.Int16x32
	r0, w := z.x, z.w
	r1 := unsafe.Add(r0, z.stepX)
	r2 := unsafe.Add(r1, z.stepX)
	r3 := unsafe.Add(r2, z.stepX)
	for k := z.pairs; k > 0; k-- {
		b0 = int8sWide(w)
		b1 = int8sWide(unsafe.Add(w, 32))
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
		r0, r1, r2, r3, w = unsafe.Add(r0, 4), unsafe.Add(r1, 4), unsafe.Add(r2, 4), unsafe.Add(r3, 4), unsafe.Add(w, 64)
	}
	z.finish512(c00, c01, 0)
	z.finish512(c10, c11, 1)
	z.finish512(c20, c21, 2)
	z.finish512(c30, c31, 3)
	leave()
}
