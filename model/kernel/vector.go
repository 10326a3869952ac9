package kernel

import "math"

// Dot is Σ x[i]·y[i] over len(x) elements.
func Dot(x, y []float32) float32 {
	y = y[:len(x)]
	if vectorised {
		return dotVec(x, y)
	}
	return DotScalar(x, y)
}

// SumSquares is Σ x[i]².
func SumSquares(x []float32) float32 { return Dot(x, x) }

// Scale multiplies x by a in place.
func Scale(a float32, x []float32) {
	if vectorised {
		scaleVec(a, x)
		return
	}
	ScaleScalar(a, x)
}

// Add writes x + y to dst, all of len(dst); dst may be x or y.
func Add(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	if vectorised {
		addVec(dst, x, y)
		return
	}
	AddScalar(dst, x, y)
}

// Mul writes the elementwise product x·y to dst, all of len(dst); dst may be x or y.
func Mul(dst, x, y []float32) {
	x, y = x[:len(dst)], y[:len(dst)]
	if vectorised {
		mulVec(dst, x, y)
		return
	}
	MulScalar(dst, x, y)
}

// Max is the largest element of x, -Inf for none. NaN elements may be passed over.
func Max(x []float32) float32 {
	if vectorised {
		return maxVec(x)
	}
	return MaxScalar(x)
}

// MaxWith makes each element of dst the larger of it and x's, both of len(dst). NaN elements may be passed over.
func MaxWith(dst, x []float32) {
	x = x[:len(dst)]
	if vectorised {
		maxWithVec(dst, x)
		return
	}
	MaxWithScalar(dst, x)
}

// SumFrom is the sum of x's elements that are at least so large, none of them negative.
func SumFrom(x []float32, least float32) float64 {
	// A piece at a time, so that a long sum keeps its last digits.
	var s float64
	for len(x) > 0 {
		n := min(len(x), 4096)
		if vectorised {
			s += float64(sumFromVec(x[:n], least))
		} else {
			s += SumFromScalar(x[:n], least)
		}
		x = x[n:]
	}
	return s
}

// DotScalar is the reference of Dot.
func DotScalar(x, y []float32) float32 {
	// Four sums, as one alone would wait for every addition.
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(x); i += 4 {
		p, q := x[i:i+4:i+4], y[i:i+4:i+4]
		s0 += p[0] * q[0]
		s1 += p[1] * q[1]
		s2 += p[2] * q[2]
		s3 += p[3] * q[3]
	}
	for ; i < len(x); i++ {
		s0 += x[i] * y[i]
	}
	return (s0 + s2) + (s1 + s3)
}

// ScaleScalar is the reference of Scale.
func ScaleScalar(a float32, x []float32) {
	for i := range x {
		x[i] *= a
	}
}

// AddScalar is the reference of Add.
func AddScalar(dst, x, y []float32) {
	for i := range dst {
		dst[i] = x[i] + y[i]
	}
}

// MulScalar is the reference of Mul.
func MulScalar(dst, x, y []float32) {
	for i := range dst {
		dst[i] = x[i] * y[i]
	}
}

// MaxScalar is the reference of Max.
func MaxScalar(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return m
}

// MaxWithScalar is the reference of MaxWith.
func MaxWithScalar(dst, x []float32) {
	for i, v := range x[:len(dst)] {
		if v > dst[i] {
			dst[i] = v
		}
	}
}

// SumFromScalar is the reference of SumFrom.
func SumFromScalar(x []float32, least float32) float64 {
	var s float64
	for _, v := range x {
		if v >= least {
			s += float64(v)
		}
	}
	return s
}
