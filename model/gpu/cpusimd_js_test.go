//go:build js && wasm && goexperiment.simd

package gpu

const cpuName = "CPU SIMD"
