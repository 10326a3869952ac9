//go:build goexperiment.simd && (amd64 || wasm)

package kernel

import "unsafe"

// Range reduction x = n·ln 2 + r, |r| <= ln 2 / 2, with ln 2 in two parts so
// that n·ln 2 is subtracted almost exactly; then the Taylor polynomial of e^r to r⁷,
// whose remainder (r⁸/8!) is below 6e-9. The magic number puts n in the low mantissa bits.
const (
	expLow, expHigh = -87.3, 89
	log2e           = 1.44269504088896341
	ln2High         = 0.693359375
	ln2Low          = -2.12194440e-4
)

// exponential holds the constants of e^x, one to a vector. They are made once: natively that
// takes as long as two hundred values of e^x do.
type exponential struct {
	log2e, magic, ln2High, ln2Low    vec
	c7, c6, c5, c4, c3, c2, one, two vec
	high, bias                       ivec
	low                              uvec
}

var constants = newExponential()

func newExponential() (e exponential) {
	if !vectorised {
		return e
	}
	e = exponential{
		low: splat(expLow).ToBits(), high: asInt(splat(expHigh)), log2e: splat(log2e), magic: splat(roundMagic),
		ln2High: splat(-ln2High), ln2Low: splat(-ln2Low),
		c7: splat(1. / 5040), c6: splat(1. / 720), c5: splat(1. / 120), c4: splat(1. / 24), c3: splat(1. / 6), c2: splat(1. / 2), one: splat(1), two: splat(2),
		bias: isplat(126),
	}
	leave()
	return e
}

// of is e^x per lane; NaN gives NaN.
func (e *exponential) of(x vec) vec {
	in := x
	// The bits of floats, read as unsigned integers, have the negative ones on top, larger
	// with their size; read as signed ones, below all others. Min and Max of floats are
	// eight instructions each in WebAssembly.
	x = asFloat(x.ToBits().Min(e.low).BitsToInt32().Min(e.high))
	t := x.MulAdd(e.log2e, e.magic)
	n := t.Sub(e.magic)
	r := n.MulAdd(e.ln2High, x)
	r = n.MulAdd(e.ln2Low, r)
	p := e.c7.MulAdd(r, e.c6)
	p = p.MulAdd(r, e.c5)
	p = p.MulAdd(r, e.c4)
	p = p.MulAdd(r, e.c3)
	p = p.MulAdd(r, e.c2)
	p = p.MulAdd(r, e.one)
	p = p.MulAdd(r, e.one)
	// 2^n as 2·2^(n-1): n-1 reaches neither end of the exponent range.
	s := asFloat(asInt(t).Add(e.bias).ShiftAllLeft(23))
	// What Min and Max make of NaN differs between machines.
	return p.Mul(e.two).Mul(s).IfElse(in.Equal(in), in)
}

func expVecs(dst, x []float32) {
	e := &constants
	i := 0
	for ; i+lanes <= len(dst); i += lanes {
		store(at(dst[i:]), e.of(load(at(x[i:]))))
	}
	if i < len(dst) {
		var t partial
		copy(t[:], x[i:])
		t.store(e.of(t.load()))
		copy(dst[i:], t[:])
	}
	leave()
}

// expSumVec turns x into e^(x-m) and returns its sum.
func expSumVec(x []float32, m float32) float32 {
	e := &constants
	top := splat(m)
	var s vec
	i, p := 0, at(x)
	// Two vectors a turn share the loads of the constants.
	for ; i+2*lanes <= len(x); i += 2 * lanes {
		v, w := e.of(load(p).Sub(top)), e.of(load(unsafe.Add(p, 4*lanes)).Sub(top))
		store(p, v)
		store(unsafe.Add(p, 4*lanes), w)
		s = s.Add(v).Add(w)
		p = unsafe.Add(p, 8*lanes)
	}
	if i+lanes <= len(x) {
		v := e.of(load(p).Sub(top))
		store(p, v)
		s = s.Add(v)
		i += lanes
	}
	var t partial
	if i < len(x) {
		copy(t[:], x[i:])
		t.store(e.of(t.load().Sub(top)))
		clear(t[copy(x[i:], t[:]):])
	}
	r := sum(s.Add(t.load()))
	leave()
	return r
}

func softmaxBackwardVec(grad, prob []float32, scale, dot float32) {
	f, mean := splat(scale), splat(dot)
	i, p, q := 0, at(grad), at(prob)
	for ; i+2*lanes <= len(grad); i += 2 * lanes {
		store(p, f.Mul(load(q)).Mul(load(p).Sub(mean)))
		store(unsafe.Add(p, 4*lanes), f.Mul(load(unsafe.Add(q, 4*lanes))).Mul(load(unsafe.Add(p, 4*lanes)).Sub(mean)))
		p, q = unsafe.Add(p, 8*lanes), unsafe.Add(q, 8*lanes)
	}
	leave()
	softmaxBackwardScalar(grad[i:], prob[i:], scale, dot)
}

// expScaledVec writes e^(scale·(x-m)) to dst and returns its sum.
func expScaledVec(dst, x []float32, m, scale float32) float32 {
	e := &constants
	top, f := splat(m), splat(scale)
	var s vec
	i, p, q := 0, at(x), at(dst)
	for ; i+2*lanes <= len(x); i += 2 * lanes {
		v, w := e.of(load(p).Sub(top).Mul(f)), e.of(load(unsafe.Add(p, 4*lanes)).Sub(top).Mul(f))
		store(q, v)
		store(unsafe.Add(q, 4*lanes), w)
		s = s.Add(v).Add(w)
		p, q = unsafe.Add(p, 8*lanes), unsafe.Add(q, 8*lanes)
	}
	var t partial
	for ; i < len(x); i += lanes {
		n := copy(t[:], x[i:])
		t.store(e.of(t.load().Sub(top).Mul(f)))
		clear(t[n:])
		copy(dst[i:], t[:])
		s = s.Add(t.load())
	}
	r := sum(s)
	leave()
	return r
}
