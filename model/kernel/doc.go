// Package kernel holds the arithmetic a small transformer spends its time in:
// matrix products, attention, normalisation, activations, rotary embedding.
//
// Every kernel takes plain slices and strides and knows nothing of layers. Each
// exists twice. The vector form is written once, in terms of the vec type, for
// amd64 and WebAssembly through simd/archsimd (built with GOEXPERIMENT=simd);
// the scalar form, named with the suffix Scalar, is its reference in the tests
// and takes over on machines and toolchains without vectors. Both give results
// that depend only on their inputs: the order of every sum is fixed by the
// sizes, never by timing or by the number of goroutines.
//
// Products of int8 weights round activations to int16 and sum integers, and so does attention with keys, queries, weights and values, which is
// exact: these have the same bits everywhere, in any order.
//
// In WebAssembly products and attention exist a third time, as a module that is written out with package
// wasmcode (make kernels) and lies beside this file: twice as fast as what Go makes of them, with the same
// bits.
package kernel
