//go:build goexperiment.simd && (amd64 || wasm)

package kernel

import "unsafe"

// scorePanelsVec is the scores of n panels of keys of d components: as a panel
// lies in memory, so it is read.
func scorePanelsVec(n, d int, dst, q, w unsafe.Pointer) {
	for ; n > 0; n-- {
		var s0, s1, s2, s3, s4, s5, s6, s7 vec
		k, x := d, q
		for ; k >= 2; k -= 2 {
			f, g, u := splat(*(*float32)(x)), splat(*(*float32)(unsafe.Add(x, 4))), unsafe.Add(w, 32*lanes)
			s0 = g.MulAdd(load(u), f.MulAdd(load(w), s0))
			s1 = g.MulAdd(load(unsafe.Add(u, 4*lanes)), f.MulAdd(load(unsafe.Add(w, 4*lanes)), s1))
			s2 = g.MulAdd(load(unsafe.Add(u, 8*lanes)), f.MulAdd(load(unsafe.Add(w, 8*lanes)), s2))
			s3 = g.MulAdd(load(unsafe.Add(u, 12*lanes)), f.MulAdd(load(unsafe.Add(w, 12*lanes)), s3))
			s4 = g.MulAdd(load(unsafe.Add(u, 16*lanes)), f.MulAdd(load(unsafe.Add(w, 16*lanes)), s4))
			s5 = g.MulAdd(load(unsafe.Add(u, 20*lanes)), f.MulAdd(load(unsafe.Add(w, 20*lanes)), s5))
			s6 = g.MulAdd(load(unsafe.Add(u, 24*lanes)), f.MulAdd(load(unsafe.Add(w, 24*lanes)), s6))
			s7 = g.MulAdd(load(unsafe.Add(u, 28*lanes)), f.MulAdd(load(unsafe.Add(w, 28*lanes)), s7))
			x, w = unsafe.Add(x, 8), unsafe.Add(u, 32*lanes)
		}
		if k > 0 {
			f := splat(*(*float32)(x))
			s0 = f.MulAdd(load(w), s0)
			s1 = f.MulAdd(load(unsafe.Add(w, 4*lanes)), s1)
			s2 = f.MulAdd(load(unsafe.Add(w, 8*lanes)), s2)
			s3 = f.MulAdd(load(unsafe.Add(w, 12*lanes)), s3)
			s4 = f.MulAdd(load(unsafe.Add(w, 16*lanes)), s4)
			s5 = f.MulAdd(load(unsafe.Add(w, 20*lanes)), s5)
			s6 = f.MulAdd(load(unsafe.Add(w, 24*lanes)), s6)
			s7 = f.MulAdd(load(unsafe.Add(w, 28*lanes)), s7)
			w = unsafe.Add(w, 32*lanes)
		}
		store(dst, s0)
		store(unsafe.Add(dst, 4*lanes), s1)
		store(unsafe.Add(dst, 8*lanes), s2)
		store(unsafe.Add(dst, 12*lanes), s3)
		store(unsafe.Add(dst, 16*lanes), s4)
		store(unsafe.Add(dst, 20*lanes), s5)
		store(unsafe.Add(dst, 24*lanes), s6)
		store(unsafe.Add(dst, 28*lanes), s7)
		dst = unsafe.Add(dst, 32*lanes)
	}
	leave()
}

// mixVec sums from zero and adds to dst last, as matrix products of a block do.
func mixVec(dst, w, v []float32, stride int) {
	e := 0
	for e+lanes <= len(dst) {
		left, in, out := (len(dst)-e)/lanes, floatsAt(v, e), floatsAt(dst, e)
		switch {
		case left == 12 && lanes == 4:
			mix12(len(w), 4*stride, at(w), in, out)
			e += 12 * lanes
		case left >= 8:
			mix8(len(w), 4*stride, at(w), in, out)
			e += 8 * lanes
		case left >= 6:
			mix6(len(w), 4*stride, at(w), in, out)
			e += 6 * lanes
		case left >= 4:
			mix4(len(w), 4*stride, at(w), in, out)
			e += 4 * lanes
		default:
			var s vec
			for _, f := range w {
				s = splat(f).MulAdd(load(in), s)
				in = unsafe.Add(in, 4*stride)
			}
			store(out, s.Add(load(out)))
			e += lanes
		}
	}
	leave()
	for ; e < len(dst); e++ {
		var s float32
		for j, f := range w {
			s += f * v[j*stride+e]
		}
		dst[e] += s
	}
}

