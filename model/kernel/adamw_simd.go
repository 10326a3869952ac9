//go:build goexperiment.simd && (amd64 || wasm)

package kernel

func adamwVec(s AdamWStep, w, m, v, g []float32) {
	rate, root := s.corrections()
	r, q, keep := splat(rate), splat(root), splat(1-s.LR*s.Decay)
	b1, b2, c1, c2 := splat(s.Beta1), splat(s.Beta2), splat(1-s.Beta1), splat(1-s.Beta2)
	eps, scale := splat(s.Eps), splat(s.GradScale)
	i := 0
	for ; i+lanes <= len(w); i += lanes {
		d := load(at(g[i:])).Mul(scale)
		mi := b1.Mul(load(at(m[i:]))).Add(c1.Mul(d))
		vi := b2.Mul(load(at(v[i:]))).Add(c2.Mul(d).Mul(d))
		store(at(m[i:]), mi)
		store(at(v[i:]), vi)
		store(at(w[i:]), load(at(w[i:])).Mul(keep).Sub(r.Mul(mi).Div(vi.Sqrt().Mul(q).Add(eps))))
	}
	leave()
	AdamWScalar(s, w[i:], m[i:], v[i:], g[i:])
}
