//go:build goexperiment.simd && (amd64 || wasm)

package kernel

import (
	"math"
	"unsafe"
)

// partial is where the last, incomplete vector of a slice is widened: an
// element then goes through the same arithmetic wherever it lies in a slice.
type partial [lanes]float32

func (t *partial) load() vec   { return load(unsafe.Pointer(t)) }
func (t *partial) store(v vec) { store(unsafe.Pointer(t), v) }

func dotVec(x, y []float32) float32 {
	n := len(x)
	p, q := at(x), at(y)
	var s0, s1, s2, s3 vec
	for ; n >= 4*lanes; n -= 4 * lanes {
		s0 = load(p).MulAdd(load(q), s0)
		s1 = load(unsafe.Add(p, 4*lanes)).MulAdd(load(unsafe.Add(q, 4*lanes)), s1)
		s2 = load(unsafe.Add(p, 8*lanes)).MulAdd(load(unsafe.Add(q, 8*lanes)), s2)
		s3 = load(unsafe.Add(p, 12*lanes)).MulAdd(load(unsafe.Add(q, 12*lanes)), s3)
		p, q = unsafe.Add(p, 16*lanes), unsafe.Add(q, 16*lanes)
	}
	for ; n >= lanes; n -= lanes {
		s0 = load(p).MulAdd(load(q), s0)
		p, q = unsafe.Add(p, 4*lanes), unsafe.Add(q, 4*lanes)
	}
	if n > 0 {
		var a, b partial
		copy(a[:], x[len(x)-n:])
		copy(b[:], y[len(y)-n:])
		s1 = a.load().MulAdd(b.load(), s1)
	}
	s := sum(s0.Add(s2).Add(s1.Add(s3)))
	leave()
	return s
}

func scaleVec(a float32, x []float32) {
	f := splat(a)
	i := 0
	for ; i+lanes <= len(x); i += lanes {
		store(at(x[i:]), f.Mul(load(at(x[i:]))))
	}
	leave()
	for ; i < len(x); i++ {
		x[i] *= a
	}
}

func addVec(dst, x, y []float32) {
	i := 0
	for ; i+lanes <= len(dst); i += lanes {
		store(at(dst[i:]), load(at(x[i:])).Add(load(at(y[i:]))))
	}
	leave()
	for ; i < len(dst); i++ {
		dst[i] = x[i] + y[i]
	}
}

func mulVec(dst, x, y []float32) {
	i := 0
	for ; i+lanes <= len(dst); i += lanes {
		store(at(dst[i:]), load(at(x[i:])).Mul(load(at(y[i:]))))
	}
	leave()
	for ; i < len(dst); i++ {
		dst[i] = x[i] * y[i]
	}
}

func maxVec(x []float32) float32 {
	low := float32(math.Inf(-1))
	n, p := len(x), at(x)
	a := splat(low)
	b, c, d := a, a, a
	for ; n >= 4*lanes; n -= 4 * lanes {
		a = a.Max(load(p))
		b = b.Max(load(unsafe.Add(p, 4*lanes)))
		c = c.Max(load(unsafe.Add(p, 8*lanes)))
		d = d.Max(load(unsafe.Add(p, 12*lanes)))
		p = unsafe.Add(p, 16*lanes)
	}
	for ; n >= lanes; n -= lanes {
		a = a.Max(load(p))
		p = unsafe.Add(p, 4*lanes)
	}
	var t partial
	t.store(a.Max(b).Max(c.Max(d)))
	leave()
	return max(MaxScalar(t[:]), MaxScalar(x[len(x)-n:]))
}

func maxWithVec(dst, x []float32) {
	n, p, q := len(dst), at(dst), at(x)
	for ; n >= lanes; n -= lanes {
		store(p, load(p).Max(load(q)))
		p, q = unsafe.Add(p, 4*lanes), unsafe.Add(q, 4*lanes)
	}
	leave()
	MaxWithScalar(dst[len(dst)-n:], x[len(x)-n:])
}

func sumFromVec(x []float32, least float32) float32 {
	n, p := len(x), at(x)
	l := splat(least)
	var a, b vec
	for ; n >= 2*lanes; n -= 2 * lanes {
		v, w := load(p), load(unsafe.Add(p, 4*lanes))
		a = a.Add(v.Masked(v.GreaterEqual(l)))
		b = b.Add(w.Masked(w.GreaterEqual(l)))
		p = unsafe.Add(p, 8*lanes)
	}
	s := sum(a.Add(b))
	leave()
	return s + float32(SumFromScalar(x[len(x)-n:], least))
}
