//go:build goexperiment.simd && (amd64 || wasm)

package kernel

// sigmoid is 1/(1 + e^-x) per lane.
func (e *exponential) sigmoid(x vec) vec {
	return e.one.Div(e.one.Add(e.of(x.Neg())))
}

// derivative is d silu(x)/dx given s = σ(x).
func (e *exponential) derivative(x, s vec) vec {
	return s.Mul(x.MulAdd(e.one.Sub(s), e.one))
}

func siluVec(dst, x []float32) {
	e := &constants
	i := 0
	for ; i+lanes <= len(dst); i += lanes {
		v := load(at(x[i:]))
		store(at(dst[i:]), v.Mul(e.sigmoid(v)))
	}
	if i < len(dst) {
		var t partial
		copy(t[:], x[i:])
		v := t.load()
		t.store(v.Mul(e.sigmoid(v)))
		copy(dst[i:], t[:])
	}
	leave()
}

func siluMulVec(dst, gate, up []float32) {
	e := &constants
	i := 0
	for ; i+lanes <= len(dst); i += lanes {
		v := load(at(gate[i:]))
		store(at(dst[i:]), v.Mul(e.sigmoid(v)).Mul(load(at(up[i:]))))
	}
	if i < len(dst) {
		var t, u partial
		copy(t[:], gate[i:])
		copy(u[:], up[i:])
		v := t.load()
		t.store(v.Mul(e.sigmoid(v)).Mul(u.load()))
		copy(dst[i:], t[:])
	}
	leave()
}

func siluMulBackwardVec(dGate, dUp, dy, gate, up []float32) {
	e := &constants
	i := 0
	for ; i+lanes <= len(dy); i += lanes {
		v, d := load(at(gate[i:])), load(at(dy[i:]))
		s := e.sigmoid(v)
		store(at(dGate[i:]), d.Mul(load(at(up[i:]))).Mul(e.derivative(v, s)))
		store(at(dUp[i:]), d.Mul(v.Mul(s)))
	}
	leave()
	SiLUMulBackwardScalar(dGate[i:], dUp[i:], dy[i:], gate[i:], up[i:])
}

func (e *exponential) geluTanh(x vec) vec {
	u := x.Mul(x).MulAdd(splat(2*geluTanhLinear*geluTanhCubic), splat(2*geluTanhLinear))
	return x.Mul(e.sigmoid(x.Mul(u)))
}

func geluTanhVec(dst, x []float32) {
	e := &constants
	i := 0
	for ; i+lanes <= len(dst); i += lanes {
		store(at(dst[i:]), e.geluTanh(load(at(x[i:]))))
	}
	if i < len(dst) {
		var t partial
		copy(t[:], x[i:])
		t.store(e.geluTanh(t.load()))
		copy(dst[i:], t[:])
	}
	leave()
}

// erfcFit is ln(erfc(z)/t) + z² as a polynomial in t = 1/(1 + z/2), lowest
// power first: a Chebyshev fit with a relative error below 1.2e-7 for every z >= 0
// (Press et al., Numerical Recipes, the function erfcc).
var erfcFit = [10]float32{-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277}

// gelu is x·Φ(x) = x/2·erfc(-x/√2), from erfc of |x|/√2 so that neither tail cancels.
func (e *exponential) gelu(x vec) vec {
	z := x.Abs().Mul(splat(0.70710678118654752))
	t := e.one.Div(z.MulAdd(splat(0.5), e.one))
	p := splat(erfcFit[9])
	for i := 8; i >= 0; i-- {
		p = p.MulAdd(t, splat(erfcFit[i]))
	}
	half := x.Mul(splat(0.5))
	tail := half.Abs().Mul(t.Mul(e.of(p.Sub(z.Mul(z)))))
	// x > 0: x - x/2·erfc(z); x <= 0: x/2·erfc(z), which is -tail.
	return half.Add(half.Abs()).Sub(tail)
}

func geluVec(dst, x []float32) {
	e := &constants
	i := 0
	for ; i+lanes <= len(dst); i += lanes {
		store(at(dst[i:]), e.gelu(load(at(x[i:]))))
	}
	if i < len(dst) {
		var t partial
		copy(t[:], x[i:])
		t.store(e.gelu(t.load()))
		copy(dst[i:], t[:])
	}
	leave()
}
