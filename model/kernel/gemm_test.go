package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func randoms(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// naiveGEMM is the definition in float64, with the magnitude Σ|a||b| that bounds the rounding error.
func naiveGEMM(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, i, j int) (value, size float64) {
	for p := range k {
		ia, ib := i*lda+p, p*ldb+j
		if transA {
			ia = p*lda + i
		}
		if transB {
			ib = j*ldb + p
		}
		t := float64(a[ia]) * float64(b[ib])
		value += t
		size += math.Abs(t)
	}
	return
}

func checkGEMM(t *testing.T, transA, transB, accumulate bool, m, n, k, pad int, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 7))
	ra, ca, rb, cb := m, k, k, n
	if transA {
		ra, ca = k, m
	}
	if transB {
		rb, cb = n, k
	}
	lda, ldb, ldc := ca+pad, cb+pad, n+pad
	a, b, c0 := randoms(r, ra*lda), randoms(r, rb*ldb), randoms(r, m*ldc)
	for name, f := range map[string]func(*Workspace, bool, bool, int, int, int, []float32, int, []float32, int, bool, []float32, int){"GEMM": GEMM, "GEMMScalar": GEMMScalar} {
		c := append([]float32(nil), c0...)
		var ws Workspace
		f(&ws, transA, transB, m, n, k, a, lda, b, ldb, accumulate, c, ldc)
		for i := range m {
			for j := range ldc {
				got := float64(c[i*ldc+j])
				if j >= n {
					if got != float64(c0[i*ldc+j]) {
						t.Fatalf("%s wrote outside C at %d,%d", name, i, j)
					}
					continue
				}
				want, size := naiveGEMM(transA, transB, m, n, k, a, lda, b, ldb, i, j)
				if accumulate {
					want += float64(c0[i*ldc+j])
					size += math.Abs(float64(c0[i*ldc+j]))
				}
				if math.Abs(got-want) > 3e-7*(size+1)*math.Sqrt(float64(k)+1) || math.IsNaN(got) {
					t.Fatalf("%s %v %v acc %v %dx%dx%d: C[%d,%d] = %g, want %g", name, transA, transB, accumulate, m, n, k, i, j, got, want)
				}
			}
		}
	}
}

func TestGEMM(t *testing.T) {
	sizes := [][3]int{{1, 1, 1}, {1, 7, 3}, {3, 1, 5}, {4, 8, 4}, {5, 9, 0}, {8, 32, 16}, {7, 31, 17}, {9, 33, 33}, {13, 65, 100}, {64, 48, 192}, {200, 70, 300}, {33, 1100, 40}, {20, 40, 700}}
	for s, z := range sizes {
		for flags := range 8 {
			t.Run(fmt.Sprintf("%dx%dx%d/%d", z[0], z[1], z[2], flags), func(t *testing.T) {
				checkGEMM(t, flags&1 != 0, flags&2 != 0, flags&4 != 0, z[0], z[1], z[2], s%4, uint64(s))
			})
		}
	}
}

// fuzzedSizes bounds three sizes so that one of them at most is long, which the seed chooses, and a product takes a tenth of a
// millisecond: long sides beside each other are TestGEMM's and TestPacked's.
func fuzzedSizes(seed uint64, sizes, longest [3]int) [3]int {
	for i := range sizes {
		most := 40
		if seed%4 == uint64(i) {
			most = longest[i]
		}
		sizes[i] = sizes[i]%most + 1
	}
	return sizes
}

func FuzzGEMM(f *testing.F) {
	f.Add(uint16(17), uint16(33), uint16(65), uint8(3), uint64(1))
	f.Fuzz(func(t *testing.T, m, n, k uint16, flags uint8, seed uint64) {
		z := fuzzedSizes(seed, [3]int{int(m), int(n), int(k)}, [3]int{300, 300, 600})
		checkGEMM(t, flags&1 != 0, flags&2 != 0, flags&4 != 0, z[0], z[1], z[2]-1, int(flags>>3), seed)
	})
}

func BenchmarkGEMM(b *testing.B) {
	for _, z := range [][3]int{{2048, 192, 192}, {2048, 512, 192}, {2048, 192, 512}, {2048, 2048, 192}} {
		for flags := range 4 {
			transA, transB := flags&1 != 0, flags&2 != 0
			if transA && transB {
				continue
			}
			m, n, k := z[0], z[1], z[2]
			if transA {
				m, k = k, m
			}
			b.Run(fmt.Sprintf("m%d_n%d_k%d_%v_%v", m, n, k, transA, transB), func(b *testing.B) {
				r := rand.New(rand.NewPCG(1, 1))
				x, y, c := randoms(r, m*k), randoms(r, k*n), make([]float32, m*n)
				lda, ldb := k, n
				if transA {
					lda = m
				}
				if transB {
					ldb = k
				}
				var ws Workspace
				b.ReportAllocs()
				for b.Loop() {
					GEMM(&ws, transA, transB, m, n, k, x, lda, y, ldb, false, c, n)
				}
				b.ReportMetric(2*float64(m)*float64(n)*float64(k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
