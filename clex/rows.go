package clex

// The products below read every row of a matrix once, in order, and keep several rows' factors in
// registers, so that a sum is loaded and stored once for all of them.

// addRowsScalar adds Σ_i x_i·m[i] to dst; m has len(x) rows of len(dst).
func addRowsScalar(dst, x, m []float64) {
	n := len(dst)
	for len(x) >= 8 {
		x0, x1, x2, x3, x4, x5, x6, x7 := x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
		r0, r1, r2, r3 := m[:n], m[n:][:n], m[2*n:][:n], m[3*n:][:n]
		r4, r5, r6, r7 := m[4*n:][:n], m[5*n:][:n], m[6*n:][:n], m[7*n:][:n]
		for j := range dst {
			dst[j] += (x0*r0[j] + x1*r1[j] + x2*r2[j] + x3*r3[j]) + (x4*r4[j] + x5*r5[j] + x6*r6[j] + x7*r7[j])
		}
		x, m = x[8:], m[8*n:]
	}
	for _, v := range x {
		r := m[:n]
		for j := range dst {
			dst[j] += v * r[j]
		}
		m = m[n:]
	}
}

// rowDots writes m[i]·x into dst[i]; m has len(dst) rows of len(x).
func rowDots(dst, m, x []float64) {
	n := len(x)
	for len(dst) >= 4 {
		r0, r1, r2, r3 := m[:n], m[n:][:n], m[2*n:][:n], m[3*n:][:n]
		var s0, s1, s2, s3 float64
		for j, v := range x {
			s0 += v * r0[j]
			s1 += v * r1[j]
			s2 += v * r2[j]
			s3 += v * r3[j]
		}
		dst[0], dst[1], dst[2], dst[3] = s0, s1, s2, s3
		dst, m = dst[4:], m[4*n:]
	}
	for i := range dst {
		var s float64
		for j, v := range x {
			s += v * m[j]
		}
		dst[i] = s
		m = m[n:]
	}
}

// addOuter adds scale·aᵀb to m, which has len(a) rows of len(b).
func addOuter(m []float64, scale float64, a, b []float64) {
	n := len(b)
	for i, v := range a {
		v *= scale
		r := m[i*n:][:n]
		for j, w := range b {
			r[j] += v * w
		}
	}
}
