package train

import (
	"math"

	"clexlab/clex"
)

// logTime is a CLEX field over s = 1 + ln t instead of t: dz/ds = t·dz/dt. Its prior's rate falls
// like 1/t, so that steps of one size in s, which grow with t, do for t = 64 or 256 what steps of one
// size in t do at many times the cost.
type logTime struct{ clex.Parametric }

// stretched is the s of a length scaling factor.
func stretched(t float64) float64 { return 1 + math.Log(t) }

// Rate implements clex.Term.
func (f logTime) Rate(dst []float64, s float64, z []float64) {
	t := math.Exp(s - 1)
	f.Parametric.Rate(dst, t, z)
	for i := range dst {
		dst[i] *= t
	}
}

// JVP implements clex.VectorField.
func (f logTime) JVP(dst []float64, s float64, z, v []float64) {
	t := math.Exp(s - 1)
	f.Parametric.JVP(dst, t, z, v)
	for i := range dst {
		dst[i] *= t
	}
}

// VJP implements clex.VectorField.
func (f logTime) VJP(dst []float64, s float64, z, w []float64) {
	t := math.Exp(s - 1)
	f.Parametric.VJP(dst, t, z, w)
	for i := range dst {
		dst[i] *= t
	}
}

// AccumulateVJP implements clex.Parametric.
func (f logTime) AccumulateVJP(dst, grad []float64, scale, s float64, z, w []float64) {
	t := math.Exp(s - 1)
	f.Parametric.AccumulateVJP(dst, grad, scale*t, t, z, w)
	for i := range dst {
		dst[i] *= t
	}
}
