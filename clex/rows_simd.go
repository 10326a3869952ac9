//go:build goexperiment.simd && wasm

package clex

import (
	"simd/archsimd"
	"unsafe"
)

// tile is how many columns of a product stay in registers: eight vectors of two.
const tile = 16

func pair(r *[tile]float64, i int) archsimd.Float64x2 {
	return archsimd.LoadFloat64x2Array((*[2]float64)(unsafe.Pointer(&r[i])))
}

func put(r *[tile]float64, i int, v archsimd.Float64x2) {
	v.StoreArray((*[2]float64)(unsafe.Pointer(&r[i])))
}

// addRows adds Σ_i x_i·m[i] to dst; m has len(x) rows of len(dst). Whole tiles of columns go down
// all rows with their sums in registers; other widths take the scalar way.
func addRows(dst, x, m []float64) {
	n := len(dst)
	if n%tile != 0 || len(x) == 0 {
		addRowsScalar(dst, x, m)
		return
	}
	// One check here is the proof for every row the loop below reaches.
	m = m[:n*len(x)]
	for j := 0; j < n; j += tile {
		d := (*[tile]float64)(dst[j:])
		s0, s1, s2, s3 := pair(d, 0), pair(d, 2), pair(d, 4), pair(d, 6)
		s4, s5, s6, s7 := pair(d, 8), pair(d, 10), pair(d, 12), pair(d, 14)
		p := unsafe.Pointer(&m[j])
		for i, v := range x {
			r := (*[tile]float64)(unsafe.Add(p, i*n*8))
			b := archsimd.BroadcastFloat64x2(v)
			s0 = s0.Add(b.Mul(pair(r, 0)))
			s1 = s1.Add(b.Mul(pair(r, 2)))
			s2 = s2.Add(b.Mul(pair(r, 4)))
			s3 = s3.Add(b.Mul(pair(r, 6)))
			s4 = s4.Add(b.Mul(pair(r, 8)))
			s5 = s5.Add(b.Mul(pair(r, 10)))
			s6 = s6.Add(b.Mul(pair(r, 12)))
			s7 = s7.Add(b.Mul(pair(r, 14)))
		}
		put(d, 0, s0)
		put(d, 2, s1)
		put(d, 4, s2)
		put(d, 6, s3)
		put(d, 8, s4)
		put(d, 10, s5)
		put(d, 12, s6)
		put(d, 14, s7)
	}
}
