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
// instruction that waits for the upper halves of the registers. In WebAssembly four are
// quicker: every turn of a loop passes a jump table, and sums stay in registers between rows.
func mix8(k, step int, w, v, dst unsafe.Pointer) {
	var s0, s1, s2, s3, s4, s5, s6, s7 vec
	for ; unrolled && k >= 4; k -= 4 {
		s0, s1, s2, s3, s4, s5, s6, s7 = addRow8(weight(w, 0), v, s0, s1, s2, s3, s4, s5, s6, s7)
		v = unsafe.Add(v, step)
		s0, s1, s2, s3, s4, s5, s6, s7 = addRow8(weight(w, 1), v, s0, s1, s2, s3, s4, s5, s6, s7)
		v = unsafe.Add(v, step)
		s0, s1, s2, s3, s4, s5, s6, s7 = addRow8(weight(w, 2), v, s0, s1, s2, s3, s4, s5, s6, s7)
		v = unsafe.Add(v, step)
		s0, s1, s2, s3, s4, s5, s6, s7 = addRow8(weight(w, 3), v, s0, s1, s2, s3, s4, s5, s6, s7)
		w, v = unsafe.Add(w, 16), unsafe.Add(v, step)
	}
	for ; k > 0; k-- {
		s0, s1, s2, s3, s4, s5, s6, s7 = addRow8(weight(w, 0), v, s0, s1, s2, s3, s4, s5, s6, s7)
		w, v = unsafe.Add(w, 4), unsafe.Add(v, step)
	}
	addTo4(dst, s0, s1, s2, s3)
	addTo4(unsafe.Add(dst, 16*lanes), s4, s5, s6, s7)
}

func mix12(k, step int, w, v, dst unsafe.Pointer) {
	var s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11 vec
	for ; unrolled && k >= 4; k -= 4 {
		f := weight(w, 0)
		s0, s1, s2, s3, s4, s5, s6, s7 = addRow8(f, v, s0, s1, s2, s3, s4, s5, s6, s7)
		s8, s9, s10, s11 = addRow4(f, v, 32*lanes, s8, s9, s10, s11)
		v = unsafe.Add(v, step)
		f = weight(w, 1)
		s0, s1, s2, s3, s4, s5, s6, s7 = addRow8(f, v, s0, s1, s2, s3, s4, s5, s6, s7)
		s8, s9, s10, s11 = addRow4(f, v, 32*lanes, s8, s9, s10, s11)
		v = unsafe.Add(v, step)
		f = weight(w, 2)
		s0, s1, s2, s3, s4, s5, s6, s7 = addRow8(f, v, s0, s1, s2, s3, s4, s5, s6, s7)
		s8, s9, s10, s11 = addRow4(f, v, 32*lanes, s8, s9, s10, s11)
		v = unsafe.Add(v, step)
		f = weight(w, 3)
		s0, s1, s2, s3, s4, s5, s6, s7 = addRow8(f, v, s0, s1, s2, s3, s4, s5, s6, s7)
		s8, s9, s10, s11 = addRow4(f, v, 32*lanes, s8, s9, s10, s11)
		w, v = unsafe.Add(w, 16), unsafe.Add(v, step)
	}
	for ; k > 0; k-- {
		f := weight(w, 0)
		s0, s1, s2, s3, s4, s5, s6, s7 = addRow8(f, v, s0, s1, s2, s3, s4, s5, s6, s7)
		s8, s9, s10, s11 = addRow4(f, v, 32*lanes, s8, s9, s10, s11)
		w, v = unsafe.Add(w, 4), unsafe.Add(v, step)
	}
	addTo4(dst, s0, s1, s2, s3)
	addTo4(unsafe.Add(dst, 16*lanes), s4, s5, s6, s7)
	addTo4(unsafe.Add(dst, 32*lanes), s8, s9, s10, s11)
}

func mix6(k, step int, w, v, dst unsafe.Pointer) {
	var s0, s1, s2, s3, s4, s5 vec
	for ; k > 0; k-- {
		f := weight(w, 0)
		s0, s1, s2, s3 = addRow4(f, v, 0, s0, s1, s2, s3)
		s4, s5 = mulAddAt(f, v, 16*lanes, s4), mulAddAt(f, v, 20*lanes, s5)
		w, v = unsafe.Add(w, 4), unsafe.Add(v, step)
	}
	addTo4(dst, s0, s1, s2, s3)
	addTo2(unsafe.Add(dst, 16*lanes), s4, s5)
}

func mix4(k, step int, w, v, dst unsafe.Pointer) {
	var s0, s1, s2, s3 vec
	for ; k > 0; k-- {
		s0, s1, s2, s3 = addRow4(weight(w, 0), v, 0, s0, s1, s2, s3)
		w, v = unsafe.Add(w, 4), unsafe.Add(v, step)
	}
	addTo4(dst, s0, s1, s2, s3)
}

// weight is the i-th weight after w in every lane.
func weight(w unsafe.Pointer, i uintptr) vec { return splat(*(*float32)(unsafe.Add(w, 4*i))) }

// addRow4 adds f times the four vectors offset bytes after v to four sums.
func addRow4(f vec, v unsafe.Pointer, offset uintptr, a, b, c, d vec) (vec, vec, vec, vec) {
	return mulAddAt(f, v, offset, a), mulAddAt(f, v, offset+4*lanes, b), mulAddAt(f, v, offset+8*lanes, c), mulAddAt(f, v, offset+12*lanes, d)
}

func addRow8(f vec, v unsafe.Pointer, s0, s1, s2, s3, s4, s5, s6, s7 vec) (vec, vec, vec, vec, vec, vec, vec, vec) {
	return mulAddAt(f, v, 0, s0), mulAddAt(f, v, 4*lanes, s1), mulAddAt(f, v, 8*lanes, s2), mulAddAt(f, v, 12*lanes, s3),
		mulAddAt(f, v, 16*lanes, s4), mulAddAt(f, v, 20*lanes, s5), mulAddAt(f, v, 24*lanes, s6), mulAddAt(f, v, 28*lanes, s7)
}

// addTo4 adds four vectors to those at dst.
func addTo4(dst unsafe.Pointer, a, b, c, d vec) {
	addTo2(dst, a, b)
	addTo2(unsafe.Add(dst, 8*lanes), c, d)
}

func addTo2(dst unsafe.Pointer, a, b vec) {
	store(dst, a.Add(load(dst)))
	store(unsafe.Add(dst, 4*lanes), b.Add(load(unsafe.Add(dst, 4*lanes))))
}
