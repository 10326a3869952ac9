//go:build goexperiment.simd && (amd64 || wasm)

package kernel

import "unsafe"

// scorePanelsVec adds the scores of n panels of keys of d components to dst: a
// panel is d rows of which q holds the weights, and is read as it lies in memory.
func scorePanelsVec(n, d int, dst, q, w unsafe.Pointer) {
	for ; n > 0; n-- {
		mix8(d, 32*lanes, q, w, dst)
		dst, w = unsafe.Add(dst, 32*lanes), unsafe.Add(w, 32*lanes*d)
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

// mix8 adds k weighted rows of 8 vectors, step bytes apart, to dst; its siblings do so
// for other widths. Two rows a turn are slower on amd64: the second weight is spilt by an
// instruction that waits for the upper halves of the registers.
func mix8(k, step int, w, v, dst unsafe.Pointer) {
	var s0, s1, s2, s3, s4, s5, s6, s7 vec
	for ; k > 0; k-- {
		f := splat(*(*float32)(w))
		s0 = f.MulAdd(load(v), s0)
		s1 = f.MulAdd(load(unsafe.Add(v, 4*lanes)), s1)
		s2 = f.MulAdd(load(unsafe.Add(v, 8*lanes)), s2)
		s3 = f.MulAdd(load(unsafe.Add(v, 12*lanes)), s3)
		s4 = f.MulAdd(load(unsafe.Add(v, 16*lanes)), s4)
		s5 = f.MulAdd(load(unsafe.Add(v, 20*lanes)), s5)
		s6 = f.MulAdd(load(unsafe.Add(v, 24*lanes)), s6)
		s7 = f.MulAdd(load(unsafe.Add(v, 28*lanes)), s7)
		w, v = unsafe.Add(w, 4), unsafe.Add(v, step)
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

func mix12(k, step int, w, v, dst unsafe.Pointer) {
	var s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11 vec
	for ; k > 0; k-- {
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
		w, v = unsafe.Add(w, 4), unsafe.Add(v, step)
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

func mix6(k, step int, w, v, dst unsafe.Pointer) {
	var s0, s1, s2, s3, s4, s5 vec
	for ; k > 0; k-- {
		f := splat(*(*float32)(w))
		s0 = f.MulAdd(load(v), s0)
		s1 = f.MulAdd(load(unsafe.Add(v, 4*lanes)), s1)
		s2 = f.MulAdd(load(unsafe.Add(v, 8*lanes)), s2)
		s3 = f.MulAdd(load(unsafe.Add(v, 12*lanes)), s3)
		s4 = f.MulAdd(load(unsafe.Add(v, 16*lanes)), s4)
		s5 = f.MulAdd(load(unsafe.Add(v, 20*lanes)), s5)
		w, v = unsafe.Add(w, 4), unsafe.Add(v, step)
	}
	store(dst, s0.Add(load(dst)))
	store(unsafe.Add(dst, 4*lanes), s1.Add(load(unsafe.Add(dst, 4*lanes))))
	store(unsafe.Add(dst, 8*lanes), s2.Add(load(unsafe.Add(dst, 8*lanes))))
	store(unsafe.Add(dst, 12*lanes), s3.Add(load(unsafe.Add(dst, 12*lanes))))
	store(unsafe.Add(dst, 16*lanes), s4.Add(load(unsafe.Add(dst, 16*lanes))))
	store(unsafe.Add(dst, 20*lanes), s5.Add(load(unsafe.Add(dst, 20*lanes))))
}

func mix4(k, step int, w, v, dst unsafe.Pointer) {
	var s0, s1, s2, s3 vec
	for ; k > 0; k-- {
		f := splat(*(*float32)(w))
		s0 = f.MulAdd(load(v), s0)
		s1 = f.MulAdd(load(unsafe.Add(v, 4*lanes)), s1)
		s2 = f.MulAdd(load(unsafe.Add(v, 8*lanes)), s2)
		s3 = f.MulAdd(load(unsafe.Add(v, 12*lanes)), s3)
		w, v = unsafe.Add(w, 4), unsafe.Add(v, step)
	}
	store(dst, s0.Add(load(dst)))
	store(unsafe.Add(dst, 4*lanes), s1.Add(load(unsafe.Add(dst, 4*lanes))))
	store(unsafe.Add(dst, 8*lanes), s2.Add(load(unsafe.Add(dst, 8*lanes))))
	store(unsafe.Add(dst, 12*lanes), s3.Add(load(unsafe.Add(dst, 12*lanes))))
}
