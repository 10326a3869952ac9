package kernel

import "math"

// Exp writes e^x to dst, both of len(dst); dst may be x. Relative error below
// 2e-7; results below 2⁻¹²⁵ become 0, above the float32 range +Inf.
func Exp(dst, x []float32) {
	x = x[:len(dst)]
	if vectorised {
		expVecs(dst, x)
		return
	}
	ExpScalar(dst, x)
}

// SoftmaxRow turns x into softmax(x) in place and returns ln Σ e^x, from which
// the loss of a target j is that value minus the old x[j]. Values of -Inf get
// probability 0; a row of nothing but -Inf stays 0 and returns -Inf.
func SoftmaxRow(x []float32) float32 {
	if len(x) == 0 {
		return float32(math.Inf(-1))
	}
	m := Max(x)
	if math.IsInf(float64(m), -1) {
		clear(x)
		return m
	}
	var s float32
	if vectorised {
		s = expSumVec(x, m)
	} else {
		s = expSumScalar(x, m)
	}
	Scale(1/s, x)
	return m + float32(math.Log(float64(s)))
}

// SoftmaxBackward turns grad, the gradient of softmax(scale·x), into that of x, given prob, the softmax; both of len(grad).
func SoftmaxBackward(grad, prob []float32, scale float32) {
	prob = prob[:len(grad)]
	dot := Dot(grad, prob)
	if vectorised {
		softmaxBackwardVec(grad, prob, scale, dot)
		return
	}
	softmaxBackwardScalar(grad, prob, scale, dot)
}

// ExpSum writes e^(scale·(x-shift)) to dst, both of len(dst), and returns the sum of it; dst may be x.
func ExpSum(dst, x []float32, shift, scale float32) float32 {
	x = x[:len(dst)]
	if vectorised {
		return expScaledVec(dst, x, shift, scale)
	}
	return ExpSumScalar(dst, x, shift, scale)
}

// LogSumExp is ln Σ e^x, within 1e-6; NaN if an element is NaN or +Inf.
func LogSumExp(x []float32) float64 {
	peak := Max(x)
	if math.IsInf(float64(peak), -1) {
		for _, v := range x {
			peak = max(peak, v) // which tells NaN
		}
		return float64(peak)
	}
	// A piece at a time, so that x stays as it is and nothing is allocated.
	var piece [256]float32
	var s float64
	for len(x) > 0 {
		n := min(len(x), len(piece))
		s += float64(ExpSum(piece[:n], x[:n], peak, 1))
		x = x[n:]
	}
	return float64(peak) + math.Log(s)
}

// ExpSumScalar is the reference of ExpSum.
func ExpSumScalar(dst, x []float32, shift, scale float32) float32 {
	var s float64
	for i, v := range x[:len(dst)] {
		e := float32(math.Exp(float64((v - shift) * scale)))
		dst[i] = e
		s += float64(e)
	}
	return float32(s)
}

// ExpScalar is the reference of Exp.
func ExpScalar(dst, x []float32) {
	for i, v := range x[:len(dst)] {
		dst[i] = float32(math.Exp(float64(v)))
	}
}

// SoftmaxRowScalar is the reference of SoftmaxRow.
func SoftmaxRowScalar(x []float32) float32 {
	m := MaxScalar(x)
	if math.IsInf(float64(m), -1) {
		clear(x)
		return m
	}
	s := expSumScalar(x, m)
	ScaleScalar(1/s, x)
	return m + float32(math.Log(float64(s)))
}

// SoftmaxBackwardScalar is the reference of SoftmaxBackward.
func SoftmaxBackwardScalar(grad, prob []float32, scale float32) {
	softmaxBackwardScalar(grad, prob, scale, DotScalar(grad, prob))
}

func softmaxBackwardScalar(grad, prob []float32, scale, dot float32) {
	for i, p := range prob[:len(grad)] {
		grad[i] = scale * p * (grad[i] - dot)
	}
}

// expSumScalar turns x into e^(x-m) and returns its sum.
func expSumScalar(x []float32, m float32) float32 {
	var s float32
	for i, v := range x {
		e := float32(math.Exp(float64(v - m)))
		x[i] = e
		s += e
	}
	return s
}
