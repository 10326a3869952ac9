package clex

import (
	"math/rand/v2"
	"testing"
)

func TestRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	random := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		return v
	}
	for _, rows := range []int{1, 2, 3, 4, 5, 8, 13, 24, 32, 64} {
		for _, cols := range []int{1, 3, 4, 7, 16, 24, 32, 33, 64} {
			m, x, w := random(rows*cols), random(rows), random(cols)
			got, want := random(cols), make([]float64, cols)
			copy(want, got)
			scalar := append([]float64(nil), got...)
			outer := append([]float64(nil), m...)
			wantOuter := append([]float64(nil), m...)
			dots, wantDots := random(rows), make([]float64, rows)
			for i := range rows {
				for j := range cols {
					want[j] += x[i] * m[i*cols+j]
					wantDots[i] += w[j] * m[i*cols+j]
					wantOuter[i*cols+j] += -3 * x[i] * w[j]
				}
			}
			addRows(got, x, m)
			addRowsScalar(scalar, x, m)
			rowDots(dots, m, w)
			addOuter(outer, -3, x, w)
			near(t, "addRows", got, want, 1e-13)
			near(t, "addRowsScalar", scalar, want, 1e-13)
			near(t, "rowDots", dots, wantDots, 1e-13)
			near(t, "addOuter", outer, wantOuter, 1e-13)
		}
	}
}
