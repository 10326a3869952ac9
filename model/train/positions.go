package train

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// sampler writes increasing positions for one row: len(dst) of them inside
// 0 … span-1, span >= len(dst). In starts are the places, in order and above 0,
// at which a sentence of the row begins.
type sampler func(dst []float64, span int, starts []int, c PositionChoice, rng *rand.Rand)

// samplers are the ways to give a short window far positions.
var samplers = map[string]sampler{
	"contiguous": contiguous,
	"drawn":      drawn,
	"randomized": randomized,
	"chunks":     chunks,
	"pose":       pose,
	"offset":     offset,
	"sentences":  sentences,
}

func (c PositionChoice) check(window int) error {
	if samplers[c.Sampler] == nil {
		return fmt.Errorf("sampler %q is unknown (contiguous, drawn, randomized, chunks, pose, offset, sentences)", c.Sampler)
	}
	if !(c.Share > 0 && c.Share <= 1) {
		return fmt.Errorf("share is %v, must be above 0 and at most 1", c.Share)
	}
	if (c.Sampler == "chunks" || c.Sampler == "pose") && (c.MinChunks < 2 || c.MaxChunks < c.MinChunks || c.MaxChunks > window) {
		return fmt.Errorf("chunks %d … %d must lie in 2 … %d", c.MinChunks, c.MaxChunks, window)
	}
	if c.Sampler == "offset" && window <= sinks {
		return fmt.Errorf("sampler offset leaves the first %d positions and moves the others: rows of %d tokens stay as they are", sinks, window)
	}
	return nil
}

// contiguous is 0, 1, 2 …
func contiguous(dst []float64, _ int, _ []int, _ PositionChoice, _ *rand.Rand) {
	for i := range dst {
		dst[i] = float64(i)
	}
}

// drawn is CLEX's own sampler (arXiv 2310.16450, reference code): 0, span-1 and
// the rest drawn between them without replacement.
func drawn(dst []float64, span int, _ []int, _ PositionChoice, rng *rand.Rand) {
	n := len(dst)
	dst[0] = 0
	if n == 1 {
		return
	}
	dst[n-1] = float64(span - 1)
	choose(dst[1:n-1], 1, span-2, rng)
}

// randomized draws all positions without replacement (Ruoss et al. 2023, arXiv 2305.16843).
func randomized(dst []float64, span int, _ []int, _ PositionChoice, rng *rand.Rand) {
	choose(dst, 0, span, rng)
}

// choose writes len(dst) distinct integers of from … from+n-1 in order, each
// subset equally likely (Knuth's selection sampling, algorithm S).
func choose(dst []float64, from, n int, rng *rand.Rand) {
	k := 0
	for i := 0; k < len(dst); i++ {
		if rng.IntN(n-i) < len(dst)-k {
			dst[k] = float64(from + i)
			k++
		}
	}
}

// chunks cuts the row into runs of neighbouring positions with random skips
// between them. The first run starts at 0 and the last ends at span-1, so that every row has the
// span's full distance.
func chunks(dst []float64, span int, _ []int, c PositionChoice, rng *rand.Rand) {
	skips := drawSkips(len(dst), span, c, rng)
	skips[len(skips)-1] = span - len(dst)
	slices.Sort(skips)
	runs(dst, skips, rng)
}

// pose is PoSE's sampler (arXiv 2309.10400, equation 3): chunks whose last skip is random
// as well, so that with two of them every distance occurs.
func pose(dst []float64, span int, _ []int, c PositionChoice, rng *rand.Rand) {
	skips := drawSkips(len(dst), span, c, rng)
	slices.Sort(skips)
	runs(dst, skips, rng)
}

// drawSkips draws how many positions are skipped before each run, in no order
// yet: none before the first, then between 0 and all.
func drawSkips(n, span int, c PositionChoice, rng *rand.Rand) []int {
	skips := make([]int, min(n, c.MinChunks+rng.IntN(c.MaxChunks-c.MinChunks+1)))
	for i := 1; i < len(skips); i++ {
		skips[i] = rng.IntN(span - n + 1)
	}
	return skips
}

// runs writes len(skips) runs of random lengths.
func runs(dst []float64, skips []int, rng *rand.Rand) {
	cuts := make([]float64, len(skips)-1)
	choose(cuts, 1, len(dst)-1, rng)
	run := 0
	for i := range dst {
		for run < len(cuts) && float64(i) >= cuts[run] {
			run++
		}
		dst[i] = float64(i + skips[run])
	}
}

// sinks is how many first positions E2-LLM leaves in place: those that much attention rests on
// (attention sinks, Xiao et al. 2024, arXiv 2309.17453).
const sinks = 4

// offset is E2-LLM's augmentation of position indices (arXiv 2401.06951): the first four stay and
// all others move by one offset, drawn anew for each row, so that they see those four from anywhere in the
// span. Moving all of them alike would change nothing: rotary attention sees distances only.
func offset(dst []float64, span int, _ []int, _ PositionChoice, rng *rand.Rand) {
	start := rng.IntN(span - len(dst) + 1)
	for i := range dst {
		dst[i] = float64(i)
		if i >= sinks {
			dst[i] += float64(start)
		}
	}
}

// sentences is LongRecipe's transformation of position indices (arXiv 2409.00509 and
// its code): the first r tokens, r drawn from 1 to half of the row, stay together, then each sentence is a
// run of neighbouring positions, and the skips before them are such that every set of places is
// equally likely.
func sentences(dst []float64, span int, starts []int, _ PositionChoice, rng *rand.Rand) {
	if head := 1 + rng.IntN(max(1, len(dst)/2)); len(starts) > 0 {
		i, _ := slices.BinarySearch(starts, head)
		starts = starts[i:]
	}
	// With its sentences shrunk to one place each the row has len(starts)+1 of them.
	places := make([]float64, len(starts)+1)
	choose(places[1:], 1, span-len(dst)+len(starts), rng)
	run := 0
	for i := range dst {
		if run < len(starts) && i == starts[run] {
			run++
		}
		dst[i] = float64(i-run) + places[run]
	}
}
