package scene

import "math"

// RoundT brings t to the hundredth that page and picture write. What stands is such a t; under a hand in the picture it moves freely.
func RoundT(t float64) float64 { return math.Round(t*100) / 100 }

// Length is the length in tokens that t stands for, by the t that is written.
func Length(t float64, window int) int { return int(math.Round(RoundT(t) * float64(window))) }
