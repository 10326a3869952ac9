package kernel

import "unsafe"

const scalarCols = 4

var scalarTiling = tiling{rows: 4, cols: scalarCols, micro: micro4x4Scalar, int8x4: int8x4Scalar, int8x1: int8x1Scalar, int16x4: int16x4Scalar, int16x1: int16x1Scalar}

// micro4x4Scalar is the register tile in plain Go.
func micro4x4Scalar(k int, pa, pb, pc unsafe.Pointer, ldc int, accumulate bool) {
	var c00, c01, c02, c03, c10, c11, c12, c13, c20, c21, c22, c23, c30, c31, c32, c33 float32
	a, b := unsafe.Slice((*float32)(pa), 4*k), unsafe.Slice((*float32)(pb), 4*k)
	for len(a) >= 4 && len(b) >= 4 {
		b0, b1, b2, b3 := b[0], b[1], b[2], b[3]
		x := a[0]
		c00 += x * b0
		c01 += x * b1
		c02 += x * b2
		c03 += x * b3
		x = a[1]
		c10 += x * b0
		c11 += x * b1
		c12 += x * b2
		c13 += x * b3
		x = a[2]
		c20 += x * b0
		c21 += x * b1
		c22 += x * b2
		c23 += x * b3
		x = a[3]
		c30 += x * b0
		c31 += x * b1
		c32 += x * b2
		c33 += x * b3
		a, b = a[4:], b[4:]
	}
	out := [4][4]float32{{c00, c01, c02, c03}, {c10, c11, c12, c13}, {c20, c21, c22, c23}, {c30, c31, c32, c33}}
	c := unsafe.Slice((*float32)(pc), 3*ldc+4)
	for i := range out {
		row := c[i*ldc:][:4]
		for j, v := range out[i] {
			if accumulate {
				v += row[j]
			}
			row[j] = v
		}
	}
}
