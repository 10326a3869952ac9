package kernel

import (
	"math"
	"testing"
)

func TestRMSNorm(t *testing.T) {
	for _, n := range lengths[1:] {
		r := source(uint64(n))
		x, gain := randoms(r, n), randoms(r, n)
		var s float64
		for _, v := range x {
			s += float64(v) * float64(v)
		}
		inv := 1 / math.Sqrt(s/float64(n)+1e-5)
		for name, f := range map[string]func(dst, x, gain []float32, eps float32) float32{"RMSNorm": RMSNorm, "RMSNormScalar": RMSNormScalar} {
			dst := make([]float32, n)
			near(t, name+" inverse", f(dst, x, gain, 1e-5), inv, inv, 1e-6)
			for i := range x {
				want := float64(x[i]) * inv * float64(gain[i])
				near(t, name, dst[i], want, want, 2e-6)
			}
		}
	}
}

func TestLayerNorm(t *testing.T) {
	for _, n := range lengths[1:] {
		for _, withBias := range []bool{true, false} {
			r := source(uint64(n))
			x, gain := randoms(r, n), randoms(r, n)
			bias := randoms(r, n)
			if !withBias {
				bias = nil
			}
			var mean, variance float64
			for i := range x {
				x[i] += 3
				mean += float64(x[i]) / float64(n)
			}
			for _, v := range x {
				variance += (float64(v) - mean) * (float64(v) - mean) / float64(n)
			}
			inv := 1 / math.Sqrt(variance+1e-5)
			for name, f := range map[string]func(dst, x, gain, bias []float32, eps float32) (float32, float32){"LayerNorm": LayerNorm, "LayerNormScalar": LayerNormScalar} {
				dst := make([]float32, n)
				m, v := f(dst, x, gain, bias, 1e-5)
				near(t, name+" mean", m, mean, 4, 1e-6)
				near(t, name+" inverse", v, inv, inv, 1e-3)
				for i := range x {
					want := (float64(x[i]) - mean) * inv * float64(gain[i])
					if withBias {
						want += float64(bias[i])
					}
					near(t, name, dst[i], want, (math.Abs(want)+1)*max(1, inv), 1e-5)
				}
			}
		}
	}
}

// TestRMSNormBackward compares with central differences of the float64 norm under the loss Σ dy·y.
func TestRMSNormBackward(t *testing.T) {
	for _, n := range []int{1, 3, 8, 17, 48, 65} {
		r := source(uint64(n))
		x, gain, dy := randoms(r, n), randoms(r, n), randoms(r, n)
		loss := func(x, gain []float64) (l float64) {
			var s float64
			for _, v := range x {
				s += v * v
			}
			inv := 1 / math.Sqrt(s/float64(n)+1e-5)
			for i, v := range x {
				l += float64(dy[i]) * v * inv * gain[i]
			}
			return l
		}
		slope := func(v []float64, i int, x, gain []float64) float64 {
			const h = 1e-5
			old := v[i]
			v[i] = old + h
			up := loss(x, gain)
			v[i] = old - h
			down := loss(x, gain)
			v[i] = old
			return (up - down) / (2 * h)
		}
		for name, f := range map[string]func(dx, dGain, dy, x, gain []float32, inv float32){"RMSNormBackward": RMSNormBackward, "RMSNormBackwardScalar": RMSNormBackwardScalar} {
			inv := RMSNorm(make([]float32, n), x, gain, 1e-5)
			dx, dGain := make([]float32, n), make([]float32, n)
			for i := range dx {
				dx[i], dGain[i] = 1, 2
			}
			f(dx, dGain, dy, x, gain, inv)
			X, G := widen(x), widen(gain)
			for i := range x {
				near(t, name+" x", dx[i], 1+slope(X, i, X, G), 10, 1e-5)
				near(t, name+" gain", dGain[i], 2+slope(G, i, X, G), 10, 1e-5)
			}
		}
	}
}
