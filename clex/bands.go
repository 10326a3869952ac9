package clex

import (
	"fmt"
	"math"
)

// Band is a range of frequencies by how often they turn in the trained window.
type Band uint8

const (
	// HighBand turns at least 32 times: it tells near tokens apart.
	HighBand Band = iota
	// MiddleBand turns more than once and less than 32 times.
	MiddleBand
	// LowBand turns once at most: past the window it meets angles never trained.
	LowBand
)

// String returns "high", "middle" or "low".
func (b Band) String() string { return [...]string{"high", "middle", "low"}[min(b, LowBand)] }

// The bounds are YaRN's β and α (arXiv 2309.00071, section 3.2).
const (
	highBandTurns = 32
	lowBandTurns  = 1
)

// BandOf tells which band a plain inverse frequency theta belongs to in a window.
func BandOf(theta float64, window int) Band {
	switch r := turns(theta, window); {
	case r >= highBandTurns:
		return HighBand
	case r > lowBandTurns:
		return MiddleBand
	}
	return LowBand
}

// BandMove tells how far a scheme moves the frequencies of one band.
type BandMove struct {
	Band Band
	// Count is how many frequencies the band has.
	Count int
	// Mean is the geometric mean of θ(t)/θ, Min and Max the extremes: 1 is untouched,
	// 1/t is full position interpolation. All 0 in an empty band.
	Mean, Min, Max float64
}

// BandMoves summarises how an encoding moves the frequencies of r, from the high band to the low.
// The encoding must have been filled by a scheme of the same geometry.
func BandMoves(r Rotary, e *Encoding) ([3]BandMove, error) {
	moves := [3]BandMove{{Band: HighBand}, {Band: MiddleBand}, {Band: LowBand}}
	s, err := NewPlain(r, Options{})
	if err != nil {
		return moves, err
	}
	if e == nil || len(e.InvFreq) != r.Pairs() {
		return moves, fmt.Errorf("clex: bands of an encoding without %d inverse frequencies", r.Pairs())
	}
	for i, theta := range s.theta {
		m, ratio := &moves[BandOf(theta, r.Window)], e.InvFreq[i]/theta
		if m.Count == 0 {
			m.Min, m.Max = ratio, ratio
		}
		m.Count++
		m.Mean += math.Log(ratio)
		m.Min, m.Max = min(m.Min, ratio), max(m.Max, ratio)
	}
	for i := range moves {
		if m := &moves[i]; m.Count > 0 {
			m.Mean = math.Exp(m.Mean / float64(m.Count))
		}
	}
	return moves, nil
}
