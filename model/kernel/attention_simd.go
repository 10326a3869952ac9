//go:build goexperiment.simd && (amd64 || wasm)

package kernel

import "unsafe"

func widenVec(dst []float32, w []int16, scale float32) {
	by, i := splat(scale), 0
	for ; i+lanes <= len(dst); i += lanes {
		store(floatsAt(dst, i), by.Mul(loadShorts(unsafe.Pointer(&w[i]))))
	}
	leave()
	for ; i < len(dst); i++ {
		dst[i] = scale * float32(w[i])
	}
}

// weighVec sums lane by lane, the last incomplete vector filled with zeros.
func weighVec(w, scale []float32) float32 {
	var s vec
	i := 0
	for ; i+lanes <= len(w); i += lanes {
		v := load(floatsAt(w, i)).Mul(load(floatsAt(scale, i)))
		store(floatsAt(w, i), v)
		s = s.Add(v)
	}
	if i < len(w) {
		var t partial
		for j := range w[i:] {
			w[i+j] *= scale[i+j]
		}
		copy(t[:], w[i:])
		s = s.Add(t.load())
	}
	r := sum(s)
	leave()
	return r
}
