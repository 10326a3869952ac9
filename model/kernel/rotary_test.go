package kernel

import (
	"math"
	"math/cmplx"
	"testing"
)

// rotated is the definition: pairs as complex numbers times e^(i·angle).
func rotated(a, b float32, angle float64) (float64, float64) {
	z := complex(float64(a), float64(b)) * cmplx.Exp(complex(0, angle))
	return real(z), imag(z)
}

func TestRotary(t *testing.T) {
	for _, half := range []int{0, 1, 3, 4, 8, 11, 16, 24, 32} {
		for _, rest := range []int{0, 5} {
			r := source(uint64(half))
			x := randoms(r, 2*half+rest)
			angles := randoms(r, half)
			cos, sin := make([]float32, half), make([]float32, half)
			for i, a := range angles {
				cos[i], sin[i] = float32(math.Cos(float64(a))), float32(math.Sin(float64(a)))
			}
			check := func(name string, got []float32, lo, hi func(i int) int) {
				t.Helper()
				for i, a := range angles {
					wantLo, wantHi := rotated(x[lo(i)], x[hi(i)], float64(a))
					near(t, name, got[lo(i)], wantLo, 4, 1e-6)
					near(t, name, got[hi(i)], wantHi, 4, 1e-6)
				}
				for i := 2 * half; i < len(x); i++ {
					if got[i] != x[i] {
						t.Fatalf("%s changed component %d of %d, beyond the rotated part", name, i, len(x))
					}
				}
			}
			first, second := func(i int) int { return i }, func(i int) int { return half + i }
			in := func(f func(x, cos, sin []float32)) []float32 {
				y := append([]float32(nil), x...)
				f(y, cos, sin)
				return y
			}
			check("Rotary", in(Rotary), first, second)
			check("RotaryScalar", in(RotaryScalar), first, second)
			to := make([]float32, len(x))
			RotaryTo(to, x, cos, sin)
			check("RotaryTo", to, first, second)
		}
	}
}
