//go:build goexperiment.simd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

// vec is the vector every kernel is written in; WebAssembly has 128 bits.
type (
	vec  = archsimd.Float32x4
	ivec = archsimd.Int32x4
	uvec = archsimd.Uint32x4
)

const (
	lanes      = 4
	vectorised = true
)

func load(p unsafe.Pointer) vec     { return archsimd.LoadFloat32x4Array((*[4]float32)(p)) }
func store(p unsafe.Pointer, v vec) { v.StoreArray((*[4]float32)(p)) }
func splat(x float32) vec           { return archsimd.BroadcastFloat32x4(x) }
func isplat(x int32) ivec           { return archsimd.BroadcastInt32x4(x) }

// mulAddAt is s plus f times the vector offset bytes after p. It calls nothing but
// instructions: the compiler orders inlined code by the depth of the call, and would
// compute the addresses of a whole loop before its first load.
func mulAddAt(f vec, p unsafe.Pointer, offset uintptr, s vec) vec {
	return s.Add(f.Mul(archsimd.LoadFloat32x4Array((*[4]float32)(unsafe.Add(p, offset)))))
}

func leave() {}

// sum adds the lanes of v in a fixed order.
func sum(v vec) float32 {
	return (v.GetElem(0) + v.GetElem(2)) + (v.GetElem(1) + v.GetElem(3))
}

func asInt(v vec) ivec   { return v.ToBits().BitsToInt32() }
func asFloat(v ivec) vec { return v.ToBits().BitsToFloat32() }

// unrolled says whether loops take several rows a turn.
const unrolled = true

const singleThread = true
