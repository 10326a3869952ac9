package kernel

import "math"

// RMSNorm writes x/rms(x)·gain to dst, rms(x) = √(mean(x²) + eps)
// (arXiv 1910.07467), all of len(gain), and returns 1/rms(x), which the
// backward pass wants. dst may be x.
func RMSNorm(dst, x, gain []float32, eps float32) float32 {
	x, dst = x[:len(gain)], dst[:len(gain)]
	inv := inverseRoot(SumSquares(x), len(gain), eps)
	if vectorised {
		rmsVec(dst, x, gain, inv)
	} else {
		rmsScalar(dst, x, gain, inv)
	}
	return inv
}

// RMSNormBackward adds to dx the gradient of RMSNorm's input and to dGain that
// of its gain, given dy, the gradient of its output, its input x and the inv it
// returned; all of len(gain). dx may not be dy or x.
func RMSNormBackward(dx, dGain, dy, x, gain []float32, inv float32) {
	n := len(gain)
	dx, dGain, dy, x = dx[:n], dGain[:n], dy[:n], x[:n]
	if vectorised {
		rmsBackwardVec(dx, dGain, dy, x, gain, inv)
		return
	}
	RMSNormBackwardScalar(dx, dGain, dy, x, gain, inv)
}

// LayerNorm writes (x - mean)/√(variance + eps)·gain + bias to dst, all of
// len(gain) (arXiv 1607.06450). A nil bias counts as 0. dst may be x. It returns the mean and 1/√(variance + eps).
func LayerNorm(dst, x, gain, bias []float32, eps float32) (mean, inv float32) {
	n := len(gain)
	x, dst = x[:n], dst[:n]
	if bias != nil {
		bias = bias[:n]
	}
	if !vectorised {
		return LayerNormScalar(dst, x, gain, bias, eps)
	}
	return layerNormVec(dst, x, gain, bias, eps)
}

func inverseRoot(sum float32, n int, eps float32) float32 {
	return float32(1 / math.Sqrt(float64(sum)/float64(n)+float64(eps)))
}

// RMSNormScalar is the reference of RMSNorm.
func RMSNormScalar(dst, x, gain []float32, eps float32) float32 {
	x = x[:len(gain)]
	inv := inverseRoot(DotScalar(x, x), len(gain), eps)
	rmsScalar(dst, x, gain, inv)
	return inv
}

func rmsScalar(dst, x, gain []float32, inv float32) {
	for i, g := range gain {
		dst[i] = x[i] * inv * g
	}
}

// RMSNormBackwardScalar is the reference of RMSNormBackward.
func RMSNormBackwardScalar(dx, dGain, dy, x, gain []float32, inv float32) {
	var dot float32
	for i, g := range gain {
		dot += dy[i] * g * x[i]
		dGain[i] += dy[i] * x[i] * inv
	}
	k := dot * inv * inv * inv / float32(len(gain))
	for i, g := range gain {
		dx[i] += dy[i]*g*inv - x[i]*k
	}
}

// LayerNormScalar is the reference of LayerNorm.
func LayerNormScalar(dst, x, gain, bias []float32, eps float32) (mean, inv float32) {
	n := len(gain)
	var s float32
	for _, v := range x[:n] {
		s += v
	}
	mean = s / float32(n)
	s = 0
	for _, v := range x[:n] {
		s += (v - mean) * (v - mean)
	}
	inv = inverseRoot(s, n, eps)
	for i, g := range gain {
		v := (x[i] - mean) * inv * g
		if bias != nil {
			v += bias[i]
		}
		dst[i] = v
	}
	return mean, inv
}
