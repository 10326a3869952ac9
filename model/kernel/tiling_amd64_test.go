//go:build goexperiment.simd

package kernel

import "testing"

// tilings are those of all machines that this one can be.
func tilings() []tiling {
	all := []tiling{scalarTiling}
	if vectorised {
		all = append(all, tiling256)
	}
	if wide {
		all = append(all, tiling512)
	}
	return all
}

// TestEveryMachine runs the matrix products as older machines would: with 256-bit tiles, and with none.
func TestEveryMachine(t *testing.T) {
	if !vectorised {
		t.Skip("this machine has no AVX2: the scalar kernels are all it runs")
	}
	hadWide := wide
	defer func() { wide, vectorised = hadWide, true }()
	for _, m := range []struct{ vectorised, wide bool }{{true, false}, {false, false}} {
		vectorised, wide = m.vectorised, m.wide
		for s, z := range [][3]int{{1, 1, 1}, {6, 16, 8}, {7, 17, 33}, {65, 50, 100}, {20, 130, 400}} {
			for flags := range 8 {
				checkGEMM(t, flags&1 != 0, flags&2 != 0, flags&4 != 0, z[0], z[1], z[2], s, uint64(s))
			}
			checkPacked(t, currentTiling(), z[1], z[2], z[0], s, uint64(s))
		}
		TestAttention(t)
		TestTwoPartAttention(t)
		TestSoftmax(t)
		TestVectorHelpers(t)
		TestRMSNorm(t)
	}
}
