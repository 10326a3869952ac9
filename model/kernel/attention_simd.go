//go:build goexperiment.simd && (amd64 || wasm)

package kernel

import "unsafe"

func scoresVec(dst, q, k []float32, stride int) {
	d := len(q)
	whole := d / lanes * lanes
	j := 0
	for ; j+4 <= len(dst); j += 4 {
		p0 := floatsAt(k, j*stride)
		p1, p2, p3 := unsafe.Add(p0, 4*stride), unsafe.Add(p0, 8*stride), unsafe.Add(p0, 12*stride)
		var s0, s1, s2, s3 vec
		n, x := whole, at(q)
		for ; n >= 2*lanes; n -= 2 * lanes {
			u, v := load(x), load(unsafe.Add(x, 4*lanes))
			s0 = v.MulAdd(load(unsafe.Add(p0, 4*lanes)), u.MulAdd(load(p0), s0))
			s1 = v.MulAdd(load(unsafe.Add(p1, 4*lanes)), u.MulAdd(load(p1), s1))
			s2 = v.MulAdd(load(unsafe.Add(p2, 4*lanes)), u.MulAdd(load(p2), s2))
			s3 = v.MulAdd(load(unsafe.Add(p3, 4*lanes)), u.MulAdd(load(p3), s3))
			x = unsafe.Add(x, 8*lanes)
			p0, p1, p2, p3 = unsafe.Add(p0, 8*lanes), unsafe.Add(p1, 8*lanes), unsafe.Add(p2, 8*lanes), unsafe.Add(p3, 8*lanes)
		}
		if n > 0 {
			v := load(x)
			s0, s1, s2, s3 = v.MulAdd(load(p0), s0), v.MulAdd(load(p1), s1), v.MulAdd(load(p2), s2), v.MulAdd(load(p3), s3)
		}
		out := dst[j : j+4 : j+4]
		out[0], out[1], out[2], out[3] = sum(s0), sum(s1), sum(s2), sum(s3)
	}
	for ; j < len(dst); j++ {
		p := floatsAt(k, j*stride)
		var s vec
		for e := 0; e < 4*whole; e += 4 * lanes {
			s = load(unsafe.Add(at(q), e)).MulAdd(load(unsafe.Add(p, e)), s)
		}
		dst[j] = sum(s)
	}
	leave()
	if whole < d {
		for j := range dst {
			for e := whole; e < d; e++ {
				dst[j] += q[e] * k[j*stride+e]
			}
		}
	}
}

func mixVec(dst, w, v []float32, stride int) {
	e := 0
	for ; e+8*lanes <= len(dst); e += 8 * lanes {
		mix8(len(w), 4*stride, at(w), floatsAt(v, e), floatsAt(dst, e))
	}
	for ; e+4*lanes <= len(dst); e += 4 * lanes {
		mix4(len(w), 4*stride, at(w), floatsAt(v, e), floatsAt(dst, e))
	}
	for ; e+lanes <= len(dst); e += lanes {
		p := floatsAt(v, e)
		s := load(floatsAt(dst, e))
		for _, f := range w {
			s = splat(f).MulAdd(load(p), s)
			p = unsafe.Add(p, 4*stride)
		}
		store(floatsAt(dst, e), s)
	}
	leave()
	for ; e < len(dst); e++ {
		for j, f := range w {
			dst[e] += f * v[j*stride+e]
		}
	}
}

