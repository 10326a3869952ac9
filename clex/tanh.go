package clex

import "math"

// The network's time goes into its matrices and its tanh. math.Tanh is slow in wasm, where neither
// a call nor math.Exp is cheap; the addition theorem and a table, over a whole slice, need neither.

const (
	tanhSteps = 32 // table entries per unit
	tanhLimit = 20 // tanh rounds to 1 from 19.1 on
)

// tanhTable holds tanh(i/tanhSteps).
var tanhTable = func() (table [tanhSteps*tanhLimit + 1]float64) {
	for i := range table {
		table[i] = math.Tanh(float64(i) / tanhSteps)
	}
	return table
}()

// tanh replaces every x by tanh(x), to within 4 units in the last place: with T = tanh(a) at the
// nearest table point a and D = tanh(x-a) from its Taylor series, which at |x-a| <= 1/64 has
// converged, tanh(x) = (T + D)/(1 + T·D).
func tanh(x []float64) {
	for k, v := range x {
		size := math.Abs(v)
		if !(size < tanhLimit) {
			if v == v {
				x[k] = math.Copysign(1, v)
			}
			continue
		}
		i := int32(size*tanhSteps + 0.5)
		d := size - float64(i)*(1.0/tanhSteps)
		s := d * d
		d *= 1 - s*(1./3-s*(2./15-s*(17./315-s*(62./2835))))
		a := tanhTable[i]
		x[k] = math.Copysign((a+d)/(1+a*d), v)
	}
}
