package kernel

// Rotary turns one head by given angles (arXiv 2104.09864) in place. Component
// i pairs with component half+i, half = len(cos): the half-split form of LLaMA
// and GPT-NeoX. Components from 2·half on stay (partial rotary).
func Rotary(x, cos, sin []float32) { RotaryTo(x, x, cos, sin) }

// RotaryTo writes src turned by the angles to dst, as Rotary does; both have
// the same length, components from 2·len(cos) on are copied. dst may be src.
func RotaryTo(dst, src, cos, sin []float32) {
	half := len(cos)
	sin, dst = sin[:half], dst[:len(src)]
	lo, hi := src[:half], src[half:2*half]
	if vectorised {
		rotaryVec(dst[:half], dst[half:2*half], lo, hi, cos, sin)
	} else {
		rotaryScalar(dst[:half], dst[half:2*half], lo, hi, cos, sin)
	}
	if len(src) > 2*half && &dst[0] != &src[0] {
		copy(dst[2*half:], src[2*half:])
	}
}

// RotaryScalar is the reference of Rotary.
func RotaryScalar(x, cos, sin []float32) {
	half := len(cos)
	rotaryScalar(x[:half], x[half:2*half], x[:half], x[half:2*half], cos, sin)
}

func rotaryScalar(dstLo, dstHi, lo, hi, cos, sin []float32) {
	for i, c := range cos {
		s := sin[i]
		a, b := lo[i], hi[i]
		dstLo[i], dstHi[i] = a*c-b*s, a*s+b*c
	}
}
