package clex

import (
	"fmt"
	"math"
	"testing"
)

// naiveRate is the published field written out once more, with math.Tanh and plain loops.
func naiveRate(n *Network, t float64, z []float64) []float64 {
	d := float64(n.Dims)
	alpha := 2*t - 1
	hidden := make([]float64, n.Hidden)
	for i, v := range z {
		prior := -(2 * float64(i) / d) * (math.Log(10000) + d/(d-2)*math.Log(alpha))
		for j := range hidden {
			hidden[j] += (v + prior) * n.Up[i*n.Hidden+j]
		}
	}
	rate := make([]float64, len(z))
	for i := range rate {
		rate[i] = -2 * (2 * float64(i) / (d - 2)) / alpha
		for j, h := range hidden {
			rate[i] += math.Tanh(h) * n.Down[j*len(z)+i]
		}
	}
	return rate
}

// naiveSolve integrates it from 1 to t by the classic Runge–Kutta method in equal steps of ln t, which are fine where the
// prior is steep.
func naiveSolve(n *Network, t float64, steps int) []float64 {
	z := make([]float64, n.Dims/2)
	for i := range z {
		z[i] = -float64(2*i) / float64(n.Dims) * math.Log(10000)
	}
	h := math.Log(t) / float64(steps)
	at := func(s float64, k []float64, c float64) []float64 {
		y := make([]float64, len(z))
		for i := range y {
			y[i] = z[i]
			if k != nil {
				y[i] += c * k[i]
			}
		}
		rate := naiveRate(n, math.Exp(s), y)
		for i := range rate {
			rate[i] *= math.Exp(s)
		}
		return rate
	}
	for step := range steps {
		s := float64(step) * h
		k1 := at(s, nil, 0)
		k2 := at(s+h/2, k1, h/2)
		k3 := at(s+h/2, k2, h/2)
		k4 := at(s+h, k3, h)
		for i := range z {
			z[i] += h / 6 * (k1[i] + 2*k2[i] + 2*k3[i] + k4[i])
		}
	}
	return z
}

// TestFarHorizons: CLEX made for t up to 64 and 256 reads the same frequencies off its trajectory as an independent, fine solve.
func TestFarHorizons(t *testing.T) {
	for _, tMax := range []float64{64, 256} {
		for _, dims := range []int{8, 64} {
			n := smallNetwork(t, dims, Tanh)
			for i := range n.Down {
				n.Down[i] *= 0.4 / tMax
			}
			c, err := NewCLEX(Rotary{HeadDim: dims, Dims: dims, Base: 10000, Window: 256}, Options{Network: n, TMax: tMax})
			if err != nil {
				t.Fatal(err)
			}
			if st := c.Stats(); st.Accepted > 500 {
				t.Errorf("t up to %v, %d dimensions: %d steps", tMax, dims, st.Accepted)
			}
			var e Encoding
			for _, at := range []float64{1.5, 3, 17, 40.25, 64, 100, 255.5, 256} {
				if at > tMax {
					break
				}
				if err := c.Encode(&e, at, 0); err != nil {
					t.Fatal(err)
				}
				want := naiveSolve(n, at, 400)
				for i, z := range want {
					want[i] = math.Exp(z)
				}
				nearRel(t, fmt.Sprintf("t = %v of %v, %d dimensions", at, tMax, dims), e.InvFreq, want, 1e-6)
			}
			if err := c.Encode(&e, tMax+1, 0); err == nil {
				t.Errorf("t = %v is taken", tMax+1)
			}
		}
	}
}
