//go:build goexperiment.simd && (amd64 || wasm)

package kernel

import "unsafe"

func (p *Packed) vectorFloat(y, x []float32, p0 int) {
	nr, w := p.tile.cols, 2*lanes
	in := at(x)
	pairs := len(y) / w
	pairsPerPanel := nr / w
	// where(c) is the first weight of output pair c: pairs lie side by side in a
	// panel, panels one after another.
	where := func(c int) unsafe.Pointer {
		return floatsAt(p.w, (c/pairsPerPanel*p.cols+p0)*nr+c%pairsPerPanel*w)
	}
	c := 0
	for ; c+4 <= pairs; c += 4 {
		dotPairs4(len(x), 4*nr, in, where(c), where(c+1), where(c+2), where(c+3), floatsAt(y, c*w), p0 > 0)
	}
	for ; c < pairs; c++ {
		dotPair(len(x), 4*nr, in, where(c), floatsAt(y, c*w), p0 > 0)
	}
	leave()
}

// dotPairs4 is x times four columns of 2·lanes weights, step bytes from input to input: 8 sums in registers.
func dotPairs4(k, step int, x, w0, w1, w2, w3, y unsafe.Pointer, accumulate bool) {
	var s0, s1, s2, s3, s4, s5, s6, s7 vec
	for ; k > 0; k-- {
		v := splat(*(*float32)(x))
		s0 = v.MulAdd(load(w0), s0)
		s1 = v.MulAdd(load(unsafe.Add(w0, 4*lanes)), s1)
		s2 = v.MulAdd(load(w1), s2)
		s3 = v.MulAdd(load(unsafe.Add(w1, 4*lanes)), s3)
		s4 = v.MulAdd(load(w2), s4)
		s5 = v.MulAdd(load(unsafe.Add(w2, 4*lanes)), s5)
		s6 = v.MulAdd(load(w3), s6)
		s7 = v.MulAdd(load(unsafe.Add(w3, 4*lanes)), s7)
		x = unsafe.Add(x, 4)
		w0, w1, w2, w3 = unsafe.Add(w0, step), unsafe.Add(w1, step), unsafe.Add(w2, step), unsafe.Add(w3, step)
	}
	finishPair(y, s0, s1, accumulate)
	finishPair(unsafe.Add(y, 8*lanes), s2, s3, accumulate)
	finishPair(unsafe.Add(y, 16*lanes), s4, s5, accumulate)
	finishPair(unsafe.Add(y, 24*lanes), s6, s7, accumulate)
}

func dotPair(k, step int, x, w, y unsafe.Pointer, accumulate bool) {
	var s0, s1 vec
	for ; k > 0; k-- {
		v := splat(*(*float32)(x))
		s0 = v.MulAdd(load(w), s0)
		s1 = v.MulAdd(load(unsafe.Add(w, 4*lanes)), s1)
		x, w = unsafe.Add(x, 4), unsafe.Add(w, step)
	}
	finishPair(y, s0, s1, accumulate)
}

func finishPair(y unsafe.Pointer, a, b vec, accumulate bool) {
	if accumulate {
		a, b = a.Add(load(y)), b.Add(load(unsafe.Add(y, 4*lanes)))
	}
	store(y, a)
	store(unsafe.Add(y, 4*lanes), b)
}
