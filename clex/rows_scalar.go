//go:build !(goexperiment.simd && wasm)

package clex

// addRows adds Σ_i x_i·m[i] to dst; m has len(x) rows of len(dst).
func addRows(dst, x, m []float64) { addRowsScalar(dst, x, m) }
