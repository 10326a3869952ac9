package kernel

import "math"

// SiLU writes x·σ(x) to dst, both of len(dst); dst may be x.
func SiLU(dst, x []float32) {
	x = x[:len(dst)]
	if vectorised {
		siluVec(dst, x)
		return
	}
	SiLUScalar(dst, x)
}

// SiLUMul writes silu(gate)·up to dst, all of len(dst): the middle of a SwiGLU
// feed-forward (arXiv 2002.05202). dst may be gate or up.
func SiLUMul(dst, gate, up []float32) {
	gate, up = gate[:len(dst)], up[:len(dst)]
	if vectorised {
		siluMulVec(dst, gate, up)
		return
	}
	SiLUMulScalar(dst, gate, up)
}

// SiLUMulBackward turns dy, the gradient of silu(gate)·up, into the gradients
// of gate and up, all of len(dy). dGate and dUp may not overlap the inputs.
func SiLUMulBackward(dGate, dUp, dy, gate, up []float32) {
	n := len(dy)
	dGate, dUp, gate, up = dGate[:n], dUp[:n], gate[:n], up[:n]
	if vectorised {
		siluMulBackwardVec(dGate, dUp, dy, gate, up)
		return
	}
	SiLUMulBackwardScalar(dGate, dUp, dy, gate, up)
}

// GELU writes x·Φ(x), Φ the normal distribution function by way of erf
// (arXiv 1606.08415), to dst, both of len(dst); dst may be x.
func GELU(dst, x []float32) {
	x = x[:len(dst)]
	if vectorised {
		geluVec(dst, x)
		return
	}
	GELUScalar(dst, x)
}

// GELUTanh writes the tanh approximation of GELU to dst, both of len(dst):
// x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))). dst may be x.
func GELUTanh(dst, x []float32) {
	x = x[:len(dst)]
	if vectorised {
		geluTanhVec(dst, x)
		return
	}
	GELUTanhScalar(dst, x)
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// SiLUScalar is the reference of SiLU.
func SiLUScalar(dst, x []float32) {
	for i, v := range x[:len(dst)] {
		dst[i] = float32(float64(v) * sigmoid(float64(v)))
	}
}

// SiLUMulScalar is the reference of SiLUMul.
func SiLUMulScalar(dst, gate, up []float32) {
	for i, v := range gate[:len(dst)] {
		dst[i] = float32(float64(v)*sigmoid(float64(v))) * up[i]
	}
}

// SiLUMulBackwardScalar is the reference of SiLUMulBackward.
func SiLUMulBackwardScalar(dGate, dUp, dy, gate, up []float32) {
	for i, d := range dy {
		v := float64(gate[i])
		s := sigmoid(v)
		dGate[i] = d * up[i] * float32(s*(1+v*(1-s)))
		dUp[i] = d * float32(v*s)
	}
}

// GELUScalar is the reference of GELU.
func GELUScalar(dst, x []float32) {
	for i, v := range x[:len(dst)] {
		dst[i] = float32(0.5 * float64(v) * math.Erfc(-float64(v)/math.Sqrt2))
	}
}

const (
	geluTanhLinear = 0.79788456080286536 // √(2/π)
	geluTanhCubic  = 0.044715
)

// GELUTanhScalar is the reference of GELUTanh.
func GELUTanhScalar(dst, x []float32) {
	for i, f := range x[:len(dst)] {
		v := float64(f)
		dst[i] = float32(v * sigmoid(2*geluTanhLinear*(v+geluTanhCubic*v*v*v)))
	}
}
