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
	most := peakBitsScalar(x[len(x)-n:])
	return max(most, peak.GetElem(0), peak.GetElem(1), peak.GetElem(2), peak.GetElem(3))
}

// firstHalves and nextHalves take the lower 16 bits of each lane to the front and to the back of a vector.
var (
	firstHalves = [16]int8{0, 1, 4, 5, 8, 9, 12, 13, -1, -1, -1, -1, -1, -1, -1, -1}
	nextHalves  = [16]int8{-1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 4, 5, 8, 9, 12, 13}
)

func roundVec(dst []int16, x []float32, inverse float32) {
	by, magic := splat(inverse), splat(roundMagic)
	first, next := archsimd.LoadInt8x16Array(&firstHalves), archsimd.LoadInt8x16Array(&nextHalves)
	n, p, to := len(dst), at(x), unsafe.Pointer(unsafe.SliceData(dst))
	for ; n >= 2*lanes; n -= 2 * lanes {
		a := load(p).Mul(by).Add(magic).ToBits().ReshapeToUint8s().BitsToInt8().LookupOrZero(first)
		b := load(unsafe.Add(p, 4*lanes)).Mul(by).Add(magic).ToBits().ReshapeToUint8s().BitsToInt8().LookupOrZero(next)
		a.Or(b).StoreArray((*[16]int8)(to))
		p, to = unsafe.Add(p, 8*lanes), unsafe.Add(to, 4*lanes)
	}
	roundScalar(dst[len(dst)-n:], x[len(x)-n:], inverse)
}

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
	z.finish128(s0, s1, s2, s3)
}

// finish128 writes the sums of a row, of both inputs of a pair apart.
func (z *integers) finish128(s0, s1, s2, s3 ivec) {
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
