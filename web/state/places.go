package state

import "clexlab/wasm/wire/jobs"

// HeldShown are the losses of the held text that there are to see, with how many steps the run was to make: those of the
// training at hand, or, before one, of the training that this browser keeps.
func (t *Training) HeldShown() (held []HeldAt, steps int) {
	if len(t.Held) == 0 && t.Job == 0 && t.Kept != nil {
		return t.Kept.Held, t.Kept.Steps
	}
	return t.Held, t.Steps
}

// PlacesShown are the readings whose losses are known by place: that of before the first step and the latest after one, each
// nil where there is none.
func (t *Training) PlacesShown() (before, latest *HeldAt) {
	held, _ := t.HeldShown()
	for i := range held {
		switch h := &held[i]; {
		case len(h.Places) != jobs.HeldPieces || len(h.Losses) == 0 || h.Losses[0].Length < 1 || h.Losses[len(h.Losses)-1].Length < jobs.HeldPieces:
			// What a browser keeps may be damaged.
		case h.Step == 0:
			before = h
		default:
			latest = h
		}
	}
	return before, latest
}

// MeanPlaces is the mean loss of the tokens from … to, counted from 0 and bounds of pieces, of a reading's n tokens; the first
// token of a text has no loss.
func MeanPlaces(places []float64, n, from, to int) float64 {
	each := n / jobs.HeldPieces
	sum, count := 0.0, 0
	for k := from / each; k < to/each; k++ {
		tokens := each
		if k == 0 {
			tokens--
		}
		sum, count = sum+places[k]*float64(tokens), count+tokens
	}
	return sum / float64(max(1, count))
}
