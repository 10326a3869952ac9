//go:build goexperiment.simd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

// int16x1Of128 computes one row by 8 outputs, as int8x1Of128 does.
func int16x1Of128(z *integers) {
	var s0, s1, s2, s3 ivec
	x, w := z.x, z.w
	for k := z.pairs; k > 0; k-- {
		v := archsimd.BroadcastInt32x4(*(*int32)(x)).ToBits().ReshapeToUint16s().BitsToInt16()
		low, high := archsimd.LoadInt16x8Array((*[8]int16)(w)), archsimd.LoadInt16x8Array((*[8]int16)(unsafe.Add(w, 16)))
		s0, s1 = s0.Add(v.MulWidenLo(low)), s1.Add(v.MulWidenHi(low))
		s2, s3 = s2.Add(v.MulWidenLo(high)), s3.Add(v.MulWidenHi(high))
		x, w = unsafe.Add(x, 4), unsafe.Add(w, 32)
	}
	z.finish128(s0, s1, s2, s3)
}

func int16x4Of128(z *integers) { fourRows(z, int16x1Of128) }
