//go:build !goexperiment.simd || !amd64

package kernel

func tilings() []tiling { return []tiling{currentTiling(), scalarTiling} }