// mix12 adds k weighted rows of 12 vectors, step bytes apart, to dst.
func mix12(k, step int, w, v, dst unsafe.Pointer) {
	var s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11 vec
	for ; k >= 2; k -= 2 {
		f, g, u := splat(*(*float32)(w)), splat(*(*float32)(unsafe.Add(w, 4))), unsafe.Add(v, step)
		s0 = g.MulAdd(load(u), f.MulAdd(load(v), s0))
		s1 = g.MulAdd(load(unsafe.Add(u, 4*lanes)), f.MulAdd(load(unsafe.Add(v, 4*lanes)), s1))
		s2 = g.MulAdd(load(unsafe.Add(u, 8*lanes)), f.MulAdd(load(unsafe.Add(v, 8*lanes)), s2))
		s3 = g.MulAdd(load(unsafe.Add(u, 12*lanes)), f.MulAdd(load(unsafe.Add(v, 12*lanes)), s3))
		s4 = g.MulAdd(load(unsafe.Add(u, 16*lanes)), f.MulAdd(load(unsafe.Add(v, 16*lanes)), s4))
		s5 = g.MulAdd(load(unsafe.Add(u, 20*lanes)), f.MulAdd(load(unsafe.Add(v, 20*lanes)), s5))
		s6 = g.MulAdd(load(unsafe.Add(u, 24*lanes)), f.MulAdd(load(unsafe.Add(v, 24*lanes)), s6))
		s7 = g.MulAdd(load(unsafe.Add(u, 28*lanes)), f.MulAdd(load(unsafe.Add(v, 28*lanes)), s7))
		s8 = g.MulAdd(load(unsafe.Add(u, 32*lanes)), f.MulAdd(load(unsafe.Add(v, 32*lanes)), s8))
		s9 = g.MulAdd(load(unsafe.Add(u, 36*lanes)), f.MulAdd(load(unsafe.Add(v, 36*lanes)), s9))
		s10 = g.MulAdd(load(unsafe.Add(u, 40*lanes)), f.MulAdd(load(unsafe.Add(v, 40*lanes)), s10))
		s11 = g.MulAdd(load(unsafe.Add(u, 44*lanes)), f.MulAdd(load(unsafe.Add(v, 44*lanes)), s11))
		w, v = unsafe.Add(w, 8), unsafe.Add(u, step)
	}
	if k > 0 {
		f := splat(*(*float32)(w))
		s0 = f.MulAdd(load(v), s0)
		s1 = f.MulAdd(load(unsafe.Add(v, 4*lanes)), s1)
		s2 = f.MulAdd(load(unsafe.Add(v, 8*lanes)), s2)
		s3 = f.MulAdd(load(unsafe.Add(v, 12*lanes)), s3)
		s4 = f.MulAdd(load(unsafe.Add(v, 16*lanes)), s4)
		s5 = f.MulAdd(load(unsafe.Add(v, 20*lanes)), s5)
		s6 = f.MulAdd(load(unsafe.Add(v, 24*lanes)), s6)
		s7 = f.MulAdd(load(unsafe.Add(v, 28*lanes)), s7)
		s8 = f.MulAdd(load(unsafe.Add(v, 32*lanes)), s8)
		s9 = f.MulAdd(load(unsafe.Add(v, 36*lanes)), s9)
		s10 = f.MulAdd(load(unsafe.Add(v, 40*lanes)), s10)
		s11 = f.MulAdd(load(unsafe.Add(v, 44*lanes)), s11)
	}
	store(dst, s0.Add(load(dst)))
	store(unsafe.Add(dst, 4*lanes), s1.Add(load(unsafe.Add(dst, 4*lanes))))
	store(unsafe.Add(dst, 8*lanes), s2.Add(load(unsafe.Add(dst, 8*lanes))))
	store(unsafe.Add(dst, 12*lanes), s3.Add(load(unsafe.Add(dst, 12*lanes))))
	store(unsafe.Add(dst, 16*lanes), s4.Add(load(unsafe.Add(dst, 16*lanes))))
	store(unsafe.Add(dst, 20*lanes), s5.Add(load(unsafe.Add(dst, 20*lanes))))
	store(unsafe.Add(dst, 24*lanes), s6.Add(load(unsafe.Add(dst, 24*lanes))))
	store(unsafe.Add(dst, 28*lanes), s7.Add(load(unsafe.Add(dst, 28*lanes))))
	store(unsafe.Add(dst, 32*lanes), s8.Add(load(unsafe.Add(dst, 32*lanes))))
	store(unsafe.Add(dst, 36*lanes), s9.Add(load(unsafe.Add(dst, 36*lanes))))
	store(unsafe.Add(dst, 40*lanes), s10.Add(load(unsafe.Add(dst, 40*lanes))))
	store(unsafe.Add(dst, 44*lanes), s11.Add(load(unsafe.Add(dst, 44*lanes))))
}

