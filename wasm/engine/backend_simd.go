//go:build js && wasm && goexperiment.simd

package main

import "clexlab/model/kernel"

// backend names what computes, for the page.
const backend = "CPU SIMD"

// kernels says which ones compute.
func kernels() string {
	if err := kernel.Module(); err != nil {
		return "The CPU's kernels are the slower ones that Go compiled: " + err.Error() + "."
	}
	return "The CPU's kernels are WebAssembly that the engine wrote itself and found right to the bit."
}
