//go:build goexperiment.simd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

// vec is the vector every kernel is written in; here 256 bits, which AVX2 and
// AVX-512 machines share. Matrix products alone have a 512-bit tile as well.
type (
	vec  = archsimd.Float32x8
	ivec = archsimd.Int32x8
	uvec = archsimd.Uint32x8
)

const lanes = 8

// vectorised says whether this machine runs the vector kernels.
var vectorised = archsimd.X86.AVX2() && archsimd.X86.FMA()

// wide says whether matrix products use the 512-bit tile.
var wide = vectorised && archsimd.X86.AVX512()

func load(p unsafe.Pointer) vec     { return archsimd.LoadFloat32x8Array((*[8]float32)(p)) }
func store(p unsafe.Pointer, v vec) { v.StoreArray((*[8]float32)(p)) }
func splat(x float32) vec           { return archsimd.BroadcastFloat32x8(x) }
func isplat(x int32) ivec           { return archsimd.BroadcastInt32x8(x) }

// loadShorts makes a vector of as many int16.
func loadShorts(p unsafe.Pointer) vec {
	return archsimd.LoadInt16x8Array((*[8]int16)(p)).ExtendToInt32().ConvertToFloat32()
}

// leave ends a vector kernel: scalar code after it would otherwise wait on the upper halves of the registers.
func leave() { archsimd.ClearAVXUpperBits() }

// sum adds the lanes of v in a fixed order.
func sum(v vec) float32 {
	q := v.GetLo().Add(v.GetHi())
	q = q.ConcatAddPairs(q)
	q = q.ConcatAddPairs(q)
	return q.GetElem(0)
}

func asInt(v vec) ivec   { return v.ToBits().BitsToInt32() }
func asFloat(v ivec) vec { return v.ToBits().BitsToFloat32() }

const singleThread = false