// mix8 adds k weighted rows of 8 vectors, step bytes apart, to dst.
func mix8(k, step int, w, v, dst unsafe.Pointer) {
	var s0, s1, s2, s3, s4, s5, s6, s7 vec
	for ; k >= 2; k -= 2 {
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
	if k > 0 {
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
	store(dst, s0.Add(load(dst)))
	store(unsafe.Add(dst, 4*lanes), s1.Add(load(unsafe.Add(dst, 4*lanes))))
	store(unsafe.Add(dst, 8*lanes), s2.Add(load(unsafe.Add(dst, 8*lanes))))
	store(unsafe.Add(dst, 12*lanes), s3.Add(load(unsafe.Add(dst, 12*lanes))))
	store(unsafe.Add(dst, 16*lanes), s4.Add(load(unsafe.Add(dst, 16*lanes))))
	store(unsafe.Add(dst, 20*lanes), s5.Add(load(unsafe.Add(dst, 20*lanes))))
	store(unsafe.Add(dst, 24*lanes), s6.Add(load(unsafe.Add(dst, 24*lanes))))
	store(unsafe.Add(dst, 28*lanes), s7.Add(load(unsafe.Add(dst, 28*lanes))))
}

// mix6 adds k weighted rows of 6 vectors, step bytes apart, to dst.
func mix6(k, step int, w, v, dst unsafe.Pointer) {
	var s0, s1, s2, s3, s4, s5 vec
	for ; k >= 2; k -= 2 {
		f, g, u := splat(*(*float32)(w)), splat(*(*float32)(unsafe.Add(w, 4))), unsafe.Add(v, step)
		s0 = g.MulAdd(load(u), f.MulAdd(load(v), s0))
		s1 = g.MulAdd(load(unsafe.Add(u, 4*lanes)), f.MulAdd(load(unsafe.Add(v, 4*lanes)), s1))
		s2 = g.MulAdd(load(unsafe.Add(u, 8*lanes)), f.MulAdd(load(unsafe.Add(v, 8*lanes)), s2))
		s3 = g.MulAdd(load(unsafe.Add(u, 12*lanes)), f.MulAdd(load(unsafe.Add(v, 12*lanes)), s3))
		s4 = g.MulAdd(load(unsafe.Add(u, 16*lanes)), f.MulAdd(load(unsafe.Add(v, 16*lanes)), s4))
		s5 = g.MulAdd(load(unsafe.Add(u, 20*lanes)), f.MulAdd(load(unsafe.Add(v, 20*lanes)), s5))
		w, v = unsafe.Add(w, 8), unsafe.Add(u, step)
	}
	if k > 0 {
		f := splat(*(*float32)(w))
		s0 = f.MulAdd(load(v), s0)
		s1 = f.MulAdd(load(unsafe.Add(v, 4*lanes)), s1)
		s2 = f.MulAdd(load(unsafe.Add(v, 8*lanes)), s2)
		s3 = f.MulAdd(load(unsafe.Add(v, 12*lanes)), s3)
		s4 = f.MulAdd(load(unsafe.Add(v, 16*lanes)), s4)
		s5 = f.MulAdd(load(unsafe.Add(v, 20*lanes)), s5)
	}
	store(dst, s0.Add(load(dst)))
	store(unsafe.Add(dst, 4*lanes), s1.Add(load(unsafe.Add(dst, 4*lanes))))
	store(unsafe.Add(dst, 8*lanes), s2.Add(load(unsafe.Add(dst, 8*lanes))))
	store(unsafe.Add(dst, 12*lanes), s3.Add(load(unsafe.Add(dst, 12*lanes))))
	store(unsafe.Add(dst, 16*lanes), s4.Add(load(unsafe.Add(dst, 16*lanes))))
	store(unsafe.Add(dst, 20*lanes), s5.Add(load(unsafe.Add(dst, 20*lanes))))
}

// mix4 adds k weighted rows of 4 vectors, step bytes apart, to dst.
func mix4(k, step int, w, v, dst unsafe.Pointer) {
	var s0, s1, s2, s3 vec
	for ; k >= 2; k -= 2 {
		f, g, u := splat(*(*float32)(w)), splat(*(*float32)(unsafe.Add(w, 4))), unsafe.Add(v, step)
		s0 = g.MulAdd(load(u), f.MulAdd(load(v), s0))
		s1 = g.MulAdd(load(unsafe.Add(u, 4*lanes)), f.MulAdd(load(unsafe.Add(v, 4*lanes)), s1))
		s2 = g.MulAdd(load(unsafe.Add(u, 8*lanes)), f.MulAdd(load(unsafe.Add(v, 8*lanes)), s2))
		s3 = g.MulAdd(load(unsafe.Add(u, 12*lanes)), f.MulAdd(load(unsafe.Add(v, 12*lanes)), s3))
		w, v = unsafe.Add(w, 8), unsafe.Add(u, step)
	}
	if k > 0 {
		f := splat(*(*float32)(w))
		s0 = f.MulAdd(load(v), s0)
		s1 = f.MulAdd(load(unsafe.Add(v, 4*lanes)), s1)
		s2 = f.MulAdd(load(unsafe.Add(v, 8*lanes)), s2)
		s3 = f.MulAdd(load(unsafe.Add(v, 12*lanes)), s3)
	}
	store(dst, s0.Add(load(dst)))
	store(unsafe.Add(dst, 4*lanes), s1.Add(load(unsafe.Add(dst, 4*lanes))))
	store(unsafe.Add(dst, 8*lanes), s2.Add(load(unsafe.Add(dst, 8*lanes))))
	store(unsafe.Add(dst, 12*lanes), s3.Add(load(unsafe.Add(dst, 12*lanes))))
}
