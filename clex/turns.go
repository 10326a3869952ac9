package clex

import "math"

// Wavelength is 2π/θ: the tokens after which a pair with inverse frequency theta repeats.
func Wavelength(theta float64) float64 { return 2 * math.Pi / theta }

// turns is how often a pair turns in a window of that many tokens.
func turns(theta float64, window int) float64 {
	return float64(window) * theta / (2 * math.Pi)
}
