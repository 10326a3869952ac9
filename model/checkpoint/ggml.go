package checkpoint

import (
	"encoding/binary"
	"math"
)

// ggmlBlock is a type of weights of ggml: how many values share a block of how many bytes, and how they are read.
type ggmlBlock struct {
	name          string
	values, bytes int64
	decode        func(dst []float32, b []byte)
}

// ggmlBlocks are the types that are understood, by their numbers (ggml-org/ggml, ggml-common.h and ggml-quants.c).
var ggmlBlocks = map[uint32]ggmlBlock{
	ggmlF32:  {"F32", 1, 4, func(dst []float32, b []byte) { dst[0] = math.Float32frombits(binary.LittleEndian.Uint32(b)) }},
	ggmlF16:  {"F16", 1, 2, func(dst []float32, b []byte) { dst[0] = half(b) }},
	2:        {"Q4_0", 32, 18, decodeQ4_0},
	3:        {"Q4_1", 32, 20, decodeQ4_1},
	6:        {"Q5_0", 32, 22, decodeQ5_0},
	7:        {"Q5_1", 32, 24, decodeQ5_1},
	ggmlQ8_0: {"Q8_0", 32, 34, decodeQ8_0},
	12:       {"Q4_K", 256, 144, decodeQ4_K},
	13:       {"Q5_K", 256, 176, decodeQ5_K},
	14:       {"Q6_K", 256, 210, decodeQ6_K},
	30: {"BF16", 1, 2, func(dst []float32, b []byte) {
		dst[0] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16)
	}},
}

func half(b []byte) float32 { return fromHalf(binary.LittleEndian.Uint16(b)) }

// The first half of a block stands in the low four bits of its bytes, the second in the high ones.

func decodeQ4_0(dst []float32, b []byte) {
	d := half(b)
	for i, q := range b[2:18] {
		dst[i], dst[i+16] = d*float32(int(q&15)-8), d*float32(int(q>>4)-8)
	}
}

func decodeQ4_1(dst []float32, b []byte) {
	d, least := half(b), half(b[2:])
	for i, q := range b[4:20] {
		dst[i], dst[i+16] = d*float32(q&15)+least, d*float32(q>>4)+least
	}
}

// fifth adds the fifth bit of value i of a block to its four.
func fifth(four byte, bits uint32, i int) int { return int(four) | int(bits>>i&1)<<4 }

func decodeQ5_0(dst []float32, b []byte) {
	d, bits := half(b), binary.LittleEndian.Uint32(b[2:])
	for i, q := range b[6:22] {
		dst[i], dst[i+16] = d*float32(fifth(q&15, bits, i)-16), d*float32(fifth(q>>4, bits, i+16)-16)
	}
}

func decodeQ5_1(dst []float32, b []byte) {
	d, least, bits := half(b), half(b[2:]), binary.LittleEndian.Uint32(b[4:])
	for i, q := range b[8:24] {
		dst[i], dst[i+16] = d*float32(fifth(q&15, bits, i))+least, d*float32(fifth(q>>4, bits, i+16))+least
	}
}

func decodeQ8_0(dst []float32, b []byte) {
	d := half(b)
	for i, q := range b[2:34] {
		dst[i] = d * float32(int8(q))
	}
}

// scaleMin unpacks the scale and the minimum of sub-block j, six bits each, of Q4_K and Q5_K.
func scaleMin(packed []byte, j int) (scale, least float32) {
	if j < 4 {
		return float32(packed[j] & 63), float32(packed[j+4] & 63)
	}
	return float32(packed[j+4]&15 | packed[j-4]>>6<<4), float32(packed[j+4]>>4 | packed[j]>>6<<4)
}

func decodeQ4_K(dst []float32, b []byte) {
	d, least, packed, q := half(b), half(b[2:]), b[4:16], b[16:144]
	for j := range 8 {
		s, m := scaleMin(packed, j)
		for i := range 32 {
			v := q[j/2*32+i] >> (4 * (j % 2)) & 15
			dst[32*j+i] = d*s*float32(v) - least*m
		}
	}
}

func decodeQ5_K(dst []float32, b []byte) {
	d, least, packed, high, q := half(b), half(b[2:]), b[4:16], b[16:48], b[48:176]
	for j := range 8 {
		s, m := scaleMin(packed, j)
		for i := range 32 {
			v := q[j/2*32+i]>>(4*(j%2))&15 | high[i]>>j&1<<4
			dst[32*j+i] = d*s*float32(v) - least*m
		}
	}
}

func decodeQ6_K(dst []float32, b []byte) {
	low, high, scales, d := b[:128], b[128:192], b[192:208], half(b[208:])
	for i := range 256 {
		// Each half of the block has four runs of 32.
		part, run, k := i/128, i%128/32, i%32
		four := low[64*part+32*(run%2)+k] >> (4 * (run / 2)) & 15
		v := int(four|high[32*part+k]>>(2*run)&3<<4) - 32
		dst[i] = d * float32(int8(scales[i/16])) * float32(v)
	}
}
