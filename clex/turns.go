package clex

import "math"

// Wavelength is 2π/θ: the tokens after which a pair with inverse frequency theta repeats.
func Wavelength(theta float64) float64 { return 2 * math.Pi / theta }

// Wavelengths fills dst with 2π/θ_i in tokens, for each inverse frequency.
func Wavelengths(dst, invFreq []float64) {
	for i, theta := range invFreq {
		dst[i] = Wavelength(theta)
	}
}

// turns is how often a pair turns in a window of that many tokens.
func turns(theta float64, window int) float64 {
	return float64(window) * theta / (2 * math.Pi)
}

// Incomplete counts the frequencies that never complete a turn in a window:
// dimensions whose angles past the window attention has not seen in training.
func Incomplete(invFreq []float64, window int) int {
	n := 0
	for _, theta := range invFreq {
		if turns(theta, window) < 1 {
			n++
		}
	}
	return n
}
