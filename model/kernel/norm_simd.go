//go:build goexperiment.simd && (amd64 || wasm)

package kernel

func rmsVec(dst, x, gain []float32, inv float32) {
	f := splat(inv)
	i := 0
	for ; i+lanes <= len(gain); i += lanes {
		store(at(dst[i:]), load(at(x[i:])).Mul(f).Mul(load(at(gain[i:]))))
	}
	leave()
	rmsScalar(dst[i:], x[i:], gain[i:], inv)
}

func rmsBackwardVec(dx, dGain, dy, x, gain []float32, inv float32) {
	n := len(gain)
	f := splat(inv)
	var dots vec
	i := 0
	for ; i+lanes <= n; i += lanes {
		t := load(at(dy[i:])).Mul(load(at(x[i:])))
		dots = t.MulAdd(load(at(gain[i:])), dots)
		store(at(dGain[i:]), t.MulAdd(f, load(at(dGain[i:]))))
	}
	dot := sum(dots)
	for j := i; j < n; j++ {
		t := dy[j] * x[j]
		dot += t * gain[j]
		dGain[j] += t * inv
	}
	k := -dot * inv * inv * inv / float32(n)
	kk := splat(k)
	for i = 0; i+lanes <= n; i += lanes {
		t := load(at(dy[i:])).Mul(load(at(gain[i:]))).MulAdd(f, load(at(dx[i:])))
		store(at(dx[i:]), load(at(x[i:])).MulAdd(kk, t))
	}
	leave()
	for ; i < n; i++ {
		dx[i] += dy[i]*gain[i]*inv + x[i]*k
	}
}

func layerNormVec(dst, x, gain, bias []float32, eps float32) (mean, inv float32) {
	n := len(gain)
	var s vec
	i := 0
	for ; i+lanes <= n; i += lanes {
		s = s.Add(load(at(x[i:])))
	}
	mean = sum(s)
	whole := i
	for ; i < n; i++ {
		mean += x[i]
	}
	mean /= float32(n)
	m := splat(mean)
	var squares vec
	for i = 0; i < whole; i += lanes {
		d := load(at(x[i:])).Sub(m)
		squares = d.MulAdd(d, squares)
	}
	q := sum(squares)
	for ; i < n; i++ {
		q += (x[i] - mean) * (x[i] - mean)
	}
	inv = inverseRoot(q, n, eps)
	f := splat(inv)
	for i = 0; i < whole; i += lanes {
		v := load(at(x[i:])).Sub(m).Mul(f).Mul(load(at(gain[i:])))
		if bias != nil {
			v = v.Add(load(at(bias[i:])))
		}
		store(at(dst[i:]), v)
	}
	leave()
	for ; i < n; i++ {
		v := (x[i] - mean) * inv * gain[i]
		if bias != nil {
			v += bias[i]
		}
		dst[i] = v
	}
	return mean, inv
}
