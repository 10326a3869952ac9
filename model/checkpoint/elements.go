package checkpoint

import (
	"encoding/binary"
	"fmt"
	"math"
)

// exponent masks the exponent of a float32: all ones is an infinity or NaN.
const exponent = 0x7f800000

// decode converts len(dst) elements of src to float32. It returns the index of
// the first value that is not finite, or -1.
func (d dtype) decode(dst []float32, src []byte) int {
	switch d {
	case dtypeF32:
		src = src[:4*len(dst)]
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		}
	case dtypeBF16:
		src = src[:2*len(dst)]
		for i := range dst {
			dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16)
		}
	case dtypeF16:
		src = src[:2*len(dst)]
		for i := range dst {
			dst[i] = fromHalf(binary.LittleEndian.Uint16(src[2*i:]))
		}
	default:
		panic("checkpoint: " + string(d) + " is not a type of weights")
	}
	for i, x := range dst {
		if math.Float32bits(x)&exponent == exponent {
			return i
		}
	}
	return -1
}

// fromHalf widens an IEEE 754 binary16.
func fromHalf(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	magnitude := uint32(h & 0x7fff)
	switch {
	case magnitude >= 0x7c00:
		return math.Float32frombits(sign | exponent | (magnitude&0x3ff)<<13)
	case magnitude < 0x400: // subnormal: magnitude·2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(magnitude)*0x1p-24))
	}
	return math.Float32frombits(sign | (magnitude<<13 + (127-15)<<23))
}

// toHalf rounds to the nearest binary16, ties to even. Values beyond its range become infinite.
func toHalf(x float32) uint16 {
	b := math.Float32bits(x)
	sign := uint16(b >> 16 & 0x8000)
	b &= 0x7fffffff
	switch {
	case b > exponent:
		return sign | 0x7e00
	case b >= 0x477ff000: // 65520 and more round to infinity
		return sign | 0x7c00
	case b < 0x38800000: // below 2^-14: subnormal, in units of 2^-24
		return sign | uint16(math.RoundToEven(float64(math.Float32frombits(b))*0x1p24))
	}
	b += 0xfff + b>>13&1
	return sign | uint16(b>>13-(127-15)<<10)
}

// encode writes src as elements of d to dst. It fails on a value that d cannot hold.
func (d dtype) encode(dst []byte, src []float32) error {
	for i, x := range src {
		if math.Float32bits(x)&exponent == exponent {
			return fmt.Errorf("value %d is %v: weights must be finite", i, x)
		}
	}
	switch d {
	case dtypeF32:
		for i, x := range src {
			binary.LittleEndian.PutUint32(dst[4*i:], math.Float32bits(x))
		}
	case dtypeF16:
		for i, x := range src {
			h := toHalf(x)
			if h&0x7c00 == 0x7c00 {
				return fmt.Errorf("value %d is %v: beyond the range of F16", i, x)
			}
			binary.LittleEndian.PutUint16(dst[2*i:], h)
		}
	default:
		panic("checkpoint: " + string(d) + " is not written from float32")
	}
	return nil
}
