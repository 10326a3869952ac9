//go:build goexperiment.simd && (amd64 || wasm)

package kernel

func rotaryVec(dstLo, dstHi, lo, hi, cos, sin []float32) {
	i := 0
	for ; i+lanes <= len(cos); i += lanes {
		a, b, c, s := load(at(lo[i:])), load(at(hi[i:])), load(at(cos[i:])), load(at(sin[i:]))
		store(at(dstLo[i:]), a.Mul(c).Sub(b.Mul(s)))
		store(at(dstHi[i:]), a.Mul(s).Add(b.Mul(c)))
	}
	leave()
	rotaryScalar(dstLo[i:], dstHi[i:], lo[i:], hi[i:], cos[i:], sin[i:])
}
