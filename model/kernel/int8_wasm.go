//go:build goexperiment.simd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

func peakBitsVec(x []float32) int32 { return peakBitsScalar(x) }

func roundVec(dst []int16, x []float32, inverse float32) { roundScalar(dst, x, inverse) }

// int8x1Of128 computes one row by 8 outputs. Go does not know the instruction that multiplies pairs and adds them,
// so the products of both inputs of a pair are summed apart.
func int8x1Of128(z *integers) {
	var s0, s1, s2, s3 ivec
	x, w := z.x, z.w
	for k := z.pairs; k > 0; k-- {
		v := archsimd.BroadcastInt32x4(*(*int32)(x)).ToBits().ReshapeToUint16s().BitsToInt16()
		b := archsimd.LoadInt8x16Array((*[16]int8)(w))
		low, high := b.ExtendLo8ToInt16(), b.ExtendHi8ToInt16()
		s0, s1 = s0.Add(v.MulWidenLo(low)), s1.Add(v.MulWidenHi(low))
		s2, s3 = s2.Add(v.MulWidenLo(high)), s3.Add(v.MulWidenHi(high))
		x, w = unsafe.Add(x, 4), unsafe.Add(w, 16)
	}
	var apart [16]int32
	for i, s := range [4]ivec{s0, s1, s2, s3} {
		s.StoreArray((*[4]int32)(apart[4*i:]))
	}
	y, scale := (*[8]float32)(z.y), (*[8]float32)(z.scaleW)
	for r := range y {
		v := float32(float32(float32(apart[2*r]+apart[2*r+1])**(*float32)(z.scaleX)) * scale[r])
		if z.add {
			v += y[r]
		}
		y[r] = v
	}
}

func int8x4Of128(z *integers) { fourRows(z, int8x1Of128) }