// mix8 adds n weighted rows of 8 vectors, step bytes apart, to dst.
func mix8(n, step int, w, v, dst unsafe.Pointer) {
	s0, s1, s2, s3 := load(dst), load(unsafe.Add(dst, 4*lanes)), load(unsafe.Add(dst, 8*lanes)), load(unsafe.Add(dst, 12*lanes))
	s4, s5, s6, s7 := load(unsafe.Add(dst, 16*lanes)), load(unsafe.Add(dst, 20*lanes)), load(unsafe.Add(dst, 24*lanes)), load(unsafe.Add(dst, 28*lanes))
	for ; n >= 2; n -= 2 {
		f, g, u := splat(*(*float32)(w)), splat(*(*float32)(unsafe.Add(w, 4))), unsafe.Add(v, step)
		s0 = g.MulAdd(load(u), f.MulAdd(load(v), s0))
		s1 = g.MulAdd(load(unsafe.Add(u, 4*lanes)), f.MulAdd(load(unsafe.Add(v, 4*lanes)), s1))
		s2 = g.MulAdd(load(unsafe.Add(u, 8*lanes)), f.MulAdd(load(unsafe.Add(v, 8*lanes)), s2))
		s3 = g.MulAdd(load(unsafe.Add(u, 12*lanes)), f.MulAdd(load(unsafe.Add(v, 12*lanes)), s3))
		s4 = g.MulAdd(load(unsafe.Add(u, 16*lanes)), f.MulAdd(load(unsafe.Add(v, 16*lanes)), s4))
		s5 = g.MulAdd(load(unsafe.Add(u, 20*lanes)), f.MulAdd(load(unsafe.Add(v, 20*lanes)), s5))
		s6 = g.MulAdd(load(unsafe.Add(u, 24*lanes)), f.MulAdd(load(unsafe.Add(v, 24*lanes)), s6))
		s7 = g.MulAdd(load(unsafe.Add(u, 28*lanes)), f.MulAdd(load(unsafe.Add(v, 28*lanes)), s7))
		w, v = unsafe.Add(w, 8), unsafe.Add(u, step)
	}
	if n > 0 {
		f := splat(*(*float32)(w))
		s0 = f.MulAdd(load(v), s0)
		s1 = f.MulAdd(load(unsafe.Add(v, 4*lanes)), s1)
		s2 = f.MulAdd(load(unsafe.Add(v, 8*lanes)), s2)
		s3 = f.MulAdd(load(unsafe.Add(v, 12*lanes)), s3)
		s4 = f.MulAdd(load(unsafe.Add(v, 16*lanes)), s4)
		s5 = f.MulAdd(load(unsafe.Add(v, 20*lanes)), s5)
		s6 = f.MulAdd(load(unsafe.Add(v, 24*lanes)), s6)
		s7 = f.MulAdd(load(unsafe.Add(v, 28*lanes)), s7)
	}
	store(dst, s0)
	store(unsafe.Add(dst, 4*lanes), s1)
	store(unsafe.Add(dst, 8*lanes), s2)
	store(unsafe.Add(dst, 12*lanes), s3)
	store(unsafe.Add(dst, 16*lanes), s4)
	store(unsafe.Add(dst, 20*lanes), s5)
	store(unsafe.Add(dst, 24*lanes), s6)
	store(unsafe.Add(dst, 28*lanes), s7)
}

func mix4(n, step int, w, v, dst unsafe.Pointer) {
	s0, s1, s2, s3 := load(dst), load(unsafe.Add(dst, 4*lanes)), load(unsafe.Add(dst, 8*lanes)), load(unsafe.Add(dst, 12*lanes))
	for ; n >= 2; n -= 2 {
		f, g, u := splat(*(*float32)(w)), splat(*(*float32)(unsafe.Add(w, 4))), unsafe.Add(v, step)
		s0 = g.MulAdd(load(u), f.MulAdd(load(v), s0))
		s1 = g.MulAdd(load(unsafe.Add(u, 4*lanes)), f.MulAdd(load(unsafe.Add(v, 4*lanes)), s1))
		s2 = g.MulAdd(load(unsafe.Add(u, 8*lanes)), f.MulAdd(load(unsafe.Add(v, 8*lanes)), s2))
		s3 = g.MulAdd(load(unsafe.Add(u, 12*lanes)), f.MulAdd(load(unsafe.Add(v, 12*lanes)), s3))
		w, v = unsafe.Add(w, 8), unsafe.Add(u, step)
	}
	if n > 0 {
		f := splat(*(*float32)(w))
		s0 = f.MulAdd(load(v), s0)
		s1 = f.MulAdd(load(unsafe.Add(v, 4*lanes)), s1)
		s2 = f.MulAdd(load(unsafe.Add(v, 8*lanes)), s2)
		s3 = f.MulAdd(load(unsafe.Add(v, 12*lanes)), s3)
	}
	store(dst, s0)
	store(unsafe.Add(dst, 4*lanes), s1)
	store(unsafe.Add(dst, 8*lanes), s2)
	store(unsafe.Add(dst, 12*lanes), s3)
}
