//go:build js && wasm && !goexperiment.simd

package main

// backend names what computes, for the page.
const backend = "CPU"

func kernels() string { return "The CPU's kernels do without SIMD." }
