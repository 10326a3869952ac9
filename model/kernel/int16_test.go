package kernel

import (
	"fmt"
	"testing"
)

// shortTilings are those that attention multiplies in here.
func shortTilings() []tiling { return append(tilings(), tilingOf(48)) }

// Products of int16 are exact up to their conversion to float32.
func TestProductsOfShorts(t *testing.T) {
	r := source(6)
	for i, z := range shortTilings() {
		for _, pairs := range []int{1, 2, 3, 4, 5, 24, 64} {
			for m := 1; m <= 9; m++ {
				n := z.cols
				// Room behind what is read, as vectors are wide.
				x, w := make([]int16, m*2*pairs+32), make([]int16, n*2*pairs)
				for j := range x[:m*2*pairs] {
					x[j] = int16(r.IntN(8191) - 4095)
				}
				for j := range w {
					w[j] = int16(r.IntN(8191) - 4095)
				}
				scaleX, scaleW := randoms(r, m), randoms(r, n)
				for _, add := range []bool{false, true} {
					y := randoms(r, m*(n+3))
					want := append([]float32(nil), y...)
					for row := range m {
						for c := range n {
							var s int64
							for p := range 2 * pairs {
								s += int64(x[row*2*pairs+p]) * int64(w[(p/2*n+c)*2+p%2])
							}
							v := float32(float32(s)*scaleX[row]) * scaleW[c]
							if add {
								v += want[row*(n+3)+c]
							}
							want[row*(n+3)+c] = v
						}
					}
					k := &integers{pairs: pairs, stepX: uintptr(4 * pairs), stepY: uintptr(4 * (n + 3)), add: add}
					k.multiply(&z, m, x, scaleX, w, scaleW, y)
					for j := range want {
						if y[j] != want[j] {
							t.Fatalf("%s: value %d is %g, want %g", fmt.Sprintf("tile %d, %d pairs, %d rows", i, pairs, m), j, y[j], want[j])
						}
					}
				}
			}
		}
	}
}
