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

// loadShorts makes a vector of as many int16.
func loadShorts(p unsafe.Pointer) vec {
	return archsimd.BroadcastUint64x2(*(*uint64)(p)).ReshapeToUint16s().BitsToInt16().ExtendLo4ToInt32().ConvertToFloat32()
}

func leave() {}

// sum adds the lanes of v in a fixed order.
func sum(v vec) float32 {
	return (v.GetElem(0) + v.GetElem(2)) + (v.GetElem(1) + v.GetElem(3))
}

func asInt(v vec) ivec   { return v.ToBits().BitsToInt32() }
func asFloat(v ivec) vec { return v.ToBits().BitsToFloat32() }

const singleThread = true
